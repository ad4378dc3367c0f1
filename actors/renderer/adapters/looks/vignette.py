from __future__ import annotations

from typing import Any

import numpy as np

from actors.renderer.adapters.looks.look import Instant, Look, Plane
from actors.renderer.adapters.looks.mask import dim, dimming

__all__ = ["Vignette"]


class Vignette(Look):
    """Light falls off from an ellipse that touches the sides; the masks are made once."""

    says = "the corners are darker, the middle draws the eye"

    def __init__(self, use: Any, size: tuple[int, int], fps: float) -> None:
        super().__init__(use, size, fps)
        down, across = (np.linspace(-1, 1, side, dtype=np.float32) for side in (self.height, self.width))
        far = np.sqrt(across[None, :] ** 2 + down[:, None] ** 2) / np.sqrt(2)
        share = np.clip((far - 0.35) / 0.65, 0, 1)
        self._masks = dimming(1 - 0.95 * self.strength * share**2 * (3 - 2 * share))

    def paint(self, planes: list[Plane], at: Instant) -> None:
        dim(planes, self._masks)
