"""The short's sound: the span of the source's first track at the loudness asked for, as AAC packets.

Two passes as EBU R 128 has it: measure the integrated loudness, then apply one linear gain. Where that would lift the
true peak above the ceiling, a look-ahead limiter follows, and the gain is corrected for what the limiter took. What
was encoded is decoded and measured again, because AAC itself overshoots.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.error import FFmpegError

from actors.renderer.adapters.source import open_source, origin_of, sound_of

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.filter import Graph
    from av.filter.context import FilterContext
    from av.packet import Packet

__all__ = ["AAC_BITRATE", "RATE", "Level", "Sound", "measured", "prepare"]

RATE = 48000
AAC_BITRATE = 128_000
AAC_OPTIONS = {"aac_coder": "fast"}
PEAK_LIMIT = -1.0
CEILING = -1.8
"""Where the limiter stops, in dBFS of the oversampled signal: leaves AAC 0.8 dB to overshoot."""
TOLERANCE = 0.3
SILENCE = -69.0
MAX_GAIN = 40.0
CLOSE = 1.0
"""A correction of the gain, in dB, after which it need not be measured again before encoding."""
MOST_LIMITING = 9.0
"""How many dB the limiter may be driven; more would be heard."""
ROUNDS = 4
OVERSAMPLING = 2
DRIFT = 0.04
FADE = 240
CHUNK = 48000

Samples = np.ndarray[Any, np.dtype[np.float32]]
"""Two rows (left, right) of samples from -1 to 1."""


Source = Callable[[], Iterator[Samples]]
"""Reads the span's sound from its beginning."""


@dataclass(frozen=True)
class Level:
    """Integrated loudness in LUFS and true peak in dBTP, by EBU R 128; None: silence."""

    loudness: float | None
    true_peak: float | None


@dataclass(frozen=True)
class Treatment:
    """Linear gain in dB, and the ceiling of the limiter; None: no limiter is needed."""

    gain: float
    ceiling: float | None


@dataclass(frozen=True)
class Sound:
    """Encoded sound, its level, and what is to be said about it."""

    packets: list[Packet[Any]]
    level: Level
    warnings: tuple[str, ...]


def prepare(path: Path, start: float, duration: float, target: float) -> Sound:
    """The sound of a span as AAC-LC, 128 kbit/s, 48 kHz stereo; silence where the source has none."""
    samples = round(duration * RATE)
    with open_source(path) as container:
        if sound_of(container) is None:
            packets = _encoded(_silence(samples))
            return Sound(packets, Level(None, None), ("The source has no sound: the short has a silent track",))

    def raw() -> Iterator[Samples]:
        return _faded(_span(path, start, samples), samples)

    before = measured(raw())
    if before.loudness is None or before.true_peak is None:
        return Sound(_encoded(raw()), Level(None, None), ("The source is silent in this span",))
    gain = min(target - before.loudness, MAX_GAIN)
    if before.true_peak + gain <= CEILING:
        treatment = Treatment(gain, None)
    else:
        treatment = _solved(raw, Treatment(gain, CEILING), target, gain + MOST_LIMITING)
    packets, level = _encoded_right(raw, treatment, target, gain + MOST_LIMITING)
    return Sound(packets, level, _remarks(level, target))


def _solved(raw: Source, treatment: Treatment, target: float, most: float) -> Treatment:
    """The gain at which the limited sound has the target loudness, by secants: a dB more is less than a dB louder."""
    slope = 1.0
    before: tuple[float, float] | None = None
    for _ in range(ROUNDS):
        loudness = measured(_treated(raw(), treatment)).loudness
        if loudness is None:
            break
        if before is not None and treatment.gain != before[0]:
            slope = min(1.0, max(0.25, (loudness - before[1]) / (treatment.gain - before[0])))
        before = (treatment.gain, loudness)
        step = (target - loudness) / slope
        treatment = replace(treatment, gain=min(treatment.gain + step, most))
        if abs(step) <= CLOSE or treatment.gain == before[0]:
            break
    return treatment


def _encoded_right(raw: Source, treatment: Treatment, target: float, most: float) -> tuple[list[Packet[Any]], Level]:
    """Encode and measure; where AAC overshoots the peak, again under a lower ceiling, at last all of it softer."""
    for remaining in reversed(range(ROUNDS)):
        packets = _encoded(_treated(raw(), treatment))
        level = measured(_decoded_packets(packets))
        excess = max(0.0, (level.true_peak or -math.inf) - PEAK_LIMIT)
        short = target - level.loudness if level.loudness is not None else 0.0
        if not excess and (abs(short) <= TOLERANCE or treatment.gain >= most):
            break
        if not remaining:
            softer = Treatment(treatment.gain - excess - 0.2, (treatment.ceiling or CEILING) - excess - 0.2)
            packets = _encoded(_treated(raw(), softer)) if excess else packets
            level = measured(_decoded_packets(packets)) if excess else level
            break
        if excess:
            treatment = replace(treatment, ceiling=(treatment.ceiling or CEILING) - excess - 0.2)
        if abs(short) > TOLERANCE:
            treatment = replace(treatment, gain=min(treatment.gain + 1.5 * short, most))
    return packets, level


def _remarks(level: Level, target: float) -> tuple[str, ...]:
    if level.loudness is None or abs(level.loudness - target) <= 0.5:
        return ()
    return (f"The sound is at {level.loudness:.1f} LUFS instead of {target:.1f}: more is not in it without distortion",)


# --- reading ----------------------------------------------------------------------------------------------------------


