from __future__ import annotations

import numpy as np
from av.video.reformatter import Interpolation

from actors.renderer.adapters.looks.light import Scaler, brighten, soft
from actors.renderer.adapters.looks.look import Instant, Look, Plane
from contracts.style import LookUse

__all__ = ["Glow"]


class Glow(Look):
    """Bloom: what is bright, blurred at a sixteenth of the size, is added as far as there is room up to white."""

    says = "bright places shine softly beyond their edges"

    def __init__(self, use: LookUse, size: tuple[int, int], fps: float) -> None:
        super().__init__(use, size, fps)
        self._small = max(8, round(self.width / 16)), max(8, round(self.height / 16))
        self._down, self._up = Scaler(Interpolation.AREA), Scaler(Interpolation.BICUBIC)

    def paint(self, planes: list[Plane], at: Instant) -> None:
        luma = planes[0]
        small = self._down.scaled(luma, *self._small).astype(np.float32)
        bright = np.clip((small - 16) / 219 - 0.45, 0, 1) ** 1.5
        spread = soft(bright, max(1, self._small[0] // 22)) + soft(bright, max(1, self._small[0] // 9))
        light = 1.6 * self.strength * spread * np.clip(240 - small, 5, 224)
        added = np.rint(np.clip(light, 0, 110)).astype(np.uint8)
        brighten(luma, self._up.scaled(added, self.width, self.height))
