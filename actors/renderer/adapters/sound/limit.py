"""Gain and limiter: how loud each millisecond is played, so that the whole has its loudness and no peak its ceiling."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from actors.renderer.adapters.sound.level import CELL, Cells, loudness
from actors.renderer.adapters.sound.samples import Samples

__all__ = ["Curve", "curve_of", "played", "solved"]

ATTACK = 5
"""Cells (ms) over which the limiter closes before a peak."""
RELEASE = 60.0
"""Cells (ms) after which it has opened again to 1/e of the decibels."""
PART = 1 << 15
"""Cells that are worked on together."""
PRECISE = 0.02
ROUNDS = 12

Curve = np.ndarray[Any, np.dtype[np.float32]]
"""A linear gain for the middle of each cell."""


@dataclass(frozen=True)
class Found:
    """A gain in dB and the loudness that it leads to, in LUFS."""

    gain: float
    loudness: float


def curve_of(cells: Cells, gain: float, ceiling: float, trims: Curve | None = None) -> Curve:
    """Gain for each cell: `gain` dB, less where a peak would come above `ceiling` dB.

    `trims`: decibels for each cell that it shall stay further below, where the encoder overshot.
    """
    needed = _released(cells.peak, gain - ceiling, trims)
    if not len(needed):
        return needed
    # M[j] = max(r[j-1 : j+ATTACK+1]), one more on either side than the attack, as gains are interpolated; the mean of
    # M[i-ATTACK+1 : i+1] is then at least r[i], and reached without a step.
    padded = np.pad(needed, ATTACK, mode="edge")
    most = _slid(padded, ATTACK + 2, np.maximum)
    smooth = _slid(most, ATTACK, np.add) / ATTACK
    found: Curve = np.power(10, (gain - smooth) / 20, dtype=np.float32)
    return found


def _released(peak: Curve, over: float, trims: Curve | None) -> Curve:
    """Decibels that each cell is turned down by: r[n] = max(needed[n], r[n-1] * exp(-1/RELEASE)).

    As a running maximum of logarithms, in parts: what takes memory is as long as one of them.
    """
    found = np.zeros(len(peak), np.float32)
    before = 0.0
    with np.errstate(divide="ignore"):
        for first in range(0, len(peak), PART):
            part = slice(first, first + PART)
            needed = np.maximum(20 * np.log10(peak[part], dtype=np.float64) + over, 0.0)
            if trims is not None:
                needed += trims[part]
            needed = np.concatenate([[before], needed])
            time = np.arange(len(needed)) / RELEASE
            found[part] = np.exp(np.maximum.accumulate(np.log(needed) + time) - time)[1:]
            before = float(found[part][-1])
    return found


def _slid(values: Curve, width: int, how: np.ufunc) -> Curve:
    """`how` over every `width` values in a row."""
    count = len(values) - width + 1
    found = values[:count].copy()
    for n in range(1, width):
        how(found, values[n : n + count], out=found)
    return found


def solved(cells: Cells, target: float, ceiling: float, most: float, trims: Curve | None = None) -> Found:
    """The gain of at most `most` dB at which the limited sound has the target loudness, by secants."""
    low = target - (loudness(cells.energy) or target)
    low = min(low, most)
    best = _tried(cells, low, ceiling, trims)
    if best.loudness >= target - PRECISE or low >= most:
        return best
    high = _tried(cells, min(most, low + 2 * (target - best.loudness) + 1), ceiling, trims)
    while high.loudness < target - PRECISE and high.gain < most:
        best, high = high, _tried(cells, min(most, high.gain + 3.0), ceiling, trims)
    for _ in range(ROUNDS):
        if abs(high.loudness - target) <= PRECISE or high.loudness < target:
            return high
        share = (target - best.loudness) / max(1e-6, high.loudness - best.loudness)
        middle = _tried(cells, best.gain + (high.gain - best.gain) * min(0.9, max(0.1, share)), ceiling, trims)
        if abs(middle.loudness - target) <= PRECISE:
            return middle
        best, high = (middle, high) if middle.loudness < target else (best, middle)
    return best


def _tried(cells: Cells, gain: float, ceiling: float, trims: Curve | None) -> Found:
    found = loudness(cells.energy * curve_of(cells, gain, ceiling, trims) ** 2)
    return Found(gain, found if found is not None else -math.inf)


def played(blocks: Iterable[Samples], curve: Curve) -> Iterator[Samples]:
    """The blocks (of whole cells but the last) at the gain of each of their cells, linear between their middles."""
    first = 0
    for block in blocks:
        count = -(-block.shape[1] // CELL)
        around = curve[max(0, first - 1) : first + count + 1]
        if np.ptp(around) < 1e-6:
            yield block * around[0]
        else:
            middles = (np.arange(max(0, first - 1), max(0, first - 1) + len(around)) + 0.5) * CELL - 0.5
            places = np.arange(first * CELL, first * CELL + block.shape[1])
            yield block * np.interp(places, middles, around).astype(np.float32)
        first += count
