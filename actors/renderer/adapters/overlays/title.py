"""The hook: a line or two of large letters over the first seconds, set by the caption engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from actors.renderer.adapters.captions.block import text_block
from actors.renderer.adapters.captions.canvas import faded
from actors.renderer.adapters.patch import Patch, blend
from actors.renderer.core import Schedule
from actors.renderer.core.safe import safe_area
from contracts.timeline import Timeline, TitleOverlay

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["TitlePainter", "title_painter"]

FADE_S = 0.14
LINES = 3
SCALE = 1.12


class TitlePainter:
    """Blends one patch into the pictures that show it, softly at its ends."""

    def __init__(self, patch: Patch | None, first: int, last: int, fps: int, remarks: tuple[str, ...]) -> None:
        self._patch, self.first, self.last, self._remarks = patch, first, last, remarks
        self._fade = max(1, round(FADE_S * fps))

    def paint(self, frame: VideoFrame, number: int) -> None:
        """Draw the title where it is due."""
        if self._patch is None or not self.first <= number < self.last:
            return
        share = min((number - self.first + 1) / self._fade, (self.last - number) / self._fade, 1.0)
        blend(frame, self._patch if share >= 1 else faded(self._patch, share))

    def remarks(self) -> tuple[str, ...]:
        """What no font has."""
        return self._remarks

    def close(self) -> None:
        """Nothing is open."""


def title_painter(
    overlay: TitleOverlay, timeline: Timeline, schedule: Schedule, size: tuple[int, int], fonts: Path | None
) -> TitlePainter:
    """What paints a title. Raises `Reject` for a caption style that there is not."""
    width, height = size
    safe = safe_area(timeline.captions.platforms, width, height)
    block = text_block(
        overlay.text,
        overlay.style or timeline.captions.style,
        size,
        fonts,
        max_lines=LINES,
        width=min(0.86, safe.centered_width),
        scale=SCALE,
        language=timeline.captions.language,
    )
    fps = schedule.fps
    last = schedule.frames if overlay.end is None else min(schedule.frames, round(overlay.end * fps))
    if block is None:
        return TitlePainter(None, 0, 0, fps, (f"No font here has the letters of the title {overlay.text!r}",))
    middle = min(max(overlay.y * height, safe.top * height + block.height / 2), safe.bottom * height - block.height / 2)
    return TitlePainter(block.centered(width / 2, middle), round(overlay.start * fps), last, fps, block.remarks)
