"""A still picture over the video, that fades in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actors.renderer.adapters.overlays.presence import presence
from actors.renderer.adapters.overlays.still import open_still, still_patch
from actors.renderer.adapters.patch import blend, faded
from actors.renderer.core import Schedule
from contracts.timeline import ImageOverlay

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["ImagePainter"]


class ImagePainter:
    """One picture. Where it would be taller than the canvas, it is made as much smaller as it takes."""

    def __init__(
        self, overlay: ImageOverlay, schedule: Schedule, size: tuple[int, int], max_pixels: int, field: str
    ) -> None:
        width, height = size
        self._shown = presence(overlay.start, overlay.end, overlay.fade, schedule, field)
        image = open_still(overlay.source, f"{field}.source", max_pixels, width)
        wide = min(overlay.width * width, height * image.width / image.height)
        self._patch = still_patch(image, wide, (overlay.x * width, overlay.y * height), overlay.opacity)

    def paint(self, frame: VideoFrame, number: int) -> None:
        """See `Painter.paint`."""
        share = self._shown.share(number)
        if share > 0:
            blend(frame, faded(self._patch, share))

    def remarks(self) -> tuple[str, ...]:
        """See `Painter.remarks`."""
        return (self._shown.remark,) if self._shown.remark else ()

    def close(self) -> None:
        """See `Painter.close`."""
