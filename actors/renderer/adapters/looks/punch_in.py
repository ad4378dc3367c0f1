from __future__ import annotations

from actors.renderer.adapters.looks.beats import beat_of, held
from actors.renderer.adapters.looks.look import Instant, Look, View

__all__ = ["PunchIn"]

RISE, HOLD, FALL = 0.1, 0.3, 0.1


class PunchIn(Look):
    """A quick move closer on a beat, half a second in all."""

    says = "a quick jump closer on emphasised words or every few seconds, and back"

    def view(self, at: Instant) -> View:
        beat = beat_of(at, self.every, RISE + HOLD + FALL)
        return View(1 + 0.24 * self.strength * held(beat[1], RISE, HOLD, FALL)) if beat else View()
