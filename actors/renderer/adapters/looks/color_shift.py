from __future__ import annotations

from actors.renderer.adapters.looks.look import Filter, Instant, Look, Plane
from actors.renderer.adapters.looks.tone import keep_chroma

__all__ = ["ColorShift"]

PERIOD = 9.0
"""Seconds from one end of the drift to the other and back."""


class ColorShift(Look):
    """Colours that drift to both sides of what they are, slowly; they start as they are."""

    says = "colours drift slowly, a little to warm and a little to cold, and back"

    def filters(self) -> tuple[Filter, ...]:
        return (("hue", f"h={32 * self.strength:.3f}*sin(2*PI*t/{PERIOD})"),)

    def paint(self, planes: list[Plane], at: Instant) -> None:
        keep_chroma(planes)
