"""Sound for tests: files made of samples, and a second meter (FFmpeg's ebur128) for what comes out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream

from actors.renderer.adapters.sound import Sound, prepare_sound
from actors.renderer.adapters.sound.aac import decoded
from actors.renderer.core.schedule import schedule
from contracts.timeline import Timeline

RATE = 48000


def tone(seconds: float, level: float = 0.1, pitch: float = 440.0, rate: int = RATE) -> Any:
    """A sine."""
    return (level * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def beeping(seconds: float, at: tuple[float, ...], length: float = 0.08, pitch: float = 1000.0) -> Any:
    """Beeps at times, nothing else."""
    t = np.arange(round(seconds * RATE)) / RATE
    heard = sum(((t >= start) & (t < start + length)).astype(np.float32) for start in at)
    return (0.3 * np.sin(2 * np.pi * pitch * t) * heard).astype(np.float32)


def talking(seconds: float, level: float = 0.1, seed: int = 1, pauses: bool = True) -> Any:
    """Like speech: a buzz with formants in syllables of changing loudness, pauses between sentences."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    pitch = 120 + 25 * np.sin(2 * np.pi * 0.7 * t)
    phase = np.cumsum(pitch) / RATE
    voice = sum(np.sin(2 * np.pi * k * phase) / k**0.8 for k in range(1, 25))
    syllables = np.interp(
        t, np.arange(0, seconds + 1, 0.11), rng.uniform(0.02, 1, len(np.arange(0, seconds + 1, 0.11)))
    )
    rhythm = np.clip(syllables, 0, 1) ** 1.5
    if pauses:
        rhythm = rhythm * ((t % 2.1) < 1.6)
    noise = rng.normal(0, 0.003, len(t))
    mixture = voice * rhythm
    return (level * (mixture / np.abs(mixture).max() * 3 + noise)).clip(-1, 1).astype(np.float32)


def write(path: Path, samples: Any, *, rate: int = RATE, layout: str | None = None, codec: str = "pcm_s16le") -> Path:
    """A file of sound; the format follows from the name. One row of samples for each channel, or one for mono."""
    rows = np.atleast_2d(samples).astype(np.float32)
    name = layout or {1: "mono", 2: "stereo"}[len(rows)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=name)
        assert isinstance(stream, AudioStream)
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=name, rate=rate)
        for first in range(0, rows.shape[1], 1024):
            block = np.ascontiguousarray(rows[:, first : first + 1024].T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout=name)
            frame.sample_rate, frame.pts, frame.time_base = rate, first, Fraction(1, rate)
            for converted in resampler.resample(frame):
                container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return path


@dataclass(frozen=True)
class Heard:
    """A finished sound as a player has it, and its level by the other meter."""

    sound: Sound
    samples: Any
    loudness: float
    true_peak: float

    def band(self, pitch: float, start: float, end: float) -> float:
        """Level in dB of a narrow band around a pitch, from one second to another."""
        part = self.samples[0, round(start * RATE) : round(end * RATE)] * np.hanning(
            round(end * RATE) - round(start * RATE)
        )
        spectrum = np.abs(np.fft.rfft(part)) / len(part) * 4
        near = round(pitch * len(part) / RATE)
        return float(20 * np.log10(spectrum[max(0, near - 4) : near + 5].max() + 1e-9))


def listen(timeline: Timeline) -> Heard:
    """Prepare the sound of a timeline and hear it."""
    plan = schedule(timeline)
    sound = prepare_sound(timeline, plan)
    samples = np.hstack(list(decoded(sound.packets)))
    return Heard(sound, samples, *level_of(samples))


def level_of(samples: Any) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP by FFmpeg's ebur128."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE))
    meter = graph.add("ebur128", "metadata=1:peak=true")
    graph.link_nodes(source, meter, graph.add("abuffersink")).configure()
    loudness, peak = -math.inf, 0.0
    for first in range(0, samples.shape[1], 4800):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples[:, first : first + 4800], np.float32), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, first, Fraction(1, RATE)
        graph.push(frame)
        while True:
            try:
                out = graph.pull()
            except (av.BlockingIOError, av.EOFError):
                break
            loudness = float(out.metadata.get("lavfi.r128.I", loudness))
            peaks = [float(v) for k, v in out.metadata.items() if k.startswith("lavfi.r128.true_peaks_ch")]
            peak = max([peak, *peaks])
    return loudness, 20 * math.log10(peak) if peak > 0 else -math.inf
