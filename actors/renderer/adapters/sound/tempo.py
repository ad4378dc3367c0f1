"""Faster or slower at the same pitch: WSOLA (Verhelst and Roelands, ICASSP 1993) that keeps every onset in its place.

Plain overlap-add moves an onset by up to half a window, and doubles or swallows it. Here onsets are found first; from
one to the next the sound is stretched, and at each of them it is exactly where picture and captions expect it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from actors.renderer.adapters.sound.samples import RATE, Samples, Taken

__all__ = ["READ_AHEAD", "stretched"]

HOP, OVERLAP, SEEK = RATE * 30 // 1000, RATE * 10 // 1000, RATE * 10 // 1000
"""Samples of a grain, of the fade between two, and how far from its place a grain may be taken, so that waves meet."""
EDGE = RATE * 2 // 1000
"""Samples of the fade that ends with an onset."""
COARSE = 4
STEP = 24
"""Samples of one value of the onset detector: half a millisecond."""
BEFORE, AFTER = 40, 6
RISE = 10.0
"""How many times the energy of the 20 ms before must be that of the 3 ms after."""
APART = RATE * 60 // 1000
FLOOR = 1e-8
PIECE = RATE * 2
READ_AHEAD = HOP + 2 * OVERLAP + 2 * SEEK
"""Samples of the source that are read beyond the end of what is stretched."""


def stretched(blocks: Iterator[Samples], speed: float, samples: int) -> Iterator[Samples]:
    """Exactly `samples` samples; sample n is what is at sample `n * speed` of the blocks."""
    source = _Source(Taken(blocks))
    out = 0
    start = 0  # where the grain that sounds now was taken from, and where it was put
    put = 0
    onset = 0
    while out < samples:
        source.need(round((out + 3 * HOP) * speed) + 2 * HOP + 2 * SEEK + 2 * APART)
        following = source.onset_after(onset)
        due = None if following is None else round(following / speed)
        left = HOP if due is None else due - EDGE - out
        if following is not None and due is not None and left <= 0:
            yield from _within(samples, out, _joined(source, start + out - put, following - EDGE, EDGE, EDGE))
            out += EDGE
            start, put, onset = following, due, following
            continue
        length = left if left <= HOP * 3 // 2 else min(HOP, left // 2) if left < 2 * HOP else HOP
        if out > put or out > 0:
            fade = min(OVERLAP, length)
            latest = None if due is None or following is None else following - (min(length + OVERLAP, due - out))
            goes_on, ideal = start + out - put, round((out + length / 2) * speed - length / 2)
            found = _best(source, goes_on, ideal, onset, latest, fade)
            grain = _joined(source, goes_on, found, fade, length)
            start, put = found, out
        else:
            grain = source.part(0, length)
        yield from _within(samples, out, grain)
        out += length
        source.forget(min(start + out - put, round(out * speed)) - 2 * SEEK - 2 * HOP)


def _within(samples: int, place: int, block: Samples) -> Iterator[Samples]:
    if place < samples:
        yield block[:, : samples - place]


def _joined(source: _Source, before: int, after: int, fade: int, length: int) -> Samples:
    """`length` samples from `after`, into which what goes on at `before` is faded over `fade`."""
    grain = source.part(after, length).copy()
    if before != after:
        up = (0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)).astype(np.float32)
        grain[:, :fade] = grain[:, :fade] * up + source.part(before, fade) * (1 - up)
    return grain


def _best(source: _Source, goes_on: int, ideal: int, earliest: int, latest: int | None, fade: int) -> int:
    """The place near `ideal` at which the waves are most like those that go on."""
    low, high = max(ideal - SEEK, earliest), ideal + SEEK
    if latest is not None:
        high = min(high, latest)
    if high <= low:
        return max(min(low, high), 0)
    wanted = _mono(source.part(goes_on, fade))
    around = _mono(source.part(low, high - low + fade))
    short, wide = _coarse(wanted), _coarse(around)
    place = low + COARSE * _alike(short, wide, (ideal - low) / COARSE, SEEK / COARSE) if len(short) else low
    near = max(low, place - COARSE), min(high, place + COARSE)
    return near[0] + _alike(wanted, around[near[0] - low : near[1] - low + fade], ideal - near[0], SEEK)


def _alike(wanted: Any, around: Any, ideal: float, reach: float) -> int:
    """Where in `around` is what is most like `wanted`, in wave and in level; of equals the one nearest to `ideal`."""
    products = np.correlate(around, wanted, "valid")
    energy = np.cumsum(np.concatenate([[0.0], around.astype(np.float64) ** 2]))
    energy = energy[len(wanted) :] - energy[: -len(wanted)] + float(np.dot(wanted, wanted))
    away = np.abs(np.arange(len(products)) - ideal) / reach
    return int(np.argmax(2 * products / (energy + 1e-9) - 0.1 * away))


def _mono(block: Samples) -> Any:
    """Left and right together; where they are opposite, the left alone."""
    both = block.sum(axis=0)
    return both if np.abs(both).max(initial=0.0) > 0.1 * np.abs(block[0]).max(initial=0.0) else block[0]


def _coarse(row: Any) -> Any:
    whole = len(row) // COARSE * COARSE
    return row[:whole].reshape(-1, COARSE).mean(axis=1)


class _Source:
    """A window of the source that moves on, and the onsets found in it."""

    def __init__(self, taken: Taken) -> None:
        self._taken = taken
        self._first = 0
        self._kept: Samples = np.zeros((2, 0), np.float32)
        self._onsets: list[int] = []
        self._listened = 0

    def need(self, last: int) -> None:
        """Have everything before sample `last`."""
        while self._first + self._kept.shape[1] < last:
            self._kept = np.hstack([self._kept, self._taken.take(PIECE)])
            self._listen()

    def part(self, first: int, length: int) -> Samples:
        """Some samples; silence before the beginning and beyond what was read."""
        begin, end = first - self._first, first - self._first + length
        block = self._kept[:, max(0, begin) : max(0, end)]
        before = min(length, max(0, -begin))
        return np.pad(block, ((0, 0), (before, length - before - block.shape[1])))

    def forget(self, before: int) -> None:
        """Let go of everything before a sample, a piece at a time."""
        if before - self._first > PIECE:
            self._kept = self._kept[:, before - self._first :].copy()
            self._first = before
            self._onsets = [onset for onset in self._onsets if onset > before]

    def onset_after(self, place: int) -> int | None:
        """The next onset, where it is known."""
        return next((onset for onset in self._onsets if onset > place), None)

    def _listen(self) -> None:
        """Find onsets in what is new, but for its end, whose future is not known yet."""
        begin = max(self._first, self._listened - BEFORE * STEP)
        row = self._kept[:, begin - self._first :]
        count = row.shape[1] // STEP
        energy = np.einsum("cn,cn->n", row[:, : count * STEP], row[:, : count * STEP]).reshape(-1, STEP).sum(axis=1)
        total = np.cumsum(np.concatenate([[0.0], energy.astype(np.float64)]))
        places = np.arange(BEFORE, count - AFTER + 1)
        if not len(places):
            return
        before = (total[places] - total[places - BEFORE]) / (BEFORE * STEP)
        after = (total[places + AFTER] - total[places]) / (AFTER * STEP)
        ratio = np.where(after > 100 * FLOOR, after / (before + FLOOR), 0.0)
        found = np.flatnonzero(ratio > RISE)
        while len(found):
            group = found[found < found[0] + AFTER * 2]
            best = begin + int(places[group[np.argmax(ratio[group])]]) * STEP
            if not self._onsets or best - self._onsets[-1] >= APART:
                self._onsets.append(best)
            found = found[places[found] * STEP + begin >= best + APART]
        self._listened = begin + (count - AFTER) * STEP
