from __future__ import annotations

import numpy as np

from actors.renderer.adapters.looks.tone import Grade, Values

__all__ = ["Cold"]


class Cold(Grade):
    """Overcast: shadows and midtones towards blue, and warm colours paler for it."""

    says = "cool, bluish light, as on an overcast morning"

    def saturation(self) -> float:
        return 1 - 0.2 * self.strength

    def tint(self, light: Values) -> tuple[Values, Values]:
        weight = np.sin(np.pi * light**0.75)
        return 14 * self.strength * weight, -11 * self.strength * weight
