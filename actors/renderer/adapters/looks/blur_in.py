from __future__ import annotations

from av.video.reformatter import Interpolation

from actors.renderer.adapters.looks.beats import eased
from actors.renderer.adapters.looks.light import Scaler
from actors.renderer.adapters.looks.look import Instant, Look, Plane

__all__ = ["BlurIn"]

SECONDS = 0.6
FIRST = 4
"""Of a strong blur, the first step down, which is always the same and therefore cheap."""


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
    small = plane
    if factor > 2 * FIRST:
        small = Scaler(Interpolation.AREA).scaled(plane, columns // FIRST, rows // FIRST)
    small = Scaler(Interpolation.AREA).scaled(small, max(4, round(columns / factor)), max(4, round(rows / factor)))
    plane[:] = Scaler(Interpolation.BICUBIC).scaled(small, columns, rows)
