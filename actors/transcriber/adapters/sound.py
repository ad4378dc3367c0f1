"""The envelope of a clip's sound, taken in a child process: hostile media can hang or crash nothing but that."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from actors.transcriber.core.envelope import Envelope
from runtime.children import ChildCrashError, ChildTimeoutError, run_child

__all__ = ["SoundReader"]


class SoundReader:
    """Reads how loud the voice band is. `timeout_s`: seconds that one clip may take; `memory_mb`: MiB of the child."""

    def __init__(self, *, timeout_s: float = 1800.0, memory_mb: int = 1024) -> None:
        self._timeout_s = timeout_s
        self._memory_mb = memory_mb

    async def envelope(self, media: Path, tell: Callable[[float], Awaitable[None]] | None = None) -> Envelope | None:
        """The envelope; None where there is no sound that can be decoded. `tell` gets the second that is reached."""

        async def progressed(said: dict[str, Any]) -> None:
            if tell is not None:
                await tell(said["at"])

        try:
            answer = await run_child(
                "actors.transcriber.adapters.sound_child",
                {"path": str(media), "memory_mb": self._memory_mb},
                timeout_s=self._timeout_s,
                progressed=progressed,
                env={"OPENBLAS_NUM_THREADS": "1"},
            )
        except (ChildCrashError, ChildTimeoutError):
            return None  # captions are as good without it as they were: only not aligned
        levels = zlib.decompress(base64.b64decode(answer["levels"]))
        return Envelope(levels) if levels else None
