from __future__ import annotations

import numpy as np

from actors.renderer.adapters.looks.tone import Grade, Values, s_curve

__all__ = ["Film"]


class Film(Grade):
    """The curve of a print film: a lifted toe, a soft shoulder; teal in the shadows, orange in the lights."""

    says = "like cinema film: soft contrast, teal shadows, orange lights"

    def luma(self, light: Values) -> Values:
        curved = s_curve(light, 0.45 * self.strength, pivot=0.4)
        return curved + self.strength * (0.045 * (1 - light) ** 4 - 0.05 * light**4)

    def saturation(self) -> float:
        return 1 - 0.16 * self.strength

    def tint(self, light: Values) -> tuple[Values, Values]:
        shade = np.clip(1 - light / 0.5, 0, 1) * np.clip(light * 10, 0.3, 1)
        lit = np.sin(np.pi * np.clip((light - 0.3) / 0.7, 0, 1)) ** 0.8
        return self.strength * (9 * shade - 10 * lit), self.strength * (-13 * shade + 7 * lit)
