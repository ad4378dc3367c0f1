"""Overlays for tests: their painters, and what they leave of an even ground."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from av.video.frame import VideoFrame
from PIL import Image

from actors.renderer.adapters.overlays import Painter, painters
from actors.renderer.adapters.planes import planes_of, tag
from actors.renderer.core import schedule
from contracts.timeline import Canvas, Overlay, Segment, Timeline

SIZE = (108, 192)
FPS = 10
PIXELS = 1_000_000


def timeline(*overlays: Overlay, seconds: float = 4.0) -> Timeline:
    return Timeline(
        canvas=Canvas(width=SIZE[0], height=SIZE[1], fps=FPS),
        segments=(Segment(source="x.mp4", end=seconds),),
        overlays=overlays,
    )


def made(*overlays: Overlay, seconds: float = 4.0, size: tuple[int, int] = SIZE) -> list[Painter]:
    plan = timeline(*overlays, seconds=seconds)
    return painters(plan, schedule(plan), size, None, PIXELS)


def ground(luma: int = 60, size: tuple[int, int] = SIZE) -> VideoFrame:
    frame = VideoFrame(*size, "yuv420p")
    for plane, value in zip(planes_of(frame), (luma, 128, 128), strict=True):
        plane[:] = value
    tag(frame)
    return frame


def rgb(frame: VideoFrame) -> Any:
    return frame.to_ndarray(format="rgb24")


def shown(painter: Painter, number: int, luma: int = 60, size: tuple[int, int] = SIZE) -> Any:
    frame = ground(luma, size)
    painter.paint(frame, number)
    return rgb(frame)


def through(painter: Painter, numbers: Sequence[int]) -> dict[int, Any]:
    return {number: shown(painter, number) for number in numbers}


def untouched(picture: Any, luma: int = 60) -> bool:
    return bool((picture == rgb(ground(luma))).all())


def save(path: Path, color: tuple[int, ...], size: tuple[int, int] = (40, 20), **more: Any) -> str:
    Image.new("RGBA" if len(color) == 4 else "RGB", size, color).save(path, **more)
    return str(path)
