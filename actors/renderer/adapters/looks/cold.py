from __future__ import annotations

import numpy as np

from actors.renderer.adapters.looks.tone import Grade, Values, s_curve

__all__ = ["Cold"]


class Cold(Grade):
    """Overcast: shadows and midtones towards blue, a little less colour."""

    says = "cool, bluish light, as on an overcast morning"

    def luma(self, light: Values) -> Values:
        return s_curve(light, 0.16 * self.strength)

    def chroma(self, colour: Values) -> Values:
        return colour * (1 - 0.2 * self.strength)

    def tint(self, light: Values) -> tuple[Values, Values]:
        weight = np.sin(np.pi * np.clip(light, 0, 1) ** 0.7) ** 0.8
        return 17 * self.strength * weight, -10 * self.strength * weight
