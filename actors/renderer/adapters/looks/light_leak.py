from __future__ import annotations

import math
from typing import Any

import numpy as np
from av.video.reformatter import Interpolation

from actors.renderer.adapters.looks.light import Scaler, brighten
from actors.renderer.adapters.looks.look import Instant, Look, Plane
from contracts.style import LookUse

__all__ = ["LightLeak"]

SCALE = 15
# Place (of width and height), reach of the drift, radius (of the height), and seconds of a drift, of each light.
_LIGHTS = (
    ((1.08, 0.18), (0.12, 0.16), 0.21, 7.0),
    ((-0.10, 0.74), (0.10, 0.12), 0.17, 9.5),
    ((0.95, 1.02), (0.20, 0.05), 0.15, 5.5),
)


class LightLeak(Look):
    """Soft lights at the edges that drift, as if the camera's back were not quite closed."""

    says = "warm light leaks in at the edges and drifts"

    def __init__(self, use: LookUse, size: tuple[int, int], fps: float) -> None:
        super().__init__(use, size, fps)
        self._small = max(8, round(self.width / SCALE)), max(8, round(self.height / SCALE))
        self._down = Scaler(Interpolation.AREA)
        self._ups = [Scaler(Interpolation.BICUBIC) for _ in range(2)]
        columns, rows = self._small
        self._x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns)[None, :]
        self._y = ((np.arange(rows, dtype=np.float32) + 0.5) / rows)[:, None]

    def paint(self, planes: list[Plane], at: Instant) -> None:
        luma, blue, red = planes
        light = self._light(at.time)
        room = np.clip(238 - self._down.scaled(luma, *self._small).astype(np.float32), 8, 222) / 222
        brighten(luma, self._scaled(0, 110 * light * room, self.width, self.height))
        colour = self._scaled(1, 56 * light, blue.shape[1], blue.shape[0]).astype(np.int16)
        for plane, share in ((blue, -7), (red, 5)):
            moved = plane + (colour * share >> 3)
            np.clip(moved, 16, 240, out=moved)
            plane[:] = moved

    def _light(self, time: float) -> Any:
        """From 0 to about 1 on the small grid."""
        total = np.zeros((self._small[1], self._small[0]), np.float32)
        for (x, y), (across, down), radius, period in _LIGHTS:
            turn = math.tau * time / period
            dx = (self._x - x - across * math.sin(turn)) * self.width / self.height
            dy = self._y - y - down * math.cos(0.8 * turn)
            power = 0.75 + 0.25 * math.sin(1.3 * turn + 1)
            total += power * np.exp(-(dx * dx + dy * dy) / (2 * radius * radius))
        return np.clip(total, 0, 1) * self.strength

    def _scaled(self, which: int, values: Any, width: int, height: int) -> Plane:
        return self._ups[which].scaled(np.rint(np.clip(values, 0, 215)).astype(np.uint8), width, height)
