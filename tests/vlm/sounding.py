"""Sounds made by the test: speech by eSpeak NG, chords, drums, applause of many claps, laughter; mono at 16 kHz."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from cli.sample.speech import speak

__all__ = ["RATE", "applause", "band", "chords", "drums", "laughter", "loud", "noise", "speech"]

RATE = 16000
Samples = Any


def loud(samples: Samples, rms: float = 0.08) -> Samples:
    """The same with this root mean square."""
    return (samples / (np.sqrt((samples**2).mean()) + 1e-12) * rms).astype(np.float32)


@cache
def speech() -> Samples:
    """About 20 s of English sentences."""
    said = speak(
        [
            "Why do nine bees dance for flowers? Nobody knew until a boy with a camera sat in the grass all summer.",
            "I told him no, three times, and he still came back with the same bad idea and a bigger smile.",
            "Most people think that the price is the problem, and it is not.",
            "The problem is that they never asked what it costs to wait for another year.",
        ],
        [0.0] * 4,
    )
    samples = np.frombuffer(said.pcm, np.int16) / 32768
    times = np.arange(int(said.duration * RATE)) * said.rate / RATE
    return loud(np.interp(times, np.arange(samples.size), samples))


def _band(samples: Samples, low: float, high: float) -> Samples:
    spectrum = np.fft.rfft(samples)
    frequencies = np.fft.rfftfreq(samples.size, 1 / RATE)
    spectrum[(frequencies < low) | (frequencies > high)] = 0
    return np.fft.irfft(spectrum, samples.size)


def _add(samples: Samples, at: float, part: Samples) -> None:
    first = int(at * RATE)
    part = part[: max(0, samples.size - first)]
    samples[first : first + part.size] += part


def noise(seconds: float, seed: int = 0, *, pink: bool = False) -> Samples:
    """White noise, or pink."""
    samples = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    if pink:
        frequencies = np.fft.rfftfreq(samples.size, 1 / RATE)
        samples = np.fft.irfft(np.fft.rfft(samples) / np.sqrt(np.maximum(frequencies, 20)), samples.size)
    return loud(samples)


def _note(frequency: float, seconds: float, decay: float) -> Samples:
    t = np.arange(int(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * frequency * k * t) / k for k in range(1, 6))
    return tone * np.exp(-decay * t) * np.minimum(1, t / 0.02) * np.minimum(1, (seconds - t) / 0.05)


def chords(seconds: float, seed: int = 0, *, decay: float = 0.5) -> Samples:
    """A chord every two seconds or so."""
    rng = np.random.default_rng(seed)
    samples, root, at, bar = np.zeros(int(seconds * RATE)), rng.uniform(110, 200), 0.0, rng.uniform(1.8, 2.6)
    while at < seconds:
        degree = rng.choice([0, 5, 7, 9, 2])
        for interval in (0, 4, 7, 12):
            _add(samples, at, _note(root * 2 ** ((degree + interval) / 12), bar, decay))
        at += bar
    return loud(samples)


def drums(seconds: float, seed: int = 0) -> Samples:
    """Kick, snare and hat at a steady beat."""
    rng = np.random.default_rng(seed)
    samples, beat, t = np.zeros(int(seconds * RATE)), 60 / rng.uniform(80, 140), np.arange(int(0.3 * RATE)) / RATE
    kick = np.sin(2 * np.pi * (50 * t + 2 * (1 - np.exp(-t * 30)))) * np.exp(-t * 12)
    for index in range(int(seconds / beat * 2)):
        if index % 4 == 0:
            _add(samples, index * beat / 2, kick)
        if index % 4 == 2:
            _add(samples, index * beat / 2, rng.standard_normal(t.size) * np.exp(-t * 18) / 2)
        _add(samples, index * beat / 2, np.diff(rng.standard_normal(t.size + 1)) * np.exp(-t * 60) / 5)
    return loud(samples)


def band(seconds: float, seed: int = 0) -> Samples:
    """Chords and drums."""
    return loud(chords(seconds, seed) + 0.8 * drums(seconds, seed + 1))


def applause(seconds: float, people: int = 40, seed: int = 0) -> Samples:
    """Everybody claps at a rate of their own; most begin within half a second, and stop within one."""
    rng = np.random.default_rng(seed)
    samples, t = np.zeros(int(seconds * RATE)), np.arange(int(0.04 * RATE)) / RATE
    for _ in range(people):
        tone, gain, rate = rng.uniform(700, 2600), rng.uniform(0.2, 1) ** 2, rng.uniform(2.8, 5.2)
        at, until = rng.exponential(0.3), seconds - rng.exponential(0.8)
        clap = _band(rng.standard_normal(t.size), tone / 2, min(7900.0, tone * 2.2)) * np.exp(-t * 150)
        while at < until:
            _add(samples, at, gain * (clap + 0.2 * rng.standard_normal(t.size) * np.exp(-t * 200)))
            at += rng.uniform(0.93, 1.07) / rate
    return loud(samples)


def laughter(seed: int = 0, *, pitch: float = 300.0, rate: float = 5.0, bursts: int = 9) -> Samples:
    """One person: vowels like an “a” in bursts whose pitch falls, with breath between."""
    rng = np.random.default_rng(seed)
    samples, long = np.zeros(int((bursts / rate + 0.3) * RATE)), 0.55 / rate
    t = np.arange(int(long * RATE)) / RATE
    for index in range(bursts):
        frequency = pitch * (1 - 0.03 * index) * (1 + 0.1 * np.exp(-t * 20) - 0.15 * t / long)
        phase = 2 * np.pi * np.cumsum(frequency) / RATE
        voice = np.zeros(t.size)
        for k in range(1, int(7000 / frequency.max())):
            formants = sum(a / (1 + ((k * pitch - f) / 150) ** 2) for f, a in ((750, 1), (1300, 0.6), (2600, 0.2)))
            voice += np.sin(k * phase) * (formants + 0.05) / k**0.8
        swell = min(1.0, 0.5 + 0.25 * index) * np.exp(-0.08 * max(0, index - 3))
        _add(samples, index / rate * rng.uniform(0.99, 1.01), voice * np.sin(np.pi * t / long) ** 0.6 * swell)
        breath = _band(rng.standard_normal(int((1 / rate - long) * RATE)), 500, 5000)
        _add(samples, index / rate + long, 0.12 * swell * breath)
    return loud(samples, 0.1)
