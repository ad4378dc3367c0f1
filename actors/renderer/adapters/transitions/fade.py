from __future__ import annotations

from actors.renderer.adapters.looks.look import Plane
from actors.renderer.adapters.transitions.blending import mixed

__all__ = ["fade"]


def fade(before: list[Plane], after: list[Plane], share: float) -> None:
    """One picture melts into the next."""
    mixed(before, after, share)
