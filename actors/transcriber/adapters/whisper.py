"""Speech recognition by faster-whisper, in a child process: it can be killed, and its memory goes when it is done."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from actors.transcriber.ports import CannotHear, Heard, Tell
from actors.transcriber.settings import TranscriberSettings
from contracts.media import Word
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Reject, Retry

__all__ = ["WhisperRecognizer"]

_CAPTIONS = "give captions: a .srt, .vtt or .json3 of the same name beside the video, or `--captions FILE`"


class WhisperRecognizer:
    """See `Recognizer`."""

    def __init__(self, settings: TranscriberSettings) -> None:
        self._settings = settings
        self._free = asyncio.Semaphore(settings.whisper_parallel)

    @property
    def model(self) -> str:
        """See `Recognizer.model`."""
        return f"faster-whisper:{Path(self._settings.whisper_model).name}"

    async def recognize(self, media: Path, *, language: str | None, tell: Tell) -> Heard:
        """See `Recognizer.recognize`."""

        async def progressed(message: dict[str, Any]) -> None:
            await tell(message["done"], message["note"], message["eta_s"])

        s = self._settings
        async with self._free:
            try:
                told = await run_child(
                    "actors.transcriber.adapters.listen",
                    self._request(media, language),
                    timeout_s=s.whisper_timeout_s,
                    progressed=progressed,
                    env={} if s.whisper_download else {"HF_HUB_OFFLINE": "1"},
                )
            except ChildTimeoutError:
                raise Reject(
                    f"Listening to {media.name} took longer than {s.whisper_timeout_s:g} seconds",
                    advice="Give captions, a smaller CLIPWIRE_WHISPER_MODEL, or a larger CLIPWIRE_WHISPER_TIMEOUT_S",
                ) from None
            except ChildCrashError as error:
                raise Retry(f"Listening to {media.name} failed: {error.what}", after=60) from None
        if "missing" in told:
            raise self._deaf(told["missing"], told.get("detail", ""))
        words = tuple(_word(*word) for word in told["words"] if word[0])
        return Heard(words=words, language=told["language"], method=self.model)

    def _request(self, media: Path, language: str | None) -> dict[str, Any]:
        s = self._settings
        return {
            "path": str(media),
            "language": language,
            "model": s.whisper_model,
            "model_dir": str(s.whisper_model_dir) if s.whisper_model_dir else None,
            "download": s.whisper_download,
            "device": s.whisper_device,
            "compute": s.whisper_compute,
            "threads": s.whisper_threads,
            "beam": s.whisper_beam,
            "vad": s.whisper_vad,
        }

    def _deaf(self, missing: str, detail: str) -> CannotHear:
        """What is missing, and what would give captions."""
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
        else:
            what = f"The speech model {s.whisper_model!r} cannot be loaded ({detail})"
            there = "Fetch it again, or let CLIPWIRE_WHISPER_MODEL name another one"
        return CannotHear(what, advice=f"{there}; or {_CAPTIONS}")


def _word(text: str, start: float, end: float, probability: float) -> Word:
    start = max(0.0, start)
    return Word(text=text, start=start, end=max(start, end), confidence=min(1.0, max(0.0, probability)))
