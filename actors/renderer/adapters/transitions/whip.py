from __future__ import annotations

from actors.renderer.adapters.looks.look import Plane
from actors.renderer.adapters.transitions.blending import eased
from actors.renderer.adapters.transitions.moving import side_by_side, smeared

__all__ = ["whip"]

EXPOSURE = 0.1
"""Share of the transition for which the imagined shutter is open: it makes the length of the blur."""


def whip(before: list[Plane], after: list[Plane], share: float) -> None:
    """The camera is swung to the next picture, so fast that everything blurs."""
    side_by_side(before, after, eased(share))
    speed = 30 * (share * (1 - share)) ** 2  # the derivative of `eased`, in widths per transition
    smeared(after, EXPOSURE * speed * after[0].shape[1])
