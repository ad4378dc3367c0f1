"""The sound of a span of any source as samples: stereo, 48 kHz, exactly as many as ordered, in their place.

More than two channels are mixed down with the coefficients of ITU-R BS.775 (libswresample's own): the centre goes to
both sides, the low-frequency channel to none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.error import FFmpegError

from actors.renderer.adapters.source import open_alone, origin_of, sound_of
from runtime.opening import CONTAINERS, SOUNDS, packets_of

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.filter import Graph

__all__ = ["CHUNK", "RATE", "Samples", "Taken", "has_sound", "pulled", "read_span", "samples_of", "silence"]

RATE = 48000
RUN_UP = 1.0
"""Seconds before the span at which decoding begins: a decoder needs a moment."""
DRIFT = 0.04
CHUNK = 24 * 1024
"""Samples of a block where nothing else decides: half a second, whole frames of AAC, and whole cells of the meter."""
AS_WANTED = (RATE, "stereo", "fltp")

Samples = np.ndarray[Any, np.dtype[np.float32]]
"""Two rows (left, right) of samples from -1 to 1."""
Block = tuple[int, Samples, bool]
"""A place in samples, what is there, and whether something was lost before it."""


def open_sound(path: Path) -> InputContainer:
    """Open a local file for its sound: those of `open_source`, and files of sound alone. Raises `Reject`."""
    advice = "Give it as MP3, WAV, FLAC, M4A, OGG, or a video with sound"
    return open_alone(path, (*CONTAINERS, *SOUNDS), f"{path.name} is not a readable sound", advice=advice)


def has_sound(path: Path) -> bool:
    """Whether a file has a sound track that can be decoded. Raises `Reject` where the file can't be opened."""
    with open_sound(path) as container:
        return sound_of(container) is not None


class Taken:
    """Blocks of any length, taken in the lengths that are wanted; after their end there is silence."""

    def __init__(self, blocks: Iterator[Samples]) -> None:
        self._blocks = blocks
        self._rest: Samples = np.zeros((2, 0), np.float32)
        self.ended = False

    def take(self, samples: int) -> Samples:
        """So many samples; they belong to the caller."""
        parts, missing = [], samples
        while missing > 0:
            if not self._rest.shape[1]:
                block = next(self._blocks, None)
                if block is None:
                    self.ended = True
                    parts.append(np.zeros((2, missing), np.float32))
                    break
                self._rest = block
            part, self._rest = self._rest[:, :missing], self._rest[:, missing:]
            parts.append(part)
            missing -= part.shape[1]
        return np.hstack(parts) if parts else np.zeros((2, 0), np.float32)


def read_span(path: Path, start: float, samples: int, *, padded: bool = True) -> Iterator[Samples]:
    """Exactly `samples` samples from second `start`, placed by their timestamps; what is missing is silence.

    Without `padded`, what is missing at the end is left out.
    """
    cursor = 0
    for position, block, broken in _found(path, start, start + samples / RATE):
        skip = 0
        if cursor == 0 or broken or abs(position - cursor) > DRIFT * RATE:
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
    if padded:
        yield from silence(samples - cursor)


def _found(path: Path, start: float, end: float) -> Iterator[Block]:
    """The blocks of the span. A demuxer that lands behind its start is asked again, from the beginning of the file."""
    for target in (start - RUN_UP, None) if start > RUN_UP else (None,):
        with open_sound(path) as container:
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


def _converted(container: InputContainer, stream: AudioStream, start: float, end: float) -> Iterator[Block]:
    """Blocks of stereo float samples at 48 kHz with their place, in samples after `start`."""
    origin = origin_of(container)
    graph: Graph | None = None
    shape: tuple[int, str, str] | None = None
    lost = False
    tick = float(stream.time_base or 1 / RATE)
    for frame, broken in _sound_frames(container, stream):
        if frame.pts is None:
            continue
        time = frame.pts * tick - origin
        if time >= end + RUN_UP:
            break
        if time + frame.samples / frame.sample_rate < start - 0.2:
            continue
        found = (frame.sample_rate, frame.layout.name, frame.format.name)
        if found == AS_WANTED and graph is None:  # nothing to convert
            yield round((time - start) * RATE), samples_of(frame), broken
            continue
        if graph is None or found != shape or broken:
            if graph is not None:
                graph.push(None)
                yield from _placed(graph, origin + start)
            graph, shape = _resampler(frame), found
            lost = True
        graph.push(frame)
        yield from _placed(graph, origin + start, lost)
        lost = False
    if graph is not None:
        graph.push(None)
        yield from _placed(graph, origin + start)


def _sound_frames(container: InputContainer, stream: AudioStream) -> Iterator[tuple[AudioFrame, bool]]:
    """Every frame that decodes, and whether something before it did not."""
    packets = packets_of(container, [stream])
    broken = False
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except FFmpegError:  # a broken packet is a gap, and gaps are filled by time
            broken = True
            continue
        for frame in frames:
            yield frame, broken
            broken = False


def _resampler(frame: AudioFrame) -> Graph:
    graph = av.filter.Graph()
    entry = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout, time_base=frame.time_base
    )
    # One channel goes to both ears as it is; mixed by the filter it would be 3 dB softer than it is in a player.
    layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
    convert = graph.add("aformat", f"sample_fmts=fltp:sample_rates={RATE}:channel_layouts={layout}")
    graph.link_nodes(entry, convert, graph.add("abuffersink")).configure()
    return graph


def _placed(graph: Graph, zero: float, lost: bool = False) -> Iterator[Block]:
    for frame in pulled(graph):
        if frame.pts is not None and frame.time_base is not None:
            position = round((float(frame.pts * frame.time_base) - zero) * RATE)
            yield position, samples_of(frame), lost
            lost = False


def pulled(graph: Graph) -> Iterator[AudioFrame]:
    """What a filter graph has ready."""
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        if isinstance(frame, AudioFrame):  # nothing else is in the graph
            yield frame


def samples_of(frame: AudioFrame) -> Samples:
    """The samples of a planar float frame; those of a single channel twice."""
    rows: Samples = frame.to_ndarray().astype(np.float32, copy=False)
    return rows if len(rows) == 2 else np.repeat(rows[:1], 2, axis=0)


def silence(samples: int) -> Iterator[Samples]:
    """So many samples of nothing, in blocks."""
    for first in range(0, samples, CHUNK):
        yield np.zeros((2, min(CHUNK, samples - first)), np.float32)
