"""The shape of sources as they are seen: what lies on their picture can only be placed with it."""

from __future__ import annotations

from pathlib import Path

from actors.renderer.adapters.source import open_source, video_of
from contracts.timeline import Timeline

__all__ = ["aspects_of"]

ANY_SIZE = (1 << 31) - 1
"""The most that a decoder can be told; the size of a source was judged before it comes here."""


def aspects_of(timeline: Timeline) -> dict[str, float]:
    """Width by height of every source with areas, turned as players turn it. Raises `Reject` for an unreadable one."""
    wanted = dict.fromkeys(segment.source for segment in timeline.segments if segment.areas)
    return {source: _aspect(Path(source)) for source in wanted}


def _aspect(path: Path) -> float:
    with open_source(path) as container:
        stream = video_of(container, ANY_SIZE)
        context = stream.codec_context
        pixel = stream.sample_aspect_ratio or context.sample_aspect_ratio
        aspect = context.width * float(pixel or 1) / context.height
        frame = next(container.decode(stream), None)
        return 1 / aspect if frame is not None and frame.rotation % 180 else aspect
