"""The short's sound: the span of the source's first track at the loudness asked for, as AAC packets.

Two passes as EBU R 128 has it: measure the integrated loudness, then apply one linear gain. Where that would lift the
true peak above the ceiling, a look-ahead limiter follows, and the gain is corrected for what the limiter took. What
was encoded is decoded and measured again, because AAC itself overshoots; these very packets go into the file, which
`finished.inspect` makes sure of, so that the file's level is known without measuring a third time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from av.audio.codeccontext import AudioCodecContext

from actors.renderer.adapters.sound.level import Level, Treatment, chain, measured, through, treated
from actors.renderer.adapters.sound.samples import RATE, Samples, faded, read_span, samples_of, silence
from actors.renderer.adapters.source import open_source, sound_of
from actors.renderer.core.schedule import Schedule
from contracts.media import Stretch
from contracts.timeline import Timeline

if TYPE_CHECKING:
    from av.packet import Packet

__all__ = ["AAC_BITRATE", "AAC_OPTIONS", "PEAK_LIMIT", "Sound", "prepare", "prepare_sound"]

AAC_BITRATE = 128_000
AAC_OPTIONS = {"aac_coder": "fast"}
PEAK_LIMIT = -1.5
CEILING = -2.3
"""Where the limiter stops, in dBFS of the oversampled signal: leaves AAC 0.8 dB to overshoot."""
TOLERANCE = 0.3
MAX_GAIN = 40.0
CLOSE = 1.0
"""A correction of the gain, in dB, after which it need not be measured again before encoding."""
MOST_LIMITING = 9.0
"""How many dB the limiter may be driven; more would be heard."""
ROUNDS = 4

Source = Callable[[], Iterator[Samples]]
"""Reads the span's sound from its beginning."""


@dataclass(frozen=True)
class Sound:
    """Encoded sound, its level, and what is to be said about it."""

    packets: list[Packet[Any]]
    level: Level
    warnings: tuple[str, ...]
    silences: tuple[Stretch, ...] = ()

    @property
    def checksum(self) -> str:
        """SHA-256 of the encoded sound."""
        return sha256(b"".join(bytes(packet) for packet in self.packets)).hexdigest()


def prepare_sound(timeline: Timeline, schedule: Schedule) -> Sound:
    """The sound of a timeline whose sources are absolute paths of local files."""
    segment = timeline.segments[0]
    return prepare(Path(segment.source), segment.start, schedule.frames / schedule.fps, timeline.sound.loudness)


def prepare(path: Path, start: float, duration: float, target: float) -> Sound:
    """The sound of a span as AAC-LC, 128 kbit/s, 48 kHz stereo; silence where the source has none."""
    samples = round(duration * RATE)
    with open_source(path) as container:
        if sound_of(container) is None:
            packets = _encoded(silence(samples))
            return Sound(packets, Level(None, None), ("The source has no sound: the short has a silent track",))

    def raw() -> Iterator[Samples]:
        return faded(read_span(path, start, samples), samples)

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
        loudness = measured(treated(raw(), treatment), peaks=False).loudness
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
        packets = _encoded(treated(raw(), treatment))
        level = measured(_decoded_packets(packets))
        excess = max(0.0, (level.true_peak or -math.inf) - PEAK_LIMIT)
        short = target - level.loudness if level.loudness is not None else 0.0
        if not excess and (abs(short) <= TOLERANCE or treatment.gain >= most):
            break
        if not remaining:
            softer = Treatment(treatment.gain - excess - 0.2, (treatment.ceiling or CEILING) - excess - 0.2)
            packets = _encoded(treated(raw(), softer)) if excess else packets
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
    for frame in through(chain(("asetnsamples", f"n={encoder.frame_size}:p=0")), blocks):
        packets.extend(encoder.encode(frame))
    packets.extend(encoder.encode(None))
    return packets


def _decoded_packets(packets: Iterable[Packet[Any]]) -> Iterator[Samples]:
    """The sound as a player has it: without the encoder's first frame, which is its own run-up.

    With it everything would be 21 ms late, and sparse sound falls into other blocks of the meter: up to 1 LU apart.
    """
    encoder = _encoder()
    encoder.open()
    decoder = AudioCodecContext.create("aac", "r")
    decoder.extradata = encoder.extradata  # the AudioSpecificConfig, without which raw AAC can't be read
    skip = encoder.frame_size
    for packet in (*packets, None):
        for frame in decoder.decode(packet):
            block = samples_of(frame)
            if skip < block.shape[1]:
                yield block[:, skip:]
            skip = max(0, skip - block.shape[1])
