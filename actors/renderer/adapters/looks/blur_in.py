from __future__ import annotations

import numpy as np
from av.video.reformatter import Interpolation

from actors.renderer.adapters.looks.beats import eased
from actors.renderer.adapters.looks.light import Scaler
from actors.renderer.adapters.looks.look import Instant, Look, Plane
from contracts.style import LookUse

__all__ = ["BlurIn"]

SECONDS = 0.6
STEP = 4
"""Of a strong blur, the first step down and the last one up, which are always the same and therefore cheap."""
SMOOTHED = 3.0
FINER = 1.75
"""Above that factor, the picture is made small by less and blurred there: its pixels would be seen."""


class BlurIn(Look):
    """Scaled down and up again, by less and less; afterwards nothing is done at all."""

    says = "starts out of focus and is sharp after half a second"

    def __init__(self, use: LookUse, size: tuple[int, int], fps: float) -> None:
        super().__init__(use, size, fps)
        self._down = [Scaler(Interpolation.AREA) for _ in range(3)]
        self._up = [Scaler(Interpolation.BICUBIC) for _ in range(3)]

    def paint(self, planes: list[Plane], at: Instant) -> None:
        factor = 1 + (1 - eased(at.time / SECONDS)) * self.strength * self.width / 22
        if factor < 1.05:
            return
        for plane, down, up in zip(planes, self._down, self._up, strict=True):
            rows, columns = plane.shape
            if factor > 2 * STEP * FINER:
                small = _blurred(down.scaled(plane, columns // STEP, rows // STEP), factor / STEP)
                plane[:] = up.scaled(small, columns, rows)
            else:
                plane[:] = _blurred(plane, factor)


def _blurred(plane: Plane, factor: float) -> Plane:
    rows, columns = plane.shape
    less = factor / FINER if factor > SMOOTHED else factor
    # Bilinear, which swscale widens to a tent when it makes smaller: fine lines give no moire.
    small = Scaler(Interpolation.BILINEAR).scaled(plane, max(4, round(columns / less)), max(4, round(rows / less)))
    if less < factor:
        small = np.ascontiguousarray(_smooth(_smooth(small).T).T)
    return Scaler(Interpolation.BICUBIC).scaled(small, columns, rows)


def _smooth(plane: Plane) -> Plane:
    """A quarter, a half, a quarter of neighbouring rows."""
    wide = np.pad(plane, ((1, 1), (0, 0)), mode="edge").astype(np.uint16)
    smooth: Plane = ((wide[:-2] + 2 * wide[1:-1] + wide[2:] + 2) >> 2).astype(np.uint8)
    return smooth
