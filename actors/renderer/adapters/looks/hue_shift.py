from __future__ import annotations

from actors.renderer.adapters.looks.look import Instant, Look, Plane
from actors.renderer.adapters.looks.tone import turn_hue

__all__ = ["HueShift"]


class HueShift(Look):
    """All colours turned by the same angle: 8 degrees at half strength, 22 at full."""

    says = "every colour is turned a little around the colour wheel"

    def paint(self, planes: list[Plane], at: Instant) -> None:
        turn_hue(planes, 22 * self.strength**1.5)
