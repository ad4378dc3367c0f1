"""Darkening by a mask, without bands: what is lost by rounding is spread by an ordered dither."""

from __future__ import annotations

from typing import Any

import numpy as np

from actors.renderer.adapters.looks.look import Plane

__all__ = ["Mask", "dim", "dimming"]

Words = np.ndarray[Any, np.dtype[np.uint16]]
Mask = tuple[Words, Words]
"""For a plane: out = (in * first + second) >> 8."""
ROWS = 96
"""Rows that are worked on together: they stay in the cache."""
_BAYER = (
    np.array(
        [
            [0, 32, 8, 40, 2, 34, 10, 42],
            [48, 16, 56, 24, 50, 18, 58, 26],
            [12, 44, 4, 36, 14, 46, 6, 38],
            [60, 28, 52, 20, 62, 30, 54, 22],
            [3, 35, 11, 43, 1, 33, 9, 41],
            [51, 19, 59, 27, 49, 17, 57, 25],
            [15, 47, 7, 39, 13, 45, 5, 37],
            [63, 31, 55, 23, 61, 29, 53, 21],
        ],
        np.float32,
    )
    * 4
    + 2
)
"""Thresholds of an ordered dither (Bayer 1973) in 256ths."""


def dimming(keep: Any) -> tuple[Mask, Mask]:
    """Masks for luma and chroma out of the share of light that is kept (rows, columns; 0 to 1; both even)."""
    half = (keep[::2, ::2] + keep[1::2, ::2] + keep[::2, 1::2] + keep[1::2, 1::2]) / 4
    return _mask(keep, 16), _mask(half, 128)


def dim(planes: list[Plane], masks: tuple[Mask, Mask]) -> None:
    """Darken in place; colours keep their hue and their saturation."""
    for plane, (keep, add) in zip(planes, (masks[0], masks[1], masks[1]), strict=True):
        buffer = np.empty((ROWS, plane.shape[1]), np.uint16)
        for top in range(0, plane.shape[0], ROWS):
            rows = plane[top : top + ROWS]
            work = buffer[: len(rows)]
            np.copyto(work, rows)
            work *= keep[top : top + ROWS]
            work += add[top : top + ROWS]
            work >>= 8
            np.copyto(rows, work, casting="unsafe")


def _mask(keep: Any, centre: int) -> Mask:
    rows, columns = keep.shape
    dither = np.tile(_BAYER, (rows // 8 + 1, columns // 8 + 1))[:rows, :columns]
    factor = np.rint(keep * 256)
    dither = np.where(factor == 256, 0, dither)  # what is not darkened stays as it is
    return factor.astype(np.uint16), (centre * (256 - factor) + dither).astype(np.uint16)
