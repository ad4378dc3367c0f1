"""The child process that looks at one clip: a job as JSON on standard input, answers as JSON lines on its output.

`{"progress": 0.4}` any number of times, then one of `{"sight": …}` and
`{"reject": [what, advice]}`. It ends with its parent.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from actors.vlm.adapters.assemble import assemble
from actors.vlm.adapters.job import Job
from runtime.errors import Reject

_PR_SET_PDEATHSIG = 1
_SOUND_SHARE = 0.1
"""Share of the whole work that listening is."""


def main() -> int:
    """One job; the exit code is 0 when it was answered."""
    job = Job.model_validate_json(sys.stdin.buffer.readline())
    _end_with(job.parent)
    _limit(job.memory_mb)
    try:
        _say({"sight": _look(job)})
    except Reject as error:
        _say({"reject": [error.what, error.advice]})
    except MemoryError:
        _say({"reject": [f"the analysis of the clip needs more than {job.memory_mb} MB", _MORE_MEMORY]})
    return 0


_MORE_MEMORY = "Raise CLIPWIRE_VLM_MEMORY_MB, or make the picture smaller and give it again"


def _look(job: Job) -> dict[str, Any]:
    import cv2

    from actors.vlm.adapters.picture import see
    from actors.vlm.adapters.sound import listen

    cv2.setNumThreads(1)  # the decoder has its own threads; more only fight for the same cores
    reporter = _Reporter(job.duration)
    path = Path(job.path)
    heard = listen(path, lambda t: reporter.report(t, 0.0, _SOUND_SHARE, "listening"))
    seen = see(
        path,
        duration=job.duration,
        faces_per_s=job.faces_per_s,
        threads=job.threads,
        progress=lambda t: reporter.report(t, _SOUND_SHARE, 1.0, "looking"),
    )
    return assemble(job, seen, heard).model_dump(mode="json")


class _Reporter:
    """Says how far the work is, twice a second."""

    def __init__(self, duration: float) -> None:
        self._duration = max(duration, 0.1)
        self._next = 0.0

    def report(self, t: float, low: float, high: float, note: str) -> None:
        """`t` seconds of the clip are done in the part of the work between the shares `low` and `high`."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.5
            _say({"progress": round(low + (high - low) * min(1.0, t / self._duration), 3), "note": note})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
    sys.stdout.buffer.flush()


def _end_with(parent: int) -> None:
    """Die when the parent dies: by the kernel where it can (Linux, prctl(2)), else when standard input closes."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before prctl
            os._exit(1)

    def watch() -> None:
        # os.read, not sys.stdin: the interpreter's own lock on it would be held at exit.
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _limit(megabytes: int) -> None:
    """A ceiling for the address space, so that a hostile file hurts nobody else. Windows has no such limit."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = megabytes << 20
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


if __name__ == "__main__":
    sys.exit(main())
