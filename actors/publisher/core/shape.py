"""Which of a render's files suits a platform."""

from __future__ import annotations

from dataclasses import dataclass

from actors.publisher.core.limits import Limits
from contracts.media import MediaRef
from contracts.renders import Render
from contracts.style import ShapeName

__all__ = ["Cut", "cuts_of", "suits"]


@dataclass(frozen=True)
class Cut:
    """One video of a render; `shape` is none for the render's own."""

    shape: ShapeName | None
    video: MediaRef
    thumbnail: MediaRef
    width: int
    height: int


def cuts_of(render: Render) -> tuple[Cut, ...]:
    """The render's own video first, then its further shapes."""
    own = Cut(None, render.video, render.thumbnail, render.width, render.height)
    return (own, *(Cut(v.shape, v.video, v.thumbnail, v.width, v.height) for v in render.variants))


def suits(cut: Cut, limits: Limits) -> bool:
    """Whether sides and aspect are within the limits."""
    sides, aspect = limits.side, limits.aspect
    fits = sides is None or (sides[0] <= min(cut.width, cut.height) and max(cut.width, cut.height) <= sides[1])
    return fits and (aspect is None or aspect[0] <= cut.width / cut.height <= aspect[1])
