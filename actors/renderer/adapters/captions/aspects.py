"""The shape of sources as they are seen: what lies on their picture can only be placed with it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from actors.renderer.adapters.source import Reading, open_source, video_frames, video_of
from contracts.timeline import Timeline

__all__ = ["aspects_of"]

LOOKED = 10.0
"""Seconds of a source in which a picture is looked for."""
ANY_SIZE = (1 << 31) - 1
"""The most that a decoder can be told; the size of a source was judged before it comes here."""


def aspects_of(timeline: Timeline) -> dict[str, float]:
    """Width by height of every source with areas, turned as players turn it. Raises `Reject` for an unreadable one."""
    wanted = dict.fromkeys(segment.source for segment in timeline.segments if segment.areas)
    return {source: _aspect(Path(source)) for source in wanted}


def _aspect(path: Path) -> float:
    with open_source(path) as container:
        context = video_of(container, ANY_SIZE).codec_context
        width, height = context.width, context.height
    reading = Reading()  # finds the rotation, and a picture behind packets that are broken
    with closing(video_frames(path, 0.0, LOOKED, ANY_SIZE, reading)) as pictures:
        next(pictures, None)
    aspect = width * reading.pixel_aspect / height
    return 1 / aspect if reading.rotation % 180 else aspect
