"""A picture or a few words in a corner, clear of what platforms lay over their videos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from actors.renderer.adapters.captions.block import TextBlock, text_block
from actors.renderer.adapters.overlays.presence import presence
from actors.renderer.adapters.overlays.still import open_still, still_patch
from actors.renderer.adapters.patch import Patch, blend, faded
from actors.renderer.core import Schedule
from actors.renderer.core.safe import SafeArea, safe_area
from contracts.text import columns
from contracts.timeline import WatermarkOverlay

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["WatermarkPainter"]

TALLEST = 0.25
"""Share of the canvas's height above which a picture is made smaller."""
STYLE = "lit"
SCALE = 0.5
"""Size of the letters against that of captions."""
LINES = 2
LEGIBLE = 0.017
"""Width that a letter needs to be read, as a share of the canvas's shorter side; a longer text becomes wider."""
WIDEST = 0.6


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
        platforms: Sequence[str],
    ) -> None:
        self._shown = presence(overlay.start, overlay.end, 0.0, schedule, field)
        safe = safe_area(platforms, *size)
        self._remarks: tuple[str, ...] = (self._shown.remark,) if self._shown.remark else ()
        if overlay.source is not None:
            self._patch: Patch | None = _picture(overlay, overlay.source, size, safe, max_pixels, field)
            return
        block = _words(overlay.text, overlay.width, size, fonts)
        if block is None:
            self._patch = None
            self._remarks += (f"{field}: no font here has the letters of the watermark {overlay.text!r}",)
        else:
            middle = corner_middle(overlay.corner, size, (block.width, block.height), safe)
            self._patch = faded(block.centered(*middle), overlay.opacity)
            self._remarks += block.remarks

    def paint(self, frame: VideoFrame, number: int) -> None:
        """See `Painter.paint`."""
        if self._patch is not None and self._shown.share(number):
            blend(frame, self._patch)

    def remarks(self) -> tuple[str, ...]:
        """See `Painter.remarks`."""
        return self._remarks

    def close(self) -> None:
        """See `Painter.close`."""


def _picture(
    overlay: WatermarkOverlay, source: str, size: tuple[int, int], safe: SafeArea, max_pixels: int, field: str
) -> Patch:
    width, height = size
    image = open_still(source, f"{field}.source", max_pixels, width)
    wide = min(overlay.width * width, TALLEST * height * image.width / image.height)
    middle = corner_middle(overlay.corner, size, (wide, wide * image.height / image.width), safe)
    return still_patch(image, wide, middle, overlay.opacity)


def _words(text: str, width: float, size: tuple[int, int], fonts: Path | None) -> TextBlock | None:
    needed = columns(text) / LINES * LEGIBLE * min(size) / size[0]
    wide = min(WIDEST, max(width, needed))
    return text_block(text, STYLE, size, fonts, max_lines=LINES, width=wide, scale=SCALE)


def corner_middle(corner: str, size: tuple[int, int], box: tuple[float, float], safe: SafeArea) -> tuple[float, float]:
    """The middle of a box of `box` pixels in a corner of a canvas of `size`, clear of what platforms lay over it.

    Their column of buttons stands on the lower right; above it the right border is as free as the left one.
    """
    width, height = size
    right = safe.right if corner == "bottom_right" else 1 - safe.left
    x = safe.left * width + box[0] / 2 if corner.endswith("left") else right * width - box[0] / 2
    y = safe.top * height + box[1] / 2 if corner.startswith("top") else safe.bottom * height - box[1] / 2
    return x, y
