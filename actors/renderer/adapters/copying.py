"""Pictures that nothing is done to go into the short as they are in the source: nothing is lost, and little is spent.

Every one of them is decoded all the same, for the figures and the thumbnail, and because a damaged source is salvaged
by encoding it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av

from actors.renderer.adapters.encode import Muxer
from actors.renderer.adapters.packets import copied
from actors.renderer.adapters.source import Reading, open_source, origin_of, resampled, video_frames, video_of
from actors.renderer.core.copying import Facts, changes_pictures, differs, in_order
from actors.renderer.core.framing import FRAME_SLACK
from runtime.opening import packets_of

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from actors.renderer.adapters.quality import Observer
    from actors.renderer.adapters.sound import Sound
    from actors.renderer.core.schedule import Schedule
    from contracts.timeline import Timeline

__all__ = ["LABEL", "Copy", "copy_of", "write_copy"]

LABEL = "h264 copied from the source"
"""What stands where the encoder is named."""
_LATE = 0.5
"""Seconds after the start at which no keyframe for it is looked for any more."""


@dataclass(frozen=True)
class Copy:
    """A span of a source whose packets are copied: its first keyframe, and the place of each packet's picture."""

    source: Path
    start: float
    first: int
    """Timestamp of the keyframe, on the stream's clock."""
    places: tuple[int, ...]
    fps: int


@dataclass
class _Span:
    """Packets of a span, in the order in which they are decoded: seconds of their pictures, and their sizes."""

    first: int
    times: list[float]
    bits: int = 0


def copy_of(timeline: Timeline, plan: Schedule, max_pixels: int) -> Copy | None:
    """How the pictures of a timeline can be copied; None: they have to be encoded. Sources are local files.

    Reads packets of the span and decodes one picture, and not even that where the timeline changes them. Raises
    `Reject` for a source that can't be read at all.
    """
    if changes_pictures(timeline) is not None:
        return None
    segment = timeline.segments[0]
    source, size = Path(segment.source), (timeline.canvas.width, timeline.canvas.height)
    with open_source(source) as container:
        stream = video_of(container, max_pixels)
        if (stream.codec_context.width, stream.codec_context.height) != size:
            return None
        span = _span(container, stream, segment.start, plan.frames)
    if span is None or (places := in_order(span.times, segment.start, plan.fps)) is None:
        return None
    facts = _facts(source, segment.start, span.bits * plan.fps / plan.frames, max_pixels)
    if facts is None or differs(facts, size) is not None:
        return None
    return Copy(source, segment.start, span.first, tuple(places), plan.fps)


def write_copy(copy: Copy, path: Path, sound: Sound, observer: Observer, max_pixels: int) -> bool:
    """Write the file; `observer` sees every picture. False: one is damaged or missing, and all must be encoded."""
    reading = Reading()
    frames = len(copy.places)
    end = copy.start + frames / copy.fps
    decoded = video_frames(copy.source, copy.start, end, max_pixels, reading)
    for number, timed in resampled(decoded, copy.start, copy.fps, frames):
        observer.see(timed.frame, number)
    if reading.broken or observer.frames != frames:
        return False
    return _write(copy, path, sound, max_pixels) == frames


def _write(copy: Copy, path: Path, sound: Sound, max_pixels: int) -> int:
    """How many pictures were written. Times are told anew, by place: exact whatever the source's clock rounds.

    A picture is decoded at least as early as it is shown: `early` pictures before where others are decoded between.
    """
    early = max(number - place for number, place in enumerate(copy.places))
    rate = Fraction(1, copy.fps)
    with open_source(copy.source) as container:
        stream = video_of(container, max_pixels)
        written = 0
        with Muxer(path, lambda target: target.add_stream_from_template(stream)) as muxer:
            muxer.sound(sound.packets)
            for number, (packet, place) in enumerate(zip(_from(container, stream, copy), copy.places, strict=False)):
                new = copied(packet)
                new.time_base, new.duration = rate, 1
                new.pts, new.dts = place, number - early
                muxer.put([new])
                written += 1
            muxer.finish()
    return written


def _from(container: InputContainer, stream: VideoStream, copy: Copy) -> Iterator[Packet[Any]]:
    """The packets from the copy's keyframe on."""
    container.seek(copy.first, stream=stream)
    began = False
    for packet in packets_of(container, [stream]):
        began = began or (packet.is_keyframe and packet.pts == copy.first)
        if began and packet.pts is not None:
            yield packet


def _span(container: InputContainer, stream: VideoStream, start: float, frames: int) -> _Span | None:
    """The first `frames` packets from the last keyframe that is on screen at `start`; None: there are not so many."""
    origin = origin_of(container)
    if start > 0:
        container.seek(int((start + origin) * av.time_base))
    span: _Span | None = None
    for packet in packets_of(container, [stream]):
        if packet.pts is None or packet.time_base is None:
            continue
        time = float(packet.pts * packet.time_base) - origin
        if packet.is_keyframe and time <= start + FRAME_SLACK:
            span = _Span(packet.pts, [])
        if time > start + _LATE and (span is None or start - span.times[0] > _LATE):
            return None
        if span is not None and len(span.times) < frames:
            span.times.append(time)
            span.bits += 8 * packet.size
        if span is not None and len(span.times) == frames and time > start + FRAME_SLACK:
            return span
    return span if span is not None and len(span.times) == frames else None


def _facts(source: Path, start: float, bits: float, max_pixels: int) -> Facts | None:
    """What one decoded picture of the span tells."""
    reading = Reading()
    with open_source(source) as container:
        name = container.format.name
        codec = video_of(container, max_pixels).codec_context.name
    timed = next(video_frames(source, start, start + 1, max_pixels, reading), None)
    if timed is None or reading.broken:
        return None
    frame: VideoFrame = timed.frame
    return Facts(
        container=name,
        codec=codec,
        pixels=frame.format.name,
        size=(frame.width, frame.height),
        pixel_aspect=reading.pixel_aspect,
        rotation=reading.rotation,
        interlaced=frame.interlaced_frame,
        matrix=frame.colorspace,
        primaries=frame.color_primaries,
        transfer=frame.color_trc,
        full_range=frame.color_range == _FULL,
        bits=bits,
    )


_FULL = 2
"""FFmpeg's `AVCOL_RANGE_JPEG`."""
