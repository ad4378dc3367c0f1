"""A picture or a few words in a corner, clear of what platforms lay over their videos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from actors.renderer.adapters.overlays.presence import presence
from actors.renderer.adapters.overlays.still import open_still, still_patch
from actors.renderer.adapters.patch import Patch, blend
from actors.renderer.core import Schedule
from contracts.timeline import WatermarkOverlay
from runtime.errors import Reject

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["WatermarkPainter"]

SIDE = 0.05
"""Free at the left and the right, as a share of the canvas's width."""
TALL = 0.7
"""Width against height up to which a canvas fills a phone, so that the platform's own texts lie on it."""
TOP, BOTTOM, BUTTONS = 0.09, 0.22, 0.14
"""Free on a tall canvas: above and below as shares of its height, on the lower right as a share of its width."""
LOW = 0.05
"""Free above and below on other canvases."""
TALLEST = 0.25
"""Share of the canvas's height above which a picture is made smaller."""


class WatermarkPainter:
    """One mark. It stands still, and neither comes nor goes."""

    def __init__(
        self,
        overlay: WatermarkOverlay,
        schedule: Schedule,
        size: tuple[int, int],
        fonts: Path | None,
        max_pixels: int,
        field: str,
    ) -> None:
        self._shown = presence(overlay.start, overlay.end, 0.0, schedule, field)
        self._patch = _picture(overlay, overlay.source, size, max_pixels, field) if overlay.source else None
        if self._patch is None:
            raise Reject(
                "Watermarks of words are not drawn yet", advice="Give a picture as its source", field=f"{field}.text"
            )

    def paint(self, frame: VideoFrame, number: int) -> None:
        """See `Painter.paint`."""
        if self._patch is not None and self._shown.share(number):
            blend(frame, self._patch)

    def remarks(self) -> tuple[str, ...]:
        """See `Painter.remarks`."""
        return (self._shown.remark,) if self._shown.remark else ()

    def close(self) -> None:
        """See `Painter.close`."""


def _picture(overlay: WatermarkOverlay, source: str, size: tuple[int, int], max_pixels: int, field: str) -> Patch:
    width, height = size
    image = open_still(source, f"{field}.source", max_pixels, width)
    wide = min(overlay.width * width, TALLEST * height * image.width / image.height)
    middle = corner_middle(overlay.corner, size, (wide, wide * image.height / image.width))
    return still_patch(image, wide, middle, overlay.opacity)


def corner_middle(corner: str, size: tuple[int, int], box: tuple[float, float]) -> tuple[float, float]:
    """The middle of a box of `box` pixels in a corner of a canvas of `size`, within its margins."""
    width, height = size
    tall = width / height <= TALL
    above, below = (TOP, BOTTOM) if tall else (LOW, LOW)
    side = BUTTONS if tall and corner == "bottom_right" else SIDE
    x = SIDE * width + box[0] / 2 if corner.endswith("left") else width - side * width - box[0] / 2
    y = above * height + box[1] / 2 if corner.startswith("top") else height - below * height - box[1] / 2
    return x, y
