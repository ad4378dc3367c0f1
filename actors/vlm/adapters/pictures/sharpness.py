"""How much fine detail pictures have: the Laplacian against the contrast, so that neither light nor fog decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actors.vlm.adapters.pictures.looks import LOOK, Pace
from actors.vlm.ports import STEP

if TYPE_CHECKING:
    from actors.vlm.adapters.pictures.picture import Picture

__all__ = ["SharpnessMeter"]

HALF = 0.25
"""Standard deviation of the Laplacian, as a share of that of the luma, of a picture that is half as sharp as can be."""
GRAIN = 4.0
"""Luma steps (0 to 255) below which detail is noise."""


class SharpnessMeter:
    """One value from 0 (blurred, or nothing to see) to 1 for every STEP."""

    def __init__(self) -> None:
        self._pace = Pace(STEP)
        self._found: list[tuple[float, float]] = []

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        import cv2

        if not self._pace.due(picture.t):
            return
        gray = picture.gray(LOOK)
        (_, detail), (_, contrast) = (cv2.meanStdDev(each) for each in (cv2.Laplacian(gray, cv2.CV_16S), gray))
        ratio = max(0.0, float(detail[0, 0]) - GRAIN) / (float(contrast[0, 0]) + GRAIN)
        self._found.append((picture.t, round(ratio / (ratio + HALF), 3)))

    def finish(self) -> list[tuple[float, float]]:
        """Time and value, in order of time."""
        return self._found
