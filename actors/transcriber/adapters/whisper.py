"""Speech recognition by faster-whisper, in a child process: it can be killed, and its memory goes when it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from actors.transcriber.core.heard import HeardPart
from actors.transcriber.core.stitch import Part, parted
from actors.transcriber.ports import CannotHear, Kept, Recording, Tell
from actors.transcriber.settings import TranscriberSettings
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Retry

__all__ = ["WhisperRecognizer"]

_WINDOW_S = 30.0  # what the model listens to at a time
_APART_S = 5.0  # of silence: cheaper to begin anew than to listen to


class WhisperRecognizer:
    """See `Recognizer`."""

    def __init__(self, settings: TranscriberSettings) -> None:
        self._settings = settings
        self._free = asyncio.Semaphore(settings.whisper_parallel)

    @property
    def name(self) -> str:
        """See `Recognizer.name`."""
        return "faster-whisper"

    @property
    def model(self) -> str:
        """See `Recognizer.model`."""
        return f"faster-whisper:{Path(self._settings.whisper_model).name}"

    async def ready(self) -> None:
        """See `Recognizer.ready`. Fetches the model where that is allowed."""
        await self._run([], None, "the speech model", {})

    async def recognize(self, recording: Recording, kept: Kept, tell: Tell) -> Sequence[HeardPart]:
        """See `Recognizer.recognize`."""
        parts = parted(recording.speech, recording.duration, longest=_WINDOW_S, apart=_APART_S)
        heard = {part: there for part in parts if (there := await kept.get(part)) is not None}
        left = [part for part in parts if part not in heard]

        async def progressed(message: dict[str, Any]) -> None:
            if "part" in message:
                new = HeardPart(**message["part"], method=self.model)
                heard[Part(new.start, new.end)] = new
                await kept.put(new)
            else:
                await tell(message["done"], message["note"], message["eta_s"])

        if left:
            before = [there.language for there in heard.values() if there.language]
            language = before[-1] if before else recording.language
            about = {"path": str(recording.media), "until": recording.duration, "language": language}
            async with self._free:
                await self._run(left, progressed, recording.media.name, about)
        return [heard[part] for part in parts]

    async def _run(self, parts: Sequence[Part], progressed: Any, what: str, about: dict[str, Any]) -> None:
        s = self._settings
        try:
            told = await run_child(
                "actors.transcriber.adapters.listen",
                {**self._request(), **about, "parts": [[part.start, part.end] for part in parts]},
                timeout_s=s.whisper_timeout_s,
                progressed=progressed,
                env={} if s.whisper_download else {"HF_HUB_OFFLINE": "1"},
            )
        except ChildTimeoutError:
            raise CannotHear(
                f"{self.model} took longer than {s.whisper_timeout_s:g} seconds for {what}",
                advice="Give captions, a smaller CLIPWIRE_WHISPER_MODEL, or a larger CLIPWIRE_WHISPER_TIMEOUT_S",
            ) from None
        except ChildCrashError as error:
            raise Retry(
                f"Listening to {what} failed: {error.what}",
                after=60,
                advice="A smaller CLIPWIRE_WHISPER_MODEL or CLIPWIRE_WHISPER_BATCH needs less memory, "
                "CLIPWIRE_WHISPER_MEMORY_MB allows more; "
                "CLIPWIRE_WHISPER_DEVICE=cpu needs no graphics card",
            ) from None
        if "missing" in told:
            raise self._deaf(told["missing"], told.get("detail", ""))

    def _request(self) -> dict[str, Any]:
        s = self._settings
        return {
            "model": s.whisper_model,
            "model_dir": str(s.whisper_model_dir) if s.whisper_model_dir else None,
            "download": s.whisper_download,
            "device": s.whisper_device,
            "compute": s.whisper_compute,
            "threads": s.whisper_threads,
            "beam": s.whisper_beam,
            "batch": s.whisper_batch,
            "memory_mb": s.whisper_memory_mb,
        }

    def _deaf(self, missing: str, detail: str) -> CannotHear:
        """What is missing, and what would help."""
        s = self._settings
        where = s.whisper_model_dir or "Hugging Face's folder in the user's cache"
        there = (
            "Set CLIPWIRE_WHISPER_MODEL_DIR to the folder that has it, or CLIPWIRE_WHISPER_DOWNLOAD=true to fetch it"
        )
        if missing == "model" and s.whisper_download:
            what = f"The speech model {s.whisper_model!r} is not in {where} and could not be downloaded"
            there = "Check the connection to huggingface.co, or set CLIPWIRE_WHISPER_MODEL_DIR to a folder that has it"
        elif missing == "model":
            what = f"The speech model {s.whisper_model!r} is not in {where}"
        elif missing == "name":
            what = f"There is no speech model {s.whisper_model!r}"
            there = "Let CLIPWIRE_WHISPER_MODEL be a name such as `small`, or a folder with a faster-whisper model"
        elif missing == "package":
            what, there = "faster-whisper is not installed", "Install Clipwire's extra `transcriber`"
        elif missing == "memory":
            what = f"The speech model {s.whisper_model!r} needs more than {s.whisper_memory_mb} MB"
            there = "Let CLIPWIRE_WHISPER_MODEL name a smaller one, or CLIPWIRE_WHISPER_MEMORY_MB allow more"
        else:
            what = f"The speech model {s.whisper_model!r} cannot be loaded ({detail})"
            there = "Fetch it again, or let CLIPWIRE_WHISPER_MODEL name another one"
        return CannotHear(what, advice=there)
