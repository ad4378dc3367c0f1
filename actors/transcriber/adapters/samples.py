"""The sound of a file as samples, part by part, each at the time at which a player plays it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.errors import Reject
from runtime.opening import CONTAINERS, SOUNDS, packets_of, this_file_alone

if TYPE_CHECKING:
    import av
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

__all__ = ["RATE", "Reader", "blocks"]

RATE = 16000
"""Samples a second; what speech models listen to."""
_JUMP_S = 0.05  # by which times may be off before they are believed
_JUMP = round(_JUMP_S * RATE)
_LEAD_S = 1.0  # decoders need a little before what is wanted
_FAR_S = 60.0
_SEEKABLE = frozenset({"mp4", "mov", "matroska", "webm"})  # others only estimate where a time lies


def blocks(path: str, start: float = 0.0, *, end: float, seconds: float = 30.0) -> Iterator[tuple[float, Samples]]:
    """Mono float samples from `start` on to the end of the sound or `end`: blocks without gaps, each with its start.

    What the stream leaves out is silent; broken packets are, too. Memory: one block. Raises `Reject` for a file that is
    no media.
    """
    import numpy as np

    size, at = int(seconds * RATE), round(start * RATE)
    last = round(end * RATE)
    held: list[Samples] = []
    count = 0
    for begin, samples in _decoded(path, start):
        here = at + count
        gap = min(begin, last) - here if begin - here > _JUMP else 0
        heard = here - begin if here - begin > _JUMP else 0
        for piece in chain(_silence(gap, size), [samples[heard:]]):
            held.append(piece)
            count += len(piece)
            while count >= size:
                whole = np.concatenate(held)
                yield at / RATE, whole[: min(size, max(0, last - at))]
                held, at, count = [whole[size:]], at + size, count - size
                if at >= last:
                    return
    if count:
        yield at / RATE, np.concatenate(held)[: max(0, last - at)]


def _silence(samples: int, size: int) -> Iterator[Samples]:
    import numpy as np

    while samples > 0:
        yield np.zeros(min(samples, size), np.float32)
        samples -= size


def _decoded(path: str, start: float) -> Iterator[tuple[int, Samples]]:
    """Samples with the place of the first one; whatever lies before `start` is cut off. Raises `Reject`."""
    import av

    try:
        yield from _opened(path, start)
    except (av.FFmpegError, MemoryError) as error:
        why = error.strerror if isinstance(error, av.FFmpegError) else "it needs too much memory"
        raise Reject(
            f"The sound of {Path(path).name} cannot be read ({why})", advice="Give the video as MP4 or MKV"
        ) from None


def _opened(path: str, start: float) -> Iterator[tuple[int, Samples]]:
    import av

    options = this_file_alone((*CONTAINERS, *SOUNDS))
    with av.open(path, options=options, metadata_errors="ignore") as container:
        stream = container.streams.best("audio")
        if not isinstance(stream, av.AudioStream):
            return
        stream.codec_context.thread_count = 1
        origin = (container.start_time or 0) / av.time_base
        if start > _LEAD_S and _SEEKABLE & set(container.format.name.split(",")) and stream.time_base:
            container.seek(int((origin + start - _LEAD_S) / stream.time_base), stream=stream)
        first = round(start * RATE)
        for begin, samples in _resampled(_frames(container, stream), origin):
            if begin + len(samples) > first:
                yield max(begin, first), samples[max(0, first - begin) :]


def _frames(container: Any, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
    import av

    try:
        for packet in packets_of(container, [stream]):
            try:
                yield from packet.decode()
            except (av.FFmpegError, ValueError):  # a broken packet is a short silence
                continue
    except av.FFmpegError:  # the file ends in rubbish; what was heard so far counts
        return


def _resampled(frames: Iterator[av.AudioFrame], origin: float) -> Iterator[tuple[int, Samples]]:
    """Runs of frames without gaps go through one filter, which collects them: ten hours are two million frames."""
    run: _Run | None = None
    for frame in frames:
        if frame.time is None or not frame.sample_rate:
            continue
        at = frame.time - origin
        if run is None or not run.continues(frame, at):
            if run is not None:
                yield from run.rest()
            run = _Run(frame, at)
        yield from run.push(frame)
    if run is not None:
        yield from run.rest()


class _Run:
    """Frames of one format that follow one another."""

    def __init__(self, frame: av.AudioFrame, at: float) -> None:
        self._format = (frame.format.name, frame.layout.name, frame.sample_rate)
        self._graph = _graph(frame)
        self._start = at
        self._in = 0  # samples pushed, at the rate of the frames
        self._out = round(at * RATE)
        self._waiting = 0

    def continues(self, frame: av.AudioFrame, at: float) -> bool:
        """Whether this frame, which begins at `at`, is the next one."""
        expected = self._start + self._in / self._format[2]
        same = (frame.format.name, frame.layout.name, frame.sample_rate) == self._format
        return same and abs(at - expected) <= _JUMP_S

    def push(self, frame: av.AudioFrame) -> Iterator[tuple[int, Samples]]:
        """What comes out of the filter; about once a second, because to ask it costs as much as to decode."""
        self._graph.push(frame)
        self._in += frame.samples
        self._waiting += frame.samples
        if self._waiting > self._format[2]:
            self._waiting = 0
            yield from self._pulled()

    def rest(self) -> Iterator[tuple[int, Samples]]:
        """What the filter still holds, when the run is over."""
        self._graph.push(None)
        yield from self._pulled()

    def _pulled(self) -> Iterator[tuple[int, Samples]]:
        import av

        while True:
            try:
                frame = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(frame, av.AudioFrame):
                samples = frame.to_ndarray()[0]
                yield self._out, samples
                self._out += len(samples)


def _graph(frame: av.AudioFrame) -> av.filter.Graph:
    import av

    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=frame.time_base
        ),
        graph.add("aresample", str(RATE)),
        graph.add("aformat", f"sample_fmts=flt:sample_rates={RATE}:channel_layouts=mono"),
        graph.add("asetnsamples", f"n={RATE}:p=0"),
        graph.add("abuffersink"),
    )
    graph.configure()
    return graph


class Reader:
    """Reads spans of one file that come in order; they may overlap a little."""

    def __init__(self, path: str, until: float) -> None:
        self._path = path
        self._until = until
        self._blocks: Iterator[tuple[float, Samples]] | None = None
        self._at = 0  # the place of the first sample that is held
        self._held: Samples | None = None

    def read(self, start: float, end: float) -> Samples:
        """The samples of a span; silent behind the end of the sound."""
        import numpy as np

        first, last = round(start * RATE), round(end * RATE)
        held = self._held
        if self._blocks is None or held is None or not self._at <= first <= self._at + len(held) + _FAR_S * RATE:
            self._blocks = blocks(self._path, first / RATE, end=self._until)
            held, self._at = np.empty(0, np.float32), first
        pieces, there = [held], len(held)
        while self._at + there < last and (block := next(self._blocks, None)) is not None:
            pieces.append(block[1])
            there += len(block[1])
            if self._at + there < first:  # skipped
                self._at, pieces, there = self._at + there, [], 0
        whole = np.concatenate([*pieces, np.empty(0, np.float32)])
        self._held = whole[first - self._at :]
        self._at = first
        span = self._held[: last - first]
        return np.pad(span, (0, last - first - len(span)))
