"""The `Analyzer` of this machine: a child process per clip, so that it can be limited, killed, and crash alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from actors.vlm.adapters.job import METHOD, Job
from actors.vlm.ports import Progress, Sight
from actors.vlm.settings import VlmSettings
from contracts.media import Clip
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Reject, Retry

__all__ = ["LocalAnalyzer"]

_CHILD = "actors.vlm.adapters.child"
SLOW = 20
"""Frames a second below which every frame is looked at: the first one of a shot might be skipped else."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""The decoder has its own threads; more only fight for the same cores."""


class LocalAnalyzer:
    """Cuts, brightness, motion, colours, faces and loudness by PyAV and OpenCV."""

    def __init__(self, settings: VlmSettings) -> None:
        self._settings = settings

    @property
    def method(self) -> str:
        """See `Analyzer.method`."""
        return METHOD

    async def look(self, path: Path, clip: Clip, progress: Progress) -> Sight:
        """See `Analyzer.look`."""

        async def progressed(said: dict[str, Any]) -> None:
            await progress(said["done"], said["note"])

        job = self._job(path, clip)
        try:
            answer = await run_child(
                _CHILD,
                job.model_dump(),
                timeout_s=self._settings.vlm_timeout_s,
                progressed=progressed,
                env=_ONE_THREAD,
            )
        except ChildTimeoutError:
            raise Reject(
                f"the analysis of {clip.clip_id} took longer than {self._settings.vlm_timeout_s:g} s",
                advice="Raise CLIPWIRE_VLM_TIMEOUT_S, or give a shorter clip",
            ) from None
        except ChildCrashError as error:
            raise Retry(
                f"the analysis of {clip.clip_id} crashed: {error.what}",
                advice="If it happens again, raise CLIPWIRE_VLM_MEMORY_MB or give the clip in another format",
            ) from error
        return Sight.model_validate(answer)

    def _job(self, path: Path, clip: Clip) -> Job:
        settings = self._settings
        return Job(
            path=str(path),
            made_from=clip.media.sha256,
            duration=clip.duration,
            faces_per_s=settings.vlm_faces_per_s,
            threads=settings.vlm_threads,
            every_frame=clip.variable_fps or clip.fps < SLOW,
            memory_mb=settings.vlm_memory_mb,
        )
