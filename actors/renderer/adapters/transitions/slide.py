from __future__ import annotations

from actors.renderer.adapters.looks.look import Plane
from actors.renderer.adapters.transitions.blending import eased
from actors.renderer.adapters.transitions.moving import side_by_side

__all__ = ["slide"]


def slide(before: list[Plane], after: list[Plane], share: float) -> None:
    """The next picture comes in from the right and pushes the other out."""
    side_by_side(before, after, eased(share))
