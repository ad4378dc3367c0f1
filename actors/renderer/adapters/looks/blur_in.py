from __future__ import annotations

from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from actors.renderer.adapters.looks.beats import eased
from actors.renderer.adapters.looks.look import Instant, Look, Plane
from actors.renderer.adapters.picture import planes_of

__all__ = ["BlurIn"]

SECONDS = 0.6


class BlurIn(Look):
    """Scaled down and up again, by less and less; afterwards nothing is done at all."""

    says = "starts out of focus and is sharp after half a second"

    def paint(self, planes: list[Plane], at: Instant) -> None:
        rest = 1 - eased(at.time / SECONDS)
        factor = 1 + rest * self.strength * self.width / 22
        if factor < 1.05:
            return
        for plane in planes:
            _blur(plane, factor)


def _blur(plane: Plane, factor: float) -> None:
    rows, columns = plane.shape
    small_w, small_h = max(4, round(columns / factor)), max(4, round(rows / factor))
    frame = VideoFrame.from_dlpack((plane,), format="gray8")
    small = VideoReformatter().reformat(frame, small_w, small_h, interpolation=Interpolation.AREA, threads=1)
    wide = VideoReformatter().reformat(small, columns, rows, interpolation=Interpolation.BICUBIC, threads=1)
    plane[:] = planes_of(wide)[0]
