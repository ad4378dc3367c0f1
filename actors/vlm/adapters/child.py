"""The child process that looks at one clip. Its request is a `Job`, its result a `Sight`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from actors.vlm.adapters.job import Job
from runtime.children import Say, limit_memory, serve_child
from runtime.errors import Reject

_SOUND_SHARE = 0.05
"""Share of the whole work that listening is."""


def work(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """One job. Raises `Reject` for media that can't be analysed, and where the memory limit does not suffice."""
    job = Job.model_validate(request)
    limit_memory(job.memory_mb)
    try:
        return look(job, say)
    except MemoryError:
        raise Reject(
            f"the analysis of the clip needs more than {job.memory_mb} MB",
            advice="Raise CLIPWIRE_VLM_MEMORY_MB, or make the picture smaller and give it again",
        ) from None


def look(job: Job, say: Say) -> dict[str, Any]:
    """Listen, look, and put together what was found, in this process."""
    import cv2

    from actors.vlm.adapters.assemble import assemble
    from actors.vlm.adapters.seeing import see
    from actors.vlm.adapters.sound import listen

    cv2.setNumThreads(1)
    reporter = _Reporter(job.duration, say)
    path = Path(job.path)
    heard = listen(path, lambda t: reporter.report(t, 0.0, _SOUND_SHARE, "listening"))
    seen = see(
        path,
        duration=job.duration,
        faces_per_s=job.faces_per_s,
        threads=job.threads,
        every_frame=job.every_frame,
        progress=lambda t: reporter.report(t, _SOUND_SHARE, 1.0, "looking"),
    )
    return assemble(job, seen, heard).model_dump(mode="json")


class _Reporter:
    """Says how far the work is, twice a second."""

    def __init__(self, duration: float, say: Say) -> None:
        self._duration = max(duration, 0.1)
        self._say = say
        self._next = 0.0

    def report(self, t: float, low: float, high: float, note: str) -> None:
        """`t` seconds of the clip are done in the part of the work between the shares `low` and `high`."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.5
            self._say({"done": round(low + (high - low) * min(1.0, t / self._duration), 3), "note": note})


if __name__ == "__main__":
    serve_child(work)
