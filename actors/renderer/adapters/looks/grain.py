from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from actors.renderer.adapters.looks.look import Instant, Look, Plane
from contracts.style import LookUse

__all__ = ["Grain"]

MARGIN = 64


class Grain(Look):
    """Noise of about a pixel and a half, made once and laid at another place on every picture.

    On a small canvas, where it is not made finer by scaling down, there is less of it.
    """

    says = "fine grain that lives, as on film"

    def __init__(self, use: LookUse, size: tuple[int, int], fps: float) -> None:
        super().__init__(use, size, fps)
        self._noise = _noise(
            self.width + MARGIN, self.height + MARGIN, 8 * self.strength * min(1.0, math.sqrt(self.width / 1080))
        )

    def paint(self, planes: list[Plane], at: Instant) -> None:
        y, x = np.random.default_rng(at.frame).integers(0, MARGIN, 2)
        luma = planes[0]
        np.clip(luma, 16, 235, out=luma)
        luma += self._noise[y : y + self.height, x : x + self.width]
        np.clip(luma, 16, 235, out=luma)


@lru_cache(maxsize=4)
def _noise(width: int, height: int, deviation: float) -> Plane:
    """Two's complement in bytes: adding them wraps to the right sum, as luma is at least 16 away from both ends."""
    noise = np.random.default_rng(1895).standard_normal((height, width), dtype=np.float32)
    for axis in (0, 1):
        noise = np.roll(noise, 1, axis) + 2.2 * noise + np.roll(noise, -1, axis)
    noise *= deviation / noise.std()
    codes: Plane = np.rint(noise.clip(-15, 15)).astype(np.int8).view(np.uint8)
    return codes
