"""Brightness of every picture, and small pictures from which the colours of a shot are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.vlm.adapters.pictures.picture import Picture

__all__ = ["Colours", "ColourMeter"]

MOST_SAMPLES = 3600
"""Pictures kept for colours, whatever the length."""
NEW = 12.0
"""Mean luma change (0 to 255) from which a picture is kept although it is not due: it may open a shot."""


@dataclass
class Colours:
    """`brightness`: time and mean luma (0 to 1) of every picture; `samples`: time and RGB of shape (h, w, 3)."""

    brightness: list[tuple[float, float]] = field(default_factory=list)
    samples: list[tuple[float, NDArray[Any]]] = field(default_factory=list)


class ColourMeter:
    """Keeps a small picture a second, more seldom in long clips, and one where the picture changes."""

    def __init__(self, duration: float) -> None:
        self._found = Colours()
        self._every = max(1.0, duration / MOST_SAMPLES)

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        import cv2

        self._found.brightness.append((picture.t, cv2.mean(picture.luma)[0] / 255))
        samples = self._found.samples
        due = not samples or picture.t - samples[-1][0] >= self._every
        if due or (picture.change > NEW and len(samples) < 2 * MOST_SAMPLES):
            samples.append((picture.t, picture.rgb[1::3, 1::3].copy()))

    def finish(self) -> Colours:
        """In order of time."""
        return self._found
