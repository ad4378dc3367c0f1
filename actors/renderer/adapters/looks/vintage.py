from __future__ import annotations

import numpy as np

from actors.renderer.adapters.looks.tone import Grade, Values

__all__ = ["Vintage"]


class Vintage(Grade):
    """An old print: black has faded, white has yellowed, colours have paled."""

    says = "a faded print: soft blacks, yellowed lights, pale colours"

    def luma(self, light: Values) -> Values:
        return light + self.strength * (0.12 * (1 - light) ** 2 - 0.10 * light**2)

    def saturation(self) -> float:
        return 1 - 0.45 * self.strength

    def tint(self, light: Values) -> tuple[Values, Values]:
        shade, lit = (1 - light) ** 2 * np.clip(light * 8, 0.35, 1), np.clip(light, 0, 1)
        return self.strength * (7 * shade - 17 * lit), self.strength * (9 * lit + 2 * shade)
