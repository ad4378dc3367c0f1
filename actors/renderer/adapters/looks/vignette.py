from __future__ import annotations

from functools import lru_cache

import numpy as np

from actors.renderer.adapters.looks.look import Instant, Look, Plane
from actors.renderer.adapters.looks.mask import Mask, dim, dimming
from contracts.style import LookUse

__all__ = ["Vignette"]


class Vignette(Look):
    """Light falls off from an ellipse that touches the sides; the masks are made once for each canvas."""

    says = "the corners are darker, the middle draws the eye"

    def __init__(self, use: LookUse, size: tuple[int, int], fps: float) -> None:
        super().__init__(use, size, fps)
        self._masks = _masks(self.width, self.height, self.strength)

    def paint(self, planes: list[Plane], at: Instant) -> None:
        dim(planes, self._masks)


@lru_cache(maxsize=4)
def _masks(width: int, height: int, strength: float) -> tuple[Mask, Mask]:
    down, across = (np.linspace(-1, 1, side, dtype=np.float32) for side in (height, width))
    far = np.sqrt((across[None, :] ** 2 + down[:, None] ** 2) / 2)
    share = np.clip((far - 0.4) / 0.6, 0, 1)
    return dimming(1 - 0.72 * strength * share**2 * (3 - 2 * share))
