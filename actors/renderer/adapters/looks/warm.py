from __future__ import annotations

import numpy as np

from actors.renderer.adapters.looks.tone import Grade, Values

__all__ = ["Warm"]


class Warm(Grade):
    """Late sun: midtones and lights towards amber; black and paper white keep most of their neutrality."""

    says = "warm light, as in the late afternoon"

    def tint(self, light: Values) -> tuple[Values, Values]:
        weight = np.sin(np.pi * np.clip(light, 0, 1) ** 0.8) ** 0.7
        return -18 * self.strength * weight, 9 * self.strength * weight
