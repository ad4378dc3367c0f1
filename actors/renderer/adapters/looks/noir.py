from __future__ import annotations

from actors.renderer.adapters.looks.tone import Grade, Values, s_curve

__all__ = ["Noir"]


class Noir(Grade):
    """Colour is gone at half strength; beyond that only the contrast grows."""

    says = "black and white with deep shadows"

    def luma(self, light: Values) -> Values:
        return s_curve(light, 0.9 * self.strength, pivot=0.45)

    def saturation(self) -> float:
        return max(0.0, 1 - 2 * self.strength)