def _span(path: Path, start: float, samples: int) -> Iterator[Samples]:
    """Exactly `samples` samples from second `start`, placed by their timestamps; what is missing is silence."""
    cursor = 0
    with open_source(path) as container:
        stream = sound_of(container)
        assert stream is not None, "asked for the sound of a file without any"  # noqa: S101  # the caller has looked
        for position, block in _converted(container, stream, start, start + samples / RATE):
            skip = 0
            if abs(position - cursor) > DRIFT * RATE or cursor == 0:
                if position > cursor:
                    gap = min(position, samples) - cursor
                    yield from _silence(gap)
                    cursor += gap
                else:
                    skip = cursor - position
            wanted = block[:, skip : skip + samples - cursor]
            if wanted.shape[1]:
                cursor += wanted.shape[1]
                yield wanted
            if cursor >= samples:
                return
    yield from _silence(samples - cursor)


def _converted(
    container: InputContainer, stream: AudioStream, start: float, end: float
) -> Iterator[tuple[int, Samples]]:
    """Blocks of stereo float samples at 48 kHz with their place, in samples after `start`."""
    origin = origin_of(container)
    if start > 1:
        container.seek(int((start - 1 + origin) * av.time_base))  # decoders need a moment of run-up
    graph: Graph | None = None
    shape: tuple[int, str, str] | None = None
    for frame in _sound_frames(container, stream):
        if frame.pts is None or frame.time_base is None:
            continue
        time = float(frame.pts * frame.time_base) - origin
        if time >= end + 1:
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
    for frame in _pulled(graph):
        if frame.pts is not None and frame.time_base is not None:
            position = round((float(frame.pts * frame.time_base) - zero) * RATE)
            yield position, _samples(frame)


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, AudioFrame)  # noqa: S101  # the graph has only sound in it
        yield frame


def _samples(frame: AudioFrame) -> Samples:
    return frame.to_ndarray().astype(np.float32, copy=False)


def _silence(samples: int) -> Iterator[Samples]:
    for first in range(0, samples, CHUNK):
        yield np.zeros((2, min(CHUNK, samples - first)), np.float32)


def _faded(blocks: Iterable[Samples], samples: int) -> Iterator[Samples]:
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


# --- treating and measuring -------------------------------------------------------------------------------------------


def _chain(*filters: tuple[str, str]) -> Graph:
    graph = av.filter.Graph()
    nodes: list[FilterContext] = [
        graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE))
    ]
    nodes.extend(graph.add(name, args) for name, args in filters)
    graph.link_nodes(*nodes, graph.add("abuffersink")).configure()
    return graph


def _through(graph: Graph, blocks: Iterable[Samples]) -> Iterator[AudioFrame]:
    for frame in _as_frames(blocks):
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _as_frames(blocks: Iterable[Samples]) -> Iterator[AudioFrame]:
    cursor = 0
    for block in blocks:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block, np.float32), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, cursor, Fraction(1, RATE)
        cursor += block.shape[1]
        yield frame


def _treated(blocks: Iterable[Samples], treatment: Treatment) -> Iterator[Samples]:
    """Gain, then a limiter on the oversampled signal, so that peaks between samples are seen too."""
    filters = [("volume", f"volume={treatment.gain:.4f}dB:precision=float")]
    if treatment.ceiling is not None:
        limit = 10 ** (treatment.ceiling / 20)
        filters += [
            ("aresample", f"{OVERSAMPLING * RATE}"),
            ("alimiter", f"limit={limit:.6f}:attack=5:release=50:level=0:latency=1"),
            ("aresample", f"{RATE}"),
            ("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
        ]
    for frame in _through(_chain(*filters), blocks):
        yield _samples(frame)


def measured(blocks: Iterable[Samples]) -> Level:
    """Integrated loudness and true peak of stereo samples at 48 kHz."""
    loudness, peak = -math.inf, 0.0
    for frame in _through(_chain(("ebur128", "metadata=1:peak=true"), ("aformat", "sample_fmts=fltp")), blocks):
        notes = frame.metadata
        loudness = float(notes.get("lavfi.r128.I", loudness))  # a last frame of less than 100 ms carries none
        peaks = [float(value) for key, value in notes.items() if key.startswith("lavfi.r128.true_peaks_ch")]
        peak = max(peak, *peaks) if peaks else peak
    if not math.isfinite(loudness) or loudness <= SILENCE or peak <= 0:
        return Level(None, None)
    return Level(loudness, 20 * math.log10(peak))


# --- AAC --------------------------------------------------------------------------------------------------------------


def _encoder() -> AudioCodecContext:
    encoder = AudioCodecContext.create("aac", "w")
    assert isinstance(encoder, AudioCodecContext)  # noqa: S101  # what `create` gives for a sound codec
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "stereo", "fltp"
    encoder.bit_rate, encoder.time_base, encoder.options = AAC_BITRATE, Fraction(1, RATE), AAC_OPTIONS
    return encoder


def _encoded(blocks: Iterable[Samples]) -> list[Packet[Any]]:
    """AAC packets: 16 kB for a second, kept until the picture is there to be interleaved with."""
    encoder = _encoder()
    encoder.open()
    packets: list[Packet[Any]] = []
    for frame in _through(_chain(("asetnsamples", f"n={encoder.frame_size}:p=0")), blocks):
        packets.extend(encoder.encode(frame))
    packets.extend(encoder.encode(None))
    return packets


def _decoded_packets(packets: Iterable[Packet[Any]]) -> Iterator[Samples]:
    encoder = _encoder()
    encoder.open()
    decoder = AudioCodecContext.create("aac", "r")
    decoder.extradata = encoder.extradata  # the AudioSpecificConfig, without which raw AAC can't be read
    for packet in (*packets, None):
        for frame in decoder.decode(packet):
            yield _samples(frame)
