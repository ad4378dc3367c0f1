"""What a look may do to a segment: move the camera, filter the picture, paint on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from actors.renderer.core import View
from contracts.style import LookUse

__all__ = ["Filter", "Instant", "Look", "Plane", "View"]

Plane = np.ndarray[Any, np.dtype[np.uint8]]
Filter = tuple[str, str]
"""A filter of libavfilter and its arguments. It takes yuv420p of the canvas's size and gives the same."""


@dataclass(frozen=True)
class Instant:
    """One picture's place in its segment. Seconds are on the timeline's clock, from the segment's first picture."""

    frame: int
    time: float
    duration: float
    fps: float
    beats: tuple[float, ...] = ()
    """Seconds at which emphasised words begin."""


class Look:
    """The base of every look: does nothing. One is made for each segment that uses it, and each canvas.

    The order is: the views of all looks, added up, move the camera; then every filter of every look, in one graph of
    fixed size; then every look paints, in the order in which the recipe names them. It must be deterministic.
    """

    says: ClassVar[str] = ""
    """What it looks like, for a person: one line without a full stop."""

    def __init__(self, use: LookUse, size: tuple[int, int], fps: float) -> None:
        self.strength = use.strength
        self.every = use.every
        self.width, self.height = size
        self.fps = fps

    def view(self, at: Instant) -> View:
        """The camera at this instant. Must be smooth but for beats."""
        return View()

    def filters(self) -> tuple[Filter, ...]:
        """Filters for the whole segment."""
        return ()

    def paint(self, planes: list[Plane], at: Instant) -> None:
        """Change the picture in place: luma, and two chroma planes of half the size; BT.709, limited range."""
