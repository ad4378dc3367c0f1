from __future__ import annotations

from actors.renderer.adapters.looks.look import Plane
from actors.renderer.adapters.transitions.blending import eased, mixed
from actors.renderer.adapters.transitions.moving import closer

__all__ = ["zoom"]

OUT, IN = 2.6, 2.0
"""How close the camera is to the old picture when it is gone, and to the new one when it comes."""


def zoom(before: list[Plane], after: list[Plane], share: float) -> None:
    """The camera flies into the picture and arrives in the next."""
    seen = eased(min(max((share - 0.3) / 0.4, 0.0), 1.0))
    if seen > 0:
        closer(after, 1 + (IN - 1) * (1 - share) ** 2)
    if seen < 1:
        closer(before, 1 + (OUT - 1) * share**2)
        mixed(before, after, seen)
