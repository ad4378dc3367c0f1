from __future__ import annotations

import math

from actors.renderer.adapters.looks.look import Instant, Look, Plane
from actors.renderer.adapters.looks.tone import turn_hue

__all__ = ["ColorShift"]

PERIOD = 9.0
"""Seconds from one end of the drift to the other and back."""


class ColorShift(Look):
    """Colours that drift to both sides of what they are, slowly; they start as they are."""

    says = "colours drift slowly to one side of the colour wheel, back, and to the other"

    def paint(self, planes: list[Plane], at: Instant) -> None:
        turn_hue(planes, 22 * self.strength * math.sin(math.tau * at.time / PERIOD))
