"""Light that is added: soft maps are made small and scaled up by swscale."""

from __future__ import annotations

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from actors.renderer.adapters.looks.look import Plane
from actors.renderer.adapters.planes import planes_of

__all__ = ["Scaler", "brighten", "soft"]

ROWS = 96
"""Rows that are worked on together: they stay in the cache."""
WHITE = np.uint8(235)
Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]


class Scaler:
    """One plane to another size, always the same two sizes."""

    def __init__(self, how: Interpolation) -> None:
        self._how = how
        self._reformatter = VideoReformatter()

    def scaled(self, plane: Plane, width: int, height: int) -> Plane:
        """A new plane of `height` rows and `width` columns."""
        frame = VideoFrame.from_dlpack((plane,), format="gray8")
        scaled = self._reformatter.reformat(frame, width, height, interpolation=self._how, threads=1)
        return planes_of(scaled)[0]


def brighten(luma: Plane, light: Plane) -> None:
    """Add `light` in place; it ends at white instead of wrapping around."""
    for top in range(0, luma.shape[0], ROWS):
        rows, added = luma[top : top + ROWS], light[top : top + ROWS]
        np.minimum(rows, WHITE - added, out=rows)
        rows += added


def soft(values: Floats, radius: int) -> Floats:
    """Box blur, twice on each axis: a tent, which swscale smooths further. Edges are repeated."""
    for _ in range(4):
        sums = np.cumsum(np.pad(values, ((radius + 1, radius), (0, 0)), mode="edge"), axis=0)
        values = ((sums[2 * radius + 1 :] - sums[: -2 * radius - 1]) / (2 * radius + 1)).T
    return values
