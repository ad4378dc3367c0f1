"""Where somebody speaks in a recording, found out in a child process before any recognizer is asked."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path
from typing import Any

from actors.transcriber.core.envelope import Envelope
from actors.transcriber.ports import CannotHear, Tell
from actors.transcriber.settings import TranscriberSettings
from contracts.media import Stretch
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Reject, Retry

__all__ = ["Soundings"]


class Soundings:
    """Finds speech by Silero's model, or with `whisper_vad` off whatever is loud; and how loud its voices are."""

    def __init__(self, settings: TranscriberSettings) -> None:
        self._settings = settings

    @property
    def model(self) -> str:
        """What tells speech from the rest."""
        return "silero" if self._settings.whisper_vad else "level"

    async def speech(self, media: Path, duration: float, tell: Tell) -> tuple[Stretch, ...]:
        """The stretches of speech in the sound of a file, in order. Raises `CannotHear`, `Retry`."""
        told = await self._told("hearing", media, {"duration": duration, "vad": self._settings.whisper_vad}, tell)
        return tuple(Stretch(start=start, end=end) for start, end in told["speech"])

    async def envelope(self, media: Path, duration: float, tell: Tell) -> Envelope:
        """How loud the voice band is; without levels where there is no sound. Raises `CannotHear`, `Retry`."""
        told = await self._told("levels", media, {"duration": duration}, tell)
        return Envelope(zlib.decompress(base64.b64decode(told["levels"])))

    async def _told(self, child: str, media: Path, request: dict[str, Any], tell: Tell) -> dict[str, Any]:
        async def progressed(message: dict[str, Any]) -> None:
            await tell(message["done"], "looking for speech", None)

        s = self._settings
        try:
            return await run_child(
                f"actors.transcriber.adapters.{child}",
                {"path": str(media), "memory_mb": s.transcriber_memory_mb, **request},
                timeout_s=s.transcriber_sound_timeout_s,
                progressed=progressed,
                env={"OPENBLAS_NUM_THREADS": "1"},
            )
        except ChildTimeoutError:
            raise CannotHear(
                f"Reading the sound of {media.name} took longer than {s.transcriber_sound_timeout_s:g} seconds",
                advice="Give captions, or a larger CLIPWIRE_TRANSCRIBER_SOUND_TIMEOUT_S",
            ) from None
        except Reject as error:
            raise CannotHear(error.what, advice=error.advice) from None
        except ChildCrashError as error:
            raise Retry(f"Reading the sound of {media.name} failed: {error.what}", after=60) from None
