from __future__ import annotations

import math

from actors.renderer.adapters.looks.look import Instant, Look, View

__all__ = ["Shake"]

# Hertz, share and phase of each swing; the frequencies of a hand that holds a camera, none a multiple of another.
_ACROSS = ((0.37, 0.40, 0.4), (0.83, 0.35, 2.1), (1.71, 0.17, 4.0), (2.39, 0.08, 1.2))
_DOWN = ((0.43, 0.38, 1.9), (0.97, 0.34, 0.3), (1.93, 0.19, 3.2), (2.57, 0.09, 5.1))


class Shake(Look):
    """Band-limited motion: a sum of slow sines, so that the picture sways and never jitters."""

    says = "the picture sways a little, as from a camera held by hand"

    def view(self, at: Instant) -> View:
        reach = 0.018 * self.strength  # of the width, on both axes
        x, y = reach * _swing(_ACROSS, at.time), reach * _swing(_DOWN, at.time) * self.width / self.height
        return View(1 + 2 * reach, x, y)


def _swing(parts: tuple[tuple[float, float, float], ...], time: float) -> float:
    """From -1 to 1."""
    return sum(share * math.sin(math.tau * hertz * time + phase) for hertz, share, phase in parts)
