from __future__ import annotations

import numpy as np

from actors.renderer.adapters.looks.tone import Grade, Values, s_curve

__all__ = ["Vivid"]


class Vivid(Grade):
    """Pale colours gain most and strong ones hardly, so that skin stays skin and nothing clips."""

    says = "stronger colours and a little more contrast"

    def luma(self, light: Values) -> Values:
        return s_curve(light, 0.22 * self.strength)

    def chroma(self, colour: Values) -> Values:
        room: Values = np.clip(1 - np.abs(colour), 0, 1)
        return colour * (1 + 0.6 * self.strength * room**2)
