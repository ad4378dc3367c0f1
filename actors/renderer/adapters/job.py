"""The child process of one render: `python -m actors.renderer.adapters.job`. Its request is an `Order`."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from actors.renderer.ports import Job, Output
from runtime.child import Say, limit_memory, serve_child
from runtime.errors import Reject, Unavailable

__all__ = ["Order", "work"]

FULL = (errno.ENOSPC, errno.EDQUOT)
NICENESS = 5
MEMORY_SUSPECT = 0.7
"""Share of the address space from which on a breakdown is taken for a lack of memory."""


class Order(BaseModel):
    """What the child is told."""

    job: Job
    outputs: tuple[Output, ...]
    memory_mb: int
    max_pixels: int
    fonts: Path | None = None
    encoder: str = "auto"


def work(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """Render one order; the `Rendered` as JSON.

    Raises `Reject` for what can't be rendered within the limits, `Unavailable` where a disk is full.
    """
    order = Order.model_validate(request)
    limit_memory(order.memory_mb)
    if hasattr(os, "nice"):
        os.nice(NICENESS)  # the processor goes to whoever is in a hurry
    try:
        return _render(order, say)
    except Reject:
        raise
    except Exception as error:  # each library says in its own way what was denied; anything else goes on
        if getattr(error, "errno", None) in FULL:
            raise Unavailable(
                "There is no room for what is rendered: the disk is full",
                advice="Make room where shorts go, and where temporary files go",
            ) from error
        if not isinstance(error, MemoryError) and _peak_mb() < MEMORY_SUSPECT * order.memory_mb:
            raise
        raise Reject(
            f"The render needs more than {order.memory_mb} MiB of memory ({type(error).__name__})",
            advice="Raise CLIPWIRE_RENDERER_MEMORY_MB, or give a source of fewer pixels",
        ) from None


def _render(order: Order, say: Say) -> dict[str, Any]:
    from actors.renderer.adapters.short import Limits, make_short

    limits = Limits(order.max_pixels, order.fonts, order.encoder)
    rendered = make_short(order.job, order.outputs, limits, lambda done, eta: say({"done": done, "eta_s": eta}))
    return rendered.model_dump(mode="json")


def _peak_mb() -> float:
    """The most address space that this process ever had, in MiB; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmPeak:")), 0.0)


if __name__ == "__main__":
    serve_child(work)
