"""Decodes the picture of a file, several groups of pictures (GOPs) at a time.

A group begins with a keyframe and refers to nothing before it, so that each thread decodes one by itself. FFmpeg's own
frame threads wait for each other within pictures instead, which costs half as much processor time again. Leading
pictures of an open GOP, which are shown before the keyframe that they follow in the file (ITU-T H.265, 3.75), refer to
the group before: its thread decodes them, and that keyframe.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from actors.vlm.adapters.opening import opened, start_of, video_of
from actors.vlm.adapters.pictures.groups import Group, Line, Reader
from contracts.media import MOST_PIXELS
from runtime.opening import packets_of

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.container import InputContainer
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

__all__ = ["Decoder"]


class _NotApartError(Exception):
    """The groups of a file need each other, or there is only one."""


@dataclass
class Decoder:
    """Decodes the picture of one file. `every_frame`: also those that no other frame refers to.

    `aspect`: width of a pixel by its height. `errors`: how much could not be decoded.
    """

    path: Path
    threads: int
    every_frame: bool
    aspect: float = field(default=1.0, init=False)
    errors: int = field(default=0, init=False)

    def frames(self) -> Generator[tuple[float, VideoFrame]]:
        """Frames with their times in seconds, in order of time; those that go back are left out."""
        last = -1.0
        for apart in (True, False):
            try:
                with closing(self._all(apart)) as frames:
                    for t, frame in frames:
                        if t > last and t >= -0.001:
                            last = t
                            yield max(0.0, t), frame
                return
            except _NotApartError:  # from the start in one go; what was shown already is left out
                continue

    def _all(self, apart: bool) -> Generator[tuple[float, VideoFrame]]:
        """Raises `_NotApartError` where groups that are decoded `apart` turn out to need each other."""
        with opened(self.path) as container:
            stream = video_of(container)
            self.aspect = float(stream.sample_aspect_ratio or 1) or 1.0
            start, unit = start_of(container), stream.time_base
            size = stream.codec_context.width * stream.codec_context.height
            threads = self.threads if size <= MOST_PIXELS // 4 else 1
            reader, line = Reader(packets_of(container, [stream]), apart), Line()
            workers, threads = (threads, 1) if apart else (1, threads)
            with ThreadPoolExecutor(workers, "decoder") as pool, closing(line):
                _begin(pool, workers, partial(self._work, reader, line, threads), line)
                for frame in line.frames():
                    frame.time_base = unit  # those that a decoder still held come without
                    yield frame.time - start, frame
            self.errors = line.errors + reader.errors

    def _work(self, reader: Reader, line: Line, threads: int) -> None:
        """One thread: decodes the next group that no other has, until there is none."""
        with opened(self.path) as container:  # not to read: its decoder knows what the header says
            context = self._prepared(container, threads)
            while (group := _taken(reader, context, line)) is not None:
                try:
                    _decode(group, context, line)
                except _NotApartError:
                    _decode_from_before(group, context, line)
            line.finish(reader.groups)

    def _prepared(self, container: InputContainer, threads: int) -> VideoCodecContext:
        context = video_of(container).codec_context
        context.thread_type = "AUTO"
        context.thread_count = threads
        if not self.every_frame:
            context.skip_frame = "NONREF"
        context.options = {**context.options, "skip_loop_filter": "all"}
        return context


def _begin(pool: ThreadPoolExecutor, workers: int, work: Callable[[], None], line: Line) -> None:
    try:
        for _ in range(workers):
            pool.submit(work).add_done_callback(line.over)
    except RuntimeError as error:
        raise MemoryError("there is no memory for another thread") from error


def _taken(reader: Reader, context: VideoCodecContext, line: Line) -> Group | None:
    """The next group, or what is left of it: of a long one all else is decoded while nobody reads."""
    with reader.turn:
        group = reader.next()
        if group and group.begins is None and not group.whole and reader.apart:
            raise _NotApartError
        while group and not group.whole:
            _show(group, context, line)
            reader.go_on(group)
    return group


def _decode(group: Group, context: VideoCodecContext, line: Line) -> None:
    """What is left of it, to the last frame that the decoder holds; then it is ready for another group."""
    _show(group, context, line)
    for packet in (*group.leading, None):
        _put(group, _decoded(context, packet, group), line)
    context.flush_buffers()
    if not group.shown and group.begins is not None:
        raise _NotApartError
    line.end(group.number, group.errors)


def _decode_from_before(group: Group, context: VideoCodecContext, line: Line) -> None:
    """Its keyframe is damaged: what can be seen of it takes pictures of the group before."""
    if group.before is None:
        raise _NotApartError
    context.flush_buffers()
    before = replace(group.before, number=group.number)
    _show(before, context, line)  # all shown already, which whoever wants the frames leaves out
    group.shown, group.errors = before.shown, 0
    _decode(group, context, line)


def _show(group: Group, context: VideoCodecContext, line: Line) -> None:
    for packet in group.packets:
        _put(group, _decoded(context, packet, group), line)


def _put(group: Group, frames: Sequence[VideoFrame], line: Line) -> None:
    for frame in frames:
        if frame.pts is None:
            continue
        if not group.shown and not _begins(group, frame):
            raise _NotApartError
        group.shown = True
        line.put(group.number, frame)


def _begins(group: Group, frame: VideoFrame) -> bool:
    """A damaged keyframe will do where no group before can mend it."""
    keyframe = frame.pts == group.begins and frame.key_frame
    return group.begins is None or (keyframe and not (frame.is_corrupt and group.before))


def _decoded(context: VideoCodecContext, packet: Packet[VideoStream] | None, group: Group) -> Sequence[VideoFrame]:
    import av

    try:
        return context.decode(packet)
    except MemoryError:  # FFmpeg's own is one of these and an FFmpegError
        raise
    except av.FFmpegError:
        group.errors += 1
        return ()
