"""Timelines of words alone, and pictures to paint their captions into."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from av.video.frame import VideoFrame

from actors.renderer.adapters.captions import CaptionPainter, captions_of
from actors.renderer.adapters.planes import planes_of, tag
from actors.renderer.core import emphasised, schedule
from contracts.media import Word
from contracts.timeline import Canvas, CaptionPlan, Segment, Timeline
from tests.support.golden import rgb_of

__all__ = ["ground", "noise", "painted", "painter_of", "timeline_of"]


def timeline_of(
    texts: Sequence[str],
    style: str = "lit",
    *,
    size: tuple[int, int] = (1080, 1920),
    language: str | None = None,
    each: float = 0.5,
    **plan: Any,
) -> Timeline:
    """Words that are said one after the other, `each` so many seconds long."""
    words = tuple(Word(text=text, start=n * each, end=(n + 1) * each) for n, text in enumerate(texts))
    captions = CaptionPlan(words=words, emphasis=emphasised(words), style=style, language=language, **plan)
    segment = Segment(source="none.mp4", end=max(1.0, len(texts) * each + 1))
    return Timeline(canvas=Canvas(width=size[0], height=size[1]), segments=(segment,), captions=captions)


def painter_of(timeline: Timeline, fonts: Path | None = None) -> CaptionPainter:
    """What paints the captions of a timeline at its canvas's size."""
    return captions_of(timeline, schedule(timeline), (timeline.canvas.width, timeline.canvas.height), fonts)


def ground(size: tuple[int, int], color: tuple[int, int, int] = (109, 109, 109)) -> VideoFrame:
    """A picture of one colour."""
    return _frame(np.full((size[1], size[0], 3), color, np.uint8))


def noise(size: tuple[int, int]) -> VideoFrame:
    """A picture of blocks in random colours, each four pixels wide."""
    dice = np.random.default_rng(3)
    small = dice.integers(0, 256, (size[1] // 4 + 1, size[0] // 4 + 1, 3), np.uint8)
    return _frame(small.repeat(4, 0).repeat(4, 1)[: size[1], : size[0]])


def painted(timeline: Timeline, number: int = 0, frame: VideoFrame | None = None) -> Any:
    """Picture `number` as a screen shows it: rows, columns, RGB."""
    picture = frame or ground((timeline.canvas.width, timeline.canvas.height))
    painter = painter_of(timeline)
    for n in range(number):
        painter.paint(_copied(picture), n)
    painter.paint(picture, number)
    return rgb_of(picture)


def _frame(rgb: Any) -> VideoFrame:
    from av.video.reformatter import ColorRange, Colorspace

    frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24").reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
    tag(frame)
    return frame


def _copied(frame: VideoFrame) -> VideoFrame:
    copy = VideoFrame(frame.width, frame.height, "yuv420p")
    for target, source in zip(planes_of(copy), planes_of(frame), strict=True):
        target[:] = source
    tag(copy)
    return copy
