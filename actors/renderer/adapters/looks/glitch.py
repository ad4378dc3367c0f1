from __future__ import annotations

import numpy as np

from actors.renderer.adapters.looks.beats import beat_of
from actors.renderer.adapters.looks.look import Instant, Look, Plane

__all__ = ["Glitch"]

LENGTH = 0.3
STEPS = 15.0
"""New tears in a second."""


class Glitch(Look):
    """Strips slip sideways and the colours part, for a third of a second, weaker and weaker."""

    says = "the picture tears for a moment on emphasised words or every few seconds"

    def paint(self, planes: list[Plane], at: Instant) -> None:
        beat = beat_of(at, self.every, LENGTH)
        if beat is None:
            return
        number, since = beat
        power = self.strength * (1 - 0.6 * since / LENGTH)
        dice = np.random.default_rng((number, int(since * STEPS)))
        apart = round(0.03 * power * self.width / 2)
        for plane, shift in ((planes[1], apart), (planes[2], -apart)):
            plane[:] = np.roll(plane, shift, axis=1)
        for _ in range(3 + round(7 * power)):
            height = max(1, round(self.height * dice.uniform(0.008, 0.06) / 2))
            top = int(dice.integers(0, self.height // 2 - height))
            shift = round(self.width * 0.11 * power * dice.uniform(-1, 1))
            for scale, plane in zip((2, 1, 1), planes, strict=True):
                strip = plane[top * scale : (top + height) * scale]
                strip[:] = np.roll(strip, shift * scale, axis=1)
