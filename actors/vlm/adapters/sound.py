"""The loudness curve of a clip: momentary loudness (EBU R128, 400 ms window) by FFmpeg's `ebur128` filter."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.opening import opened, start_of
from actors.vlm.ports import STEP

if TYPE_CHECKING:
    import av

__all__ = ["SILENCE", "Sound", "listen"]

SILENCE = -70.0
"""LUFS; the absolute gate of EBU R128. Quieter than this is written as this."""


class Sound:
    """Mean momentary loudness of every STEP, and what went wrong. `end` is the end of the sound in seconds."""

    def __init__(self) -> None:
        self.end = 0.0
        self.errors = 0
        self.packets = 0
        self._power: dict[int, list[float]] = {}

    def add(self, t: float, lufs: float) -> None:
        """One momentary value; powers are averaged, not decibels."""
        bin_ = self._power.setdefault(int(t / STEP), [0.0, 0.0])
        bin_[0] += 10 ** (max(SILENCE, lufs) / 10)
        bin_[1] += 1

    def curve(self) -> list[float]:
        """LUFS per STEP from 0 on; gaps are silent. Empty where nothing was heard."""
        if not self._power:
            return []
        bins = (self._power.get(index) for index in range(max(self._power) + 1))
        return [round(10 * math.log10(b[0] / b[1]), 1) if b else SILENCE for b in bins]


def listen(path: Path, progress: Callable[[float], None]) -> Sound:
    """Listen to the whole file; broken packets are counted. `progress` gets the time reached, in seconds."""
    import av

    sound = Sound()
    with opened(path) as container:
        stream = container.streams.best("audio")
        if stream is None:
            return sound
        meter = _Meter(sound)
        start = start_of(container)
        try:
            for packet in container.demux(stream):
                sound.packets += 1
                try:
                    for frame in packet.decode():
                        meter.push(frame, start)
                except MemoryError:  # FFmpeg's own is one of these and an FFmpegError
                    raise
                except (av.FFmpegError, ValueError):
                    sound.errors += 1
                progress(sound.end)
        except av.FFmpegError:  # the file ends in rubbish; what was heard so far counts
            sound.errors += 1
    return sound


class _Meter:
    """The filter graph; made again when the format of the sound changes on the way."""

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        self._format: tuple[Any, ...] = ()
        self._graph: av.filter.Graph | None = None  # a filter keeps only a weak reference to its graph

    def push(self, frame: Any, start: float) -> None:
        import av

        if frame.pts is None or not frame.sample_rate:
            return
        now = float(frame.pts * frame.time_base) - start
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._format:
            self._format, self._graph = shape, _graph(frame)
        graph = self._graph
        if graph is None:
            raise RuntimeError("the loudness meter has no graph")
        graph.push(frame)
        self._sound.end = max(self._sound.end, now + frame.samples / frame.sample_rate)
        while True:
            try:
                measured = graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            momentary = measured.metadata.get("lavfi.r128.M")
            # The window of the value ends now; its middle is 200 ms earlier.
            if momentary is not None and now >= 0:
                self._sound.add(max(0.0, now - 0.2), float(momentary))


def _graph(frame: Any) -> av.filter.Graph:
    import av

    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=frame.time_base
    )
    meter = graph.add("ebur128", "metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph
