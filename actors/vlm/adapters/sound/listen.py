"""One decode of a clip's sound: momentary loudness, what is heard when, the energy of speech, and fingerprints.

Loudness is measured by FFmpeg's `ebur128` filter (EBU R128, 400 ms window); everything else on the sound as mono at
16 kHz, by the same graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.vlm.adapters.opening import opened, start_of
from actors.vlm.adapters.seen.prints import SoundPrinter, edges
from actors.vlm.adapters.sound.kinds import envelope_of, sounds_of
from actors.vlm.adapters.sound.spectra import RATE, Spectra
from actors.vlm.ports import STEP
from contracts.sight import Sound
from runtime.opening import packets_of

if TYPE_CHECKING:
    import av
    from numpy.typing import NDArray

__all__ = ["SILENCE", "Heard", "listen"]

SILENCE = -70.0
"""LUFS; the absolute gate of EBU R128. Quieter than this is written as this."""
LONGEST = 48 * 3600.0
"""Seconds; what claims to be heard later than this is broken."""
GAP = 0.05
"""Seconds of sound that may be missing, or double, before the following is moved to its place."""
TOGETHER = 0.15
"""Seconds of sound that go through the filters at a time: to ask them after every frame takes as long as their work."""
_BLOCK = 8 * RATE


class Heard:
    """What was heard of a whole clip.

    `end`: of the sound in seconds; `sounds`: spans of speech, music, laughter, applause; `speech`: amplitude (0 to 1)
    of 300 to 3400 Hz, one value per `sounds.ENVELOPE_STEP`; `prints`: uint32, one per `spectra.HOP_S`. `speech` and
    `prints` are None without sound.
    """

    def __init__(self) -> None:
        self.end = 0.0
        self.errors = 0
        self.packets = 0
        self.sounds: tuple[Sound, ...] = ()
        self.speech: NDArray[Any] | None = None
        self.prints: NDArray[Any] | None = None
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


def listen(path: Path, progress: Callable[[float], None]) -> Heard:
    """Listen to the whole file; broken packets are counted. `progress` gets the time reached, in seconds."""
    import av

    heard = Heard()
    with opened(path) as container:
        stream = container.streams.best("audio")
        if stream is None:
            return heard
        ear = _Ear(heard, start_of(container))
        try:
            for packet in packets_of(container, [stream]):
                heard.packets += 1
                try:
                    for frame in packet.decode():
                        ear.push(frame)
                except MemoryError:  # FFmpeg's own is one of these and an FFmpegError
                    raise
                except (av.FFmpegError, ValueError):
                    heard.errors += 1
                progress(heard.end)
            ear.take()
        except av.FFmpegError:  # the file ends in rubbish; what was heard so far counts
            heard.errors += 1
    ear.finish()
    return heard


class _Ear:
    """Feeds the loudness meter and the spectra; what the filters need is made again when the sound's format changes."""

    def __init__(self, heard: Heard, start: float) -> None:
        """`start`: seconds at which the clip begins."""
        self._heard = heard
        self._start = start
        self._format: tuple[Any, ...] = ()
        self._graph: _Graph | None = None
        self._spectra = Spectra(edges())
        self._printer = SoundPrinter()
        self._samples = 0

    def push(self, frame: Any) -> None:
        """One decoded frame."""
        if frame.pts is None or not frame.sample_rate:
            return
        now = frame.time - self._start
        if now > LONGEST:
            self._heard.errors += 1
            return
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._graph is not None and abs(frame.time - self._graph.until) > GAP:
            self.take()
        if self._graph is None or shape != self._format:
            self.take()
            self._format, self._graph = shape, _Graph(frame)
        self._heard.end = max(self._heard.end, now + frame.samples / frame.sample_rate)
        if self._graph.push(frame) >= TOGETHER:
            self.take()

    def take(self) -> None:
        """Measure what was pushed and not measured yet."""
        if self._graph is None:
            return
        since = self._graph.since - self._start
        momentary, samples = self._graph.pass_through()
        for t, lufs in momentary:
            if t >= self._start:
                # The window of the value ends then; its middle is 200 ms earlier. There is a value every 100 ms: half
                # of that more, or rounding would tell to which STEP one on its border belongs.
                self._heard.add(max(0.0, t - self._start - 0.25), lufs)
        self._hear(since, samples)

    def finish(self) -> None:
        """Judge what was heard."""
        if not self._samples:
            return
        self._spectra.finish()
        self._printer.push(self._spectra.take_bands())
        features = self._spectra.features()
        self._heard.speech = envelope_of(features)
        self._heard.sounds = sounds_of(features)
        self._heard.prints = self._printer.finish()

    def _hear(self, now: float, samples: NDArray[Any]) -> None:
        """Samples that belong at `now`; what is missing before them was silence, what was heard already is left out."""
        import numpy as np

        late = round(now * RATE) - self._samples
        if late > GAP * RATE:
            for first in range(0, late, _BLOCK):
                self._feed(np.zeros(min(_BLOCK, late - first), np.float32))
        elif late < -GAP * RATE:
            samples = samples[-late:]
        self._feed(samples)

    def _feed(self, samples: NDArray[Any]) -> None:
        self._samples += samples.size
        self._spectra.push(samples)
        if self._spectra.ready:
            self._printer.push(self._spectra.take_bands())


