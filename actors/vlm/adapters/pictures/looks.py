"""When observers look closer: at the same instants, so that a larger picture is made once for all of them."""

from __future__ import annotations

__all__ = ["LOOK", "Pace"]

LOOK = 640
"""Longer side, in pixels, of the pictures for text, logos, bars, screens and sharpness."""


class Pace:
    """Due once in every `seconds` of the clip, at the first picture of each such span."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0

    def due(self, t: float) -> bool:
        """Whether the picture at `t` is to be looked at."""
        number = int(t / self._seconds + 1e-6)
        if number < self._next:
            return False
        self._next = number + 1
        return True
