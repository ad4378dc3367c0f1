"""Two pictures mixed, plane by plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from actors.renderer.adapters.looks.look import Plane

__all__ = ["eased", "mixed", "towards"]

ROWS = 96
"""Rows that are worked on together: they stay in the cache."""


def eased(share: float) -> float:
    """From 0 to 1 with neither a jerk at the start nor at the end (Perlin 2002: 6 t^5 - 15 t^4 + 10 t^3)."""
    return share * share * share * (share * (share * 6 - 15) + 10)


def mixed(before: list[Plane], after: list[Plane], share: Any) -> None:
    """In `after`: `share` of it, and the rest of `before`. `share`: a number, or one for each column of luma."""
    for plane, (old, new) in enumerate(zip(before, after, strict=True)):
        weights = np.rint(np.asarray(share, np.float32) * 256).astype(np.uint16)
        weight = weights[::2] if plane and weights.ndim else weights
        for top in range(0, new.shape[0], ROWS):
            rows = new[top : top + ROWS]
            work = old[top : top + ROWS] * (np.uint16(256) - weight)
            work += rows * weight
            work += np.uint16(128)
            work >>= 8
            np.copyto(rows, work, casting="unsafe")


def towards(picture: list[Plane], luma: int, share: float) -> None:
    """In place: `share` of a grey of this luma, the rest of the picture."""
    weight = round(share * 256)
    for plane, grey in zip(picture, (luma, 128, 128), strict=True):
        for top in range(0, plane.shape[0], ROWS):
            rows = plane[top : top + ROWS]
            work = rows * np.uint16(256 - weight)
            work += np.uint16(grey * weight + 128)
            work >>= 8
            np.copyto(rows, work, casting="unsafe")
