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
            raise CannotHear(
                told["missing"],
                advice="Give captions with the video, or let CLIPWIRE_WHISPER_MODEL name a model that is here"
                " (CLIPWIRE_WHISPER_DOWNLOAD=true fetches it)",
            )
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


def _word(text: str, start: float, end: float, probability: float) -> Word:
    start = max(0.0, start)
    return Word(text=text, start=start, end=max(start, end), confidence=min(1.0, max(0.0, probability)))
