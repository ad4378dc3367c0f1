"""The music bed: repeated as long as it is needed, softer while somebody speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from actors.renderer.adapters.sound.level import CELL, CELLS_PER_SECOND
from actors.renderer.adapters.sound.mix import linear
from actors.renderer.adapters.sound.samples import CHUNK, RATE, Samples, Taken
from contracts.media import Word
from contracts.spans import Span, united
from contracts.timeline import Music

__all__ = ["Ducking", "bed", "level_of_bed", "spans_heard", "spans_said"]

SEAM = RATE // 4
"""Samples over which the end of the music becomes its beginning again."""
SHORTEST = RATE // 100
"""What is shorter is no music, and is not repeated."""
KEPT = RATE * 10
"""What is shorter is kept in memory when it is repeated."""
BRIDGED = 0.8
"""Seconds without a word in which the music stays down: it would not have come back before it has to leave again."""
ATTACK, RELEASE = 0.15, 0.5
BLIP = 0.08
GATE = 15.0
"""dB below the mean level of the speech from which on it is no speech."""
FAINTEST = -50.0
SMOOTH = 50


def bed(read: Callable[[], Iterator[Samples]], samples: int) -> Iterator[Samples]:
    """`samples` samples of music in blocks of `CHUNK`, its end joined to its beginning; nothing where there is none."""
    taken = Taken(_repeated(read))
    for place in range(0, samples, CHUNK):
        yield taken.take(min(CHUNK, samples - place))


def _repeated(read: Callable[[], Iterator[Samples]]) -> Iterator[Samples]:
    tail: Samples = np.zeros((2, 0), np.float32)
    kept: list[Samples] | None = []
    while True:
        length, held = 0, np.zeros((2, 0), np.float32)
        first = not tail.shape[1]
        for block in read() if first or kept is None else kept:
            if first and kept is not None:
                kept.append(block)
                kept = kept if sum(each.shape[1] for each in kept) <= KEPT else None
            length += block.shape[1]
            held = np.hstack([held, block])
            if tail.shape[1] and held.shape[1] >= tail.shape[1]:
                held, tail = _crossed(tail, held), tail[:, :0]
            if not tail.shape[1] and held.shape[1] > SEAM:
                yield held[:, :-SEAM]
                held = held[:, -SEAM:]
        if length < SHORTEST:
            return
        if tail.shape[1]:  # shorter than the seam itself
            held = np.hstack([tail, held])
        seam = min(SEAM, length // 2)
        yield held[:, : held.shape[1] - seam]
        tail = held[:, held.shape[1] - seam :]


def _crossed(tail: Samples, head: Samples) -> Samples:
    """The end faded out over the beginning, by equal power."""
    count = tail.shape[1]
    angle = (np.arange(count, dtype=np.float32) + 0.5) / count * np.float32(np.pi / 2)
    joined = head.copy()
    joined[:, :count] = head[:, :count] * np.sin(angle) + tail * np.cos(angle)
    return joined


def level_of_bed(music: Music, rest: float | None, own: float | None) -> float:
    """Decibels by which the music is changed: against the loudness of the rest, or not at all where it is alone."""
    return 0.0 if rest is None or own is None else rest + music.volume - own


def spans_said(words: Sequence[Word]) -> list[Span]:
    """When somebody speaks, by the words."""
    return united([(word.start, word.end) for word in words], apart=BRIDGED)


def spans_heard(energy: Any) -> list[Span]:
    """When somebody speaks, by the level of the speech in each cell: what is within 15 dB of its mean."""
    if not len(energy):
        return []
    window = np.ones(SMOOTH) / (SMOOTH * CELL * 2)
    power = np.convolve(energy, window, "same")
    floor = 10 ** (FAINTEST / 10)
    loud = power[power > floor]
    if not len(loud):
        return []
    threshold = max(floor, float(loud[loud > loud.mean() / 10].mean()) / 10 ** (GATE / 10))
    heard = np.concatenate([[False], power > threshold, [False]])
    borders = np.flatnonzero(np.diff(heard.astype(np.int8))).reshape(-1, 2) / CELLS_PER_SECOND
    return united([(float(a), float(b)) for a, b in borders if b - a >= BLIP], apart=BRIDGED)


class Ducking:
    """The gain of the music at every sample: its level, softer under speech, coming and going at the ends.

    It is down when a word begins, and back half a second after the last one; in between it moves without a corner.
    """

    def __init__(self, music: Music, gain: float, spans: Sequence[Span], samples: int) -> None:
        self._gain, self._duck, self._samples = gain, music.duck, samples
        self._fade = min(round(music.fade * RATE), samples // 2)
        times: list[float] = []
        depths: list[float] = []
        for start, end in spans:
            times += [start - ATTACK, start, end, end + RELEASE]
            depths += [0.0, 1.0, 1.0, 0.0]
        self._times = np.array(times) * RATE
        self._depths = np.array(depths)

    def applied(self, block: Samples, place: int) -> Samples:
        """A block of the music from sample `place` of the timeline on."""
        places = np.arange(place, place + block.shape[1])
        gain: Any = np.full(block.shape[1], linear(self._gain))
        if len(self._times):
            depth = np.interp(places, self._times, self._depths)
            gain *= 10 ** (-self._duck / 20 * depth * depth * (3 - 2 * depth))
        if self._fade and (place < self._fade or place + block.shape[1] > self._samples - self._fade):
            gain *= np.sin(np.clip(np.minimum(places, self._samples - 1 - places) / self._fade, 0, 1) * (np.pi / 2))
        changed: Samples = block * gain.astype(np.float32)
        return changed
