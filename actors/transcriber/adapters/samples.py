"""The sound of a file as samples, part by part, each at the time at which a player plays it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import av
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

__all__ = ["RATE", "Reader", "blocks"]

RATE = 16000
"""Samples a second; what speech models listen to."""
_JUMP = RATE // 20  # by which times may be off before they are believed
_LEAD_S = 1.0  # decoders need a little before what is wanted
_FAR_S = 60.0
_SEEKABLE = frozenset({"mp4", "mov", "matroska", "webm"})  # others only estimate where a time lies


def blocks(path: str, start: float = 0.0, *, end: float, seconds: float = 30.0) -> Iterator[tuple[float, Samples]]:
    """Mono float samples from `start` on to the end of the sound or `end`: blocks without gaps, each with its start.

    What the stream leaves out is silent; broken packets are, too. Memory: one block.
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
        for piece in (*_silence(gap, size), samples[heard:]):
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
    """Samples with the place of the first one; whatever lies before `start` is cut off."""
    import av

    with av.open(path, options={"protocol_whitelist": "file"}, metadata_errors="ignore") as container:
        stream = container.streams.best("audio")
        if stream is None:
            return
        stream.codec_context.thread_count = 1
        origin = (container.start_time or 0) / av.time_base
        if start > _LEAD_S and _SEEKABLE & set(container.format.name.split(",")) and stream.time_base:
            container.seek(int((origin + start - _LEAD_S) / stream.time_base), stream=stream)
        first = round(start * RATE)
        for begin, samples in _resampled(_frames(container, stream), origin):
            if begin + len(samples) > first:
                yield max(begin, first), samples[max(0, first - begin) :]


def _frames(container: Any, stream: Any) -> Iterator[av.AudioFrame]:
    import av

    try:
        for packet in container.demux(stream):
            try:
                yield from packet.decode()
            except (av.FFmpegError, ValueError):  # a broken packet is a short silence
                continue
    except av.FFmpegError:  # the file ends in rubbish; what was heard so far counts
        return


def _resampled(frames: Iterator[av.AudioFrame], origin: float) -> Iterator[tuple[int, Samples]]:
    graph: av.filter.Graph | None = None
    shape: tuple[Any, ...] = ()
    for frame in frames:
        if frame.pts is None or not frame.sample_rate:
            continue
        now = (frame.format.name, frame.layout.name, frame.sample_rate)
        if graph is None or now != shape:
            if graph is not None:
                graph.push(None)
                yield from _pulled(graph, origin)
            graph, shape = _graph(frame), now
        graph.push(frame)
        yield from _pulled(graph, origin)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph, origin)


def _pulled(graph: av.filter.Graph, origin: float) -> Iterator[tuple[int, Samples]]:
    import av

    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if isinstance(frame, av.AudioFrame) and frame.pts is not None and frame.time_base is not None:
            yield round((float(frame.pts * frame.time_base) - origin) * RATE), frame.to_ndarray()[0]


def _graph(frame: av.AudioFrame) -> av.filter.Graph:
    import av

    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=frame.time_base
        ),
        graph.add("aresample", str(RATE)),
        graph.add("aformat", f"sample_fmts=flt:sample_rates={RATE}:channel_layouts=mono"),
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
