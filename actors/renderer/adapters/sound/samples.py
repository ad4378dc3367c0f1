"""The sound of a span of any source as samples: stereo, 48 kHz, exactly as many as ordered, in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.error import FFmpegError

from actors.renderer.adapters.source import open_source, origin_of, sound_of

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.filter import Graph

__all__ = ["RATE", "Samples", "faded", "pulled", "read_span", "samples_of", "silence"]

RATE = 48000
RUN_UP = 1.0
"""Seconds before the span at which decoding begins: a decoder needs a moment."""
DRIFT = 0.04
FADE = 240
CHUNK = 48000

Samples = np.ndarray[Any, np.dtype[np.float32]]
"""Two rows (left, right) of samples from -1 to 1."""


def read_span(path: Path, start: float, samples: int) -> Iterator[Samples]:
    """Exactly `samples` samples from second `start`, placed by their timestamps; what is missing is silence."""
    cursor = 0
    for position, block in _found(path, start, start + samples / RATE):
        skip = 0
        if abs(position - cursor) > DRIFT * RATE or cursor == 0:
            gap = max(0, min(position, samples) - cursor)
            skip = max(0, cursor - position)
            yield from silence(gap)
            cursor += gap
        wanted = block[:, skip : skip + samples - cursor]
        if wanted.shape[1]:
            cursor += wanted.shape[1]
            yield wanted
        if cursor >= samples:
            return
    yield from silence(samples - cursor)


def _found(path: Path, start: float, end: float) -> Iterator[tuple[int, Samples]]:
    """The blocks of the span. A demuxer that lands behind its start is asked again, from the beginning of the file."""
    for target in (start - RUN_UP, None) if start > RUN_UP else (None,):
        with open_source(path) as container:
            stream = sound_of(container)
            if stream is None:
                return
            if target is not None:
                container.seek(int((target + origin_of(container)) * av.time_base))
            blocks = _converted(container, stream, start, end)
            first = next(blocks, None)
            if first is None or (target is not None and first[0] > DRIFT * RATE):
                continue
            yield first
            yield from blocks
            return


def _converted(
    container: InputContainer, stream: AudioStream, start: float, end: float
) -> Iterator[tuple[int, Samples]]:
    """Blocks of stereo float samples at 48 kHz with their place, in samples after `start`."""
    origin = origin_of(container)
    graph: Graph | None = None
    shape: tuple[int, str, str] | None = None
    for frame in _sound_frames(container, stream):
        if frame.pts is None or frame.time_base is None:
            continue
        time = float(frame.pts * frame.time_base) - origin
        if time >= end + RUN_UP:
            break
        if time + frame.samples / frame.sample_rate < start - 0.2:
            continue
        found = (frame.sample_rate, frame.layout.name, frame.format.name)
        if graph is None or found != shape:
            graph, shape = _resampler(frame), found
        graph.push(frame)
        yield from _placed(graph, origin + start)
    if graph is not None:
        graph.push(None)
        yield from _placed(graph, origin + start)


def _sound_frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except FFmpegError:  # a broken packet is a gap, and gaps are filled by time
            continue
        yield from frames


def _resampler(frame: AudioFrame) -> Graph:
    graph = av.filter.Graph()
    entry = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout, time_base=frame.time_base
    )
    convert = graph.add("aformat", f"sample_fmts=fltp:sample_rates={RATE}:channel_layouts=stereo")
    graph.link_nodes(entry, convert, graph.add("abuffersink")).configure()
    return graph


def _placed(graph: Graph, zero: float) -> Iterator[tuple[int, Samples]]:
    for frame in pulled(graph):
        if frame.pts is not None and frame.time_base is not None:
            position = round((float(frame.pts * frame.time_base) - zero) * RATE)
            yield position, samples_of(frame)


def pulled(graph: Graph) -> Iterator[AudioFrame]:
    """What a filter graph has ready."""
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, AudioFrame)  # noqa: S101  # the graph has only sound in it
        yield frame


def samples_of(frame: AudioFrame) -> Samples:
    """The samples of a planar float frame."""
    return frame.to_ndarray().astype(np.float32, copy=False)


def silence(samples: int) -> Iterator[Samples]:
    """So many samples of nothing, in blocks."""
    for first in range(0, samples, CHUNK):
        yield np.zeros((2, min(CHUNK, samples - first)), np.float32)


def faded(blocks: Iterable[Samples], samples: int) -> Iterator[Samples]:
    """5 ms in and out, so that the cut does not click."""
    cursor = 0
    for block in blocks:
        last = cursor + block.shape[1]
        if cursor < FADE or last > samples - FADE:
            places = np.arange(cursor, last, dtype=np.float32)
            yield block * np.clip(np.minimum(places, samples - 1 - places) / FADE, 0, 1)
        else:
            yield block
        cursor = last
