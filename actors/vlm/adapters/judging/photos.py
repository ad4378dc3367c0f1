"""The `Photographer` of this machine: a child process per clip, as for the analysis."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from actors.vlm.settings import VlmSettings
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Retry

__all__ = ["Photos"]

_CHILD = "actors.vlm.adapters.judging.photos_child"
_TIMEOUT_S = 60.0


class Photos:
    """See `Photographer`."""

    def __init__(self, settings: VlmSettings) -> None:
        self._memory_mb = settings.vlm_memory_mb

    async def take(self, path: Path, times: Sequence[float]) -> tuple[bytes, ...]:
        """See `Photographer.take`."""
        request = {"path": str(path), "times": list(times), "memory_mb": self._memory_mb}
        try:
            answer = await run_child(_CHILD, request, timeout_s=_TIMEOUT_S)
        except (ChildTimeoutError, ChildCrashError) as error:
            raise Retry(f"no pictures could be taken out of the clip: {error.what}") from error
        return tuple(base64.b64decode(picture) for picture in answer["pictures"])
