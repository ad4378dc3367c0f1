"""The child process of one render: an order on standard input, progress and the outcome as JSON on standard output.

`python -m actors.renderer.adapters.job`. It ends with its parent: standard input is held open by it, and where the
kernel can, it kills us itself.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from actors.renderer.ports import Job
from runtime.errors import Reject

__all__ = ["Order", "main"]

NICENESS = 5
MEMORY_SUSPECT = 0.7
"""Share of the address space from which on a breakdown is taken for a lack of memory."""
_PR_SET_PDEATHSIG = 1


class Order(BaseModel):
    """What the child is told."""

    job: Job
    video: Path
    thumbnail: Path
    memory_mb: int
    max_pixels: int
    fonts: Path | None = None
    parent: int


def main() -> int:
    """Render one order. 0: the last line is the outcome, a refusal too; else standard error says how it broke down."""
    order = Order.model_validate_json(_line())
    _end_with(order.parent)
    _limit(order.memory_mb)
    try:
        outcome = {"rendered": _render(order)}
    except Reject as refusal:
        outcome = {"refused": {"what": refusal.what, "advice": refusal.advice, "field": refusal.field}}
    except Exception as error:  # each library says in its own way that memory was denied; anything else goes on
        if not isinstance(error, MemoryError) and _peak_mb() < MEMORY_SUSPECT * order.memory_mb:
            raise
        what = f"The render needs more than {order.memory_mb} MiB of memory ({type(error).__name__})"
        advice = "Raise CLIPWIRE_RENDERER_MEMORY_MB, or give a source of fewer pixels"
        outcome = {"refused": {"what": what, "advice": advice, "field": None}}
    _say(outcome)
    return 0


def _render(order: Order) -> dict[str, Any]:
    from actors.renderer.adapters.short import Limits, make_short

    limits = Limits(order.max_pixels, order.fonts)
    rendered = make_short(
        order.job, order.video, order.thumbnail, limits, lambda done, eta: _say({"done": done, "eta_s": eta})
    )
    return rendered.model_dump(mode="json")


def _line() -> bytes:
    """The order: the first line of standard input, read without a buffer so that the watch below sees the rest."""
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(0, 65536)
        if not piece:
            raise SystemExit("the order ended early")
        line += piece
    return bytes(line)


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _end_with(parent: int) -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(1)

    def watch() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _limit(memory_mb: int) -> None:
    """Bound the memory, make no core dump, and leave the processor to whoever is in a hurry."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)


def _peak_mb() -> float:
    """The most address space that this process ever had, in MiB; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmPeak:")), 0.0)


if __name__ == "__main__":
    sys.exit(main())