class _Graph:
    """Loudness beside the sound as mono at RATE.

    `since`, `until`: seconds of the file, from where to where the sound goes that waits to be passed through.
    """

    def __init__(self, frame: Any) -> None:
        import av

        self.since = self.until = 0.0
        self._waiting = av.AudioFifo()
        self._first, self._time_base = 0, frame.time_base
        self._graph = graph = av.filter.Graph()  # kept: a filter has only a weak reference to it
        self._source = graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=frame.time_base
        )
        split = graph.add("asplit", "outputs=2")
        meter = graph.add("ebur128", "metadata=1")
        mono = graph.add("aformat", f"sample_fmts=flt:sample_rates={RATE}:channel_layouts=mono")
        self._meter, self._mono = graph.add("abuffersink"), graph.add("abuffersink")
        self._source.link_to(split)
        split.link_to(meter, 0)
        split.link_to(mono, 1)
        meter.link_to(self._meter)
        mono.link_to(self._mono)
        graph.configure()

    def push(self, frame: Any) -> float:
        """Keep a frame that follows the one before; seconds that wait to be passed through."""
        if not self._waiting.samples:
            self._first = frame.pts
            self.since = self.until = frame.time
        self.until += frame.samples / frame.sample_rate
        frame.pts = None  # or it must fit the one before to the sample
        self._waiting.write(frame)
        return self.until - self.since

    def pass_through(self) -> tuple[list[tuple[float, float]], NDArray[Any]]:
        """What comes out when all that waits goes in: loudness in LUFS, each with the seconds at which its window ends;
        and samples."""
        import numpy as np

        block = self._waiting.read()
        if block is None:
            return [], np.zeros(0, np.float32)
        block.pts, block.time_base = self._first, self._time_base
        self._source.push(block)
        lufs = [(m.time + m.samples / m.sample_rate, m.metadata.get("lavfi.r128.M")) for m in _pulled(self._meter)]
        sound = [m.to_ndarray()[0] for m in _pulled(self._mono)]
        momentary = [(t, float(m)) for t, m in lufs if m is not None]
        return momentary, np.concatenate(sound) if sound else np.zeros(0, np.float32)


def _pulled(sink: av.filter.FilterContext) -> list[Any]:
    """Every frame that the filter has ready."""
    import av

    frames = []
    while True:
        try:
            frames.append(sink.pull())
        except (av.error.BlockingIOError, av.error.EOFError):
            return frames
