"""The child process that looks at one clip. Its request is a `Job`, its result a `Sight`."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.job import Job
from runtime.child import Say, limit_memory, serve_child
from runtime.errors import Reject

if TYPE_CHECKING:
    from actors.vlm.adapters.seeing import Seen


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
    """Look, listen meanwhile, and put together what was found, in this process."""
    from actors.vlm.adapters.sound.listen import listen

    path = Path(job.path)
    with ThreadPoolExecutor(1, "listener") as listener:
        hearing = listener.submit(listen, path, lambda t: None)  # takes a tenth of the time that looking does
        seen = _seen(path, job, say)
        heard = hearing.result()
    from actors.vlm.adapters.assemble import assemble

    return assemble(job, seen, heard).model_dump(mode="json")


def _seen(path: Path, job: Job, say: Say) -> Seen:
    """What is needed for looking takes a third of a second to load: the other core listens already."""
    import cv2

    from actors.vlm.adapters.seeing import see

    cv2.setNumThreads(1)
    return see(
        path,
        duration=job.duration,
        faces_per_s=job.faces_per_s,
        threads=job.threads,
        every_frame=job.every_frame,
        progress=_Reporter(job.duration, say).report,
    )


class _Reporter:
    """Says how far the work is, twice a second."""

    def __init__(self, duration: float, say: Say) -> None:
        self._duration = max(duration, 0.1)
        self._say = say
        self._next = 0.0

    def report(self, t: float) -> None:
        """`t` seconds of the clip were looked at."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.5
            self._say({"done": round(min(1.0, t / self._duration), 3), "note": "looking and listening"})


if __name__ == "__main__":
    serve_child(work)
