from __future__ import annotations

from actors.renderer.adapters.looks.look import Instant, Look, View

__all__ = ["SlowZoom"]


class SlowZoom(Look):
    """The picture grows by the same share in every second, which the eye takes for an even motion."""

    says = "the camera moves closer, slowly and evenly, from the first picture to the last"

    def view(self, at: Instant) -> View:
        share = at.time / at.duration if at.duration > 0 else 0.0
        return View((1 + 0.24 * self.strength) ** min(max(share, 0.0), 1.0))
