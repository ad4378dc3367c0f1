from __future__ import annotations

from actors.renderer.adapters.looks.look import Instant, Look, View

__all__ = ["PullOut"]


class PullOut(Look):
    """The reverse of the slow zoom."""

    says = "the camera starts close and moves away, slowly and evenly"

    def view(self, at: Instant) -> View:
        share = at.time / at.duration if at.duration > 0 else 1.0
        return View((1 + 0.24 * self.strength) ** (1 - min(max(share, 0.0), 1.0)))
