from __future__ import annotations

from actors.renderer.adapters.looks.look import Plane
from actors.renderer.adapters.transitions.blending import eased, towards

__all__ = ["dip_white"]


def dip_white(before: list[Plane], after: list[Plane], share: float) -> None:
    """A flash: the picture goes to white, and the next comes out of it."""
    if share < 0.5:
        for old, new in zip(before, after, strict=True):
            new[:] = old
    towards(after, 235, eased(1 - abs(2 * share - 1)))
