"""The hook: a line or two of large letters over the first seconds, set by the caption engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from actors.renderer.adapters.captions.block import text_block
from actors.renderer.adapters.overlays.presence import presence
from actors.renderer.adapters.patch import Patch, blend, faded
from actors.renderer.core import Schedule
from actors.renderer.core.safe import safe_area
from contracts.timeline import Timeline, TitleOverlay

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["TitlePainter"]

FADE_S = 0.14
SHOWN_S = 3.0
"""For how long a title stands that does not say it."""
LINES, SCALE, WIDTH = 3, 1.12, 0.86
"""At most so many lines, so many times as large as captions, on so much of the picture's width."""


class TitlePainter:
    """One title, in the style of the captions if it has none of its own; smaller where it has many words.

    Raises `Reject` for a caption style that there is not, and for an end before its start.
    """

    def __init__(
        self,
        overlay: TitleOverlay,
        timeline: Timeline,
        schedule: Schedule,
        size: tuple[int, int],
        fonts: Path | None,
        field: str,
    ) -> None:
        width, height = size
        plan = timeline.captions
        end = overlay.end if overlay.end is not None else overlay.start + SHOWN_S
        self._shown = presence(overlay.start, end, FADE_S, schedule, field)
        safe = safe_area(plan.platforms, width, height)
        block = text_block(
            overlay.text,
            overlay.style or plan.style,
            size,
            fonts,
            max_lines=LINES,
            width=min(WIDTH, safe.centered_width),
            scale=SCALE,
            language=plan.language,
            field=f"{field}.style" if overlay.style else "captions.style",
        )
        self._remarks = block.remarks if block else (f"No font here has the letters of the title {overlay.text!r}",)
        self._patch: Patch | None = None
        if block is not None:
            low, high = safe.top * height + block.height / 2, safe.bottom * height - block.height / 2
            self._patch = block.centered(width / 2, min(max(overlay.y * height, low), max(low, high)))

    def paint(self, frame: VideoFrame, number: int) -> None:
        """See `Painter.paint`."""
        if self._patch is not None and (share := self._shown.share(number)):
            blend(frame, faded(self._patch, share))

    def remarks(self) -> tuple[str, ...]:
        """See `Painter.remarks`."""
        return (*self._remarks, *([self._shown.remark] if self._shown.remark else []))

    def close(self) -> None:
        """See `Painter.close`."""
