"""Reading a source file that may be anything: what is refused, what is salvaged, and what is said about it."""

from __future__ import annotations

import math
import os
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.error import FFmpegError
from av.stream import Disposition

from actors.renderer.core import FRAME_SLACK
from runtime.errors import Reject
from runtime.opening import CONTAINERS, packets_of, this_file_alone

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.filter import Graph
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

__all__ = [
    "Reading",
    "TimedFrame",
    "open_alone",
    "open_source",
    "TOLERATED",
    "origin_of",
    "resampled",
    "shown_at",
    "sound_of",
    "video_frames",
    "video_of",
]

TOLERATED = 0.02
MOST_BROKEN = 1000
DECODER_THREADS = 4
SEEK_BACK = (0.0, 5.0, 30.0)


@dataclass
class Reading:
    """What was learnt about a source while it was read."""

    frames: int = 0
    broken: int = 0
    until: float = 0.0
    """Second of the clip at which its last picture so far leaves the screen."""
    complete: bool = False
    """Whether the end of the span was reached, not just the end of the file."""
    pixel_aspect: float = 1.0
    rotation: int = 0
    """Degrees counter-clockwise that a player turns it."""

    @property
    def broken_share(self) -> float:
        """Broken pictures as a share of all."""
        return self.broken / max(1, self.frames + self.broken)


@dataclass(frozen=True)
class TimedFrame:
    """A picture and the second of the clip at which it appears."""

    time: float
    frame: VideoFrame
    last: bool = False
    """Whether no picture follows it."""


def open_source(path: Path) -> InputContainer:
    """Open a local video. Raises `Reject`."""
    advice = "Download the clip again, or give a video in MP4, MOV, WebM, MKV, AVI or TS"
    return open_alone(path, CONTAINERS, "The source is not a readable video", advice=advice)


def open_alone(path: Path, formats: Iterable[str], unreadable: str, *, advice: str) -> InputContainer:
    """Open a local file as one of these formats; nothing that it names is read. `Reject` says what is `unreadable`."""
    try:
        return av.open(str(path), options=this_file_alone(formats))
    except FFmpegError as error:
        raise Reject(f"{unreadable} ({error.strerror or type(error).__name__})", advice=advice) from error


def video_of(container: InputContainer, max_pixels: int) -> VideoStream:
    """The first moving picture of the file (no cover art), guarded against huge dimensions. Raises `Reject`."""
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams:
        raise Reject("The source has no picture", advice="Give a video: this file holds only sound or data")
    if not _decodable(stream := streams[0]):
        raise Reject("No decoder knows the source's picture", advice="Convert it to H.264 and give it again")
    context = stream.codec_context
    if context.width * context.height > max_pixels:
        raise Reject(
            f"The source's picture of {context.width}x{context.height} is larger than this renderer accepts",
            advice="Scale it down, or raise CLIPWIRE_RENDERER_MAX_MEGAPIXELS if the machine has the memory",
        )
    context.options = {"max_pixels": str(max_pixels)}  # a stream may also grow after its header
    context.thread_type = "FRAME"
    context.thread_count = min(DECODER_THREADS, os.cpu_count() or 1)  # each one more holds one more picture in memory
    return stream


def sound_of(container: InputContainer) -> AudioStream | None:
    """The first sound track, if there is one."""
    return next((stream for stream in container.streams.audio if _decodable(stream)), None)


def _decodable(stream: VideoStream | AudioStream) -> bool:
    """Whether there is a decoder for it; the types of PyAV say always, but a codec may be unknown."""
    context: object = stream.codec_context
    return context is not None


def origin_of(container: InputContainer) -> float:
    """The container's own start in seconds: the clip's second 0."""
    return (container.start_time or 0) / av.time_base


def video_frames(
    path: Path, start: float, end: float, max_pixels: int, reading: Reading
) -> Generator[TimedFrame, None, None]:
    """The pictures on screen from `start` to `end`, the one that already stands at `start` first.

    Decoding begins at the keyframe before `start`. A demuxer that lands behind it (no index, odd timestamps) is asked
    again further back, at last from the beginning of the file.
    """
    for back in (*SEEK_BACK, None):
        target = None if back is None or start - back <= 0 else start - back
        with open_source(path) as container:
            frames = _decoded(container, video_of(container, max_pixels), target, end, reading)
            first = next(frames, None)
            if first is not None and (first.time <= start + FRAME_SLACK or target is None):
                yield from _from(start, first, frames)
                return
        if target is None:
            return
        reading.frames = reading.broken = 0
        reading.complete = False


