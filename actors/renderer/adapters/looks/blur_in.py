from __future__ import annotations

import numpy as np
from av.video.reformatter import Interpolation

from actors.renderer.adapters.looks.beats import eased
from actors.renderer.adapters.looks.light import Scaler
from actors.renderer.adapters.looks.look import Instant, Look, Plane

__all__ = ["BlurIn"]

SECONDS = 0.6
FIRST = 4
"""Of a strong blur, the first step down, which is always the same and therefore cheap."""
SMOOTHED = 3.0
FINER = 1.75
"""Above that factor, the picture is made small by less and blurred there: its pixels would be seen."""


class BlurIn(Look):
    """Scaled down and up again, by less and less; afterwards nothing is done at all."""

    says = "starts out of focus and is sharp after half a second"

    def paint(self, planes: list[Plane], at: Instant) -> None:
        factor = 1 + (1 - eased(at.time / SECONDS)) * self.strength * self.width / 22
        if factor < 1.05:
            return
        for plane in planes:
            _blur(plane, factor)


def _blur(plane: Plane, factor: float) -> None:
    rows, columns = plane.shape
    less = factor / FINER if factor > SMOOTHED else factor
    small = plane
    if less > 2 * FIRST:
        small = Scaler(Interpolation.AREA).scaled(plane, columns // FIRST, rows // FIRST)
    small = Scaler(Interpolation.AREA).scaled(small, max(4, round(columns / less)), max(4, round(rows / less)))
    if less < factor:
        small = _smooth(_smooth(small).T).T
    plane[:] = Scaler(Interpolation.BICUBIC).scaled(np.ascontiguousarray(small), columns, rows)


def _smooth(plane: Plane) -> Plane:
    """A quarter, a half, a quarter of neighbouring rows."""
    wide = np.pad(plane, ((1, 1), (0, 0)), mode="edge").astype(np.uint16)
    smooth: Plane = ((wide[:-2] + 2 * wide[1:-1] + wide[2:] + 2) >> 2).astype(np.uint8)
    return smooth
