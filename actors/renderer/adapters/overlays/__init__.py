"""Overlays: one file for each kind, and one line in the table of `painters`."""

from __future__ import annotations

from pathlib import Path

from actors.renderer.adapters.overlays.image import ImagePainter
from actors.renderer.adapters.overlays.insert import InsertPainter
from actors.renderer.adapters.overlays.painter import Painter
from actors.renderer.adapters.overlays.progress import ProgressPainter
from actors.renderer.adapters.overlays.title import TitlePainter
from actors.renderer.adapters.overlays.watermark import WatermarkPainter
from actors.renderer.core import Schedule
from contracts.timeline import (
    ImageOverlay,
    InsertOverlay,
    Overlay,
    ProgressOverlay,
    Timeline,
    TitleOverlay,
    WatermarkOverlay,
)

__all__ = ["Painter", "painters"]


def painters(
    timeline: Timeline, schedule: Schedule, size: tuple[int, int], fonts: Path | None, max_pixels: int
) -> list[Painter]:
    """One painter for each overlay, in their order; inserts first, because everything else lies over them.

    Every file is looked at now, so that what can't be drawn is said before anything is made. Raises `Reject` with the
    overlay's path as its field.
    """
    numbered = sorted(enumerate(timeline.overlays), key=lambda each: each[1].kind != "insert")
    return [_painter(overlay, f"overlays.{n}", timeline, schedule, size, fonts, max_pixels) for n, overlay in numbered]


def _painter(
    overlay: Overlay,
    field: str,
    timeline: Timeline,
    schedule: Schedule,
    size: tuple[int, int],
    fonts: Path | None,
    max_pixels: int,
) -> Painter:
    match overlay:
        case ImageOverlay():
            return ImagePainter(overlay, schedule, size, max_pixels, field)
        case InsertOverlay():
            return InsertPainter(overlay, schedule, size, max_pixels, field)
        case ProgressOverlay():
            return ProgressPainter(overlay, schedule, size, field)
        case WatermarkOverlay():
            return WatermarkPainter(overlay, schedule, size, fonts, max_pixels, field, timeline.captions.platforms)
        case TitleOverlay():
            return TitlePainter(overlay, timeline, schedule, size, fonts, field)