def _from(start: float, first: TimedFrame, rest: Iterator[TimedFrame]) -> Iterator[TimedFrame]:
    standing = first
    for timed in rest:
        if timed.time > start + FRAME_SLACK:
            yield standing
        standing = timed
    yield standing


def _decoded(
    container: InputContainer, stream: VideoStream, target: float | None, end: float, reading: Reading
) -> Iterator[TimedFrame]:
    origin = origin_of(container)
    if target is not None:
        container.seek(int((target + origin) * av.time_base))
    clock = -math.inf
    smooth = Deinterlacer()
    for frame in _tolerant(container, stream, reading):
        for whole in smooth.feed(frame):
            if whole.pts is None or whole.time_base is None:
                continue
            time = float(whole.pts * whole.time_base) - origin
            if time <= clock:  # timestamps that jump back (a spliced stream) would show the past again
                continue
            clock = time
            if time >= end:
                reading.complete = True
                return
            held = float(whole.duration * whole.time_base) if whole.duration else 0.0
            reading.until = time + max(held, 1 / float(stream.average_rate or 30))
            yield TimedFrame(time, whole)


def _tolerant(container: InputContainer, stream: VideoStream, reading: Reading) -> Iterator[VideoFrame | None]:
    """Every picture that decodes, then None. `container.decode` would end at the first broken packet."""
    packets = packets_of(container, [stream])
    aspect = stream.codec_context.sample_aspect_ratio or stream.sample_aspect_ratio
    reading.pixel_aspect = float(aspect) if aspect else 1.0
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                break
            frames = packet.decode()
        except FFmpegError:
            reading.broken += 1
            if reading.broken > MOST_BROKEN:
                break
            continue
        for frame in frames:
            if not reading.frames + reading.broken:  # of the first only: asked of every one, all would stay in memory
                reading.rotation = round(frame.rotation / 90) * 90 % 360
            if frame.is_corrupt:
                reading.broken += 1
            else:
                reading.frames += 1
            yield frame
    yield None


class Deinterlacer:
    """Makes whole pictures of interlaced ones (bwdif, one per frame); passes others on untouched."""

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._shape: tuple[int, int, str] | None = None

    def feed(self, frame: VideoFrame | None) -> Iterator[VideoFrame]:
        """None flushes."""
        if frame is not None and self._graph is None and not frame.interlaced_frame:
            yield frame
            return
        shape = (frame.width, frame.height, frame.format.name) if frame is not None else None
        if self._graph is not None and shape != self._shape:
            self._graph.push(None)
            yield from self._pulled()
            self._graph = None
        if frame is None:
            return
        if self._graph is None:
            self._graph, self._shape = _bwdif(frame), shape
        self._graph.push(frame)
        yield from self._pulled()

    def _pulled(self) -> Iterator[VideoFrame]:
        while self._graph is not None:
            try:
                yield self._graph.vpull()
            except (av.BlockingIOError, av.EOFError):
                return


def _bwdif(frame: VideoFrame) -> Graph:
    graph = av.filter.Graph()
    graph.threads = 1
    entry = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1, 90000)
    )
    graph.link_nodes(entry, graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink")).configure()
    return graph


def resampled(frames: Iterator[TimedFrame], start: float, fps: float, count: int) -> Iterator[tuple[int, TimedFrame]]:
    """Constant rate by timestamps: for every frame number of the short the picture on screen at that moment."""
    yield from enumerate(shown_at(frames, (start + number / fps for number in range(count))))


def shown_at(frames: Iterator[TimedFrame], moments: Iterable[float]) -> Iterator[TimedFrame]:
    """The picture on screen at each moment; moments rise.

    Before the first picture the first one is held, after the last one the last.
    """
    shown = next(frames, None)
    if shown is None:
        return
    following = next(frames, None)
    for moment in moments:
        while following is not None and following.time <= moment + FRAME_SLACK:
            shown, following = following, next(frames, None)
        yield shown if following is not None else replace(shown, last=True)
