from __future__ import annotations

from actors.renderer.adapters.looks.look import Instant, Look, Plane

__all__ = ["Letterbox"]


class Letterbox(Look):
    """Bars of the same height, even in pixels so that chroma ends where luma does."""

    says = "black bars above and below, as in the cinema"

    def paint(self, planes: list[Plane], at: Instant) -> None:
        rows = round(self.height * 0.16 * self.strength / 2) * 2
        for plane, black, bar in zip(planes, (16, 128, 128), (rows, rows // 2, rows // 2), strict=True):
            plane[:bar] = black
            plane[plane.shape[0] - bar :] = black
