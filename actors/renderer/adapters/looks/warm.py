from __future__ import annotations

import numpy as np

from actors.renderer.adapters.looks.tone import Grade, Values

__all__ = ["Warm"]


class Warm(Grade):
    """Late sun: midtones and lights towards amber; black and paper white keep most of their neutrality."""

    says = "warm light, as in the late afternoon"

    def tint(self, light: Values) -> tuple[Values, Values]:
        weight = np.sin(np.pi * light**0.85)
        return -15 * self.strength * weight, 8 * self.strength * weight
