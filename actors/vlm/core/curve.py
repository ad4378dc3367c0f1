"""Curves over time, and shares from 0 to 1."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate

from actors.vlm.ports import STEP

__all__ = ["Curve", "covered", "ramp", "unit"]


class Curve:
    """Means of a curve over any span in constant time."""

    def __init__(self, values: Sequence[float]) -> None:
        self.values = values
        self._sums = [0.0, *accumulate(values)]
        ordered = sorted(values)
        self.low = ordered[len(ordered) // 10] if ordered else 0.0
        self.high = ordered[len(ordered) * 9 // 10] if ordered else 0.0

    def mean(self, start: float, end: float) -> float:
        """Between two seconds."""
        first = min(len(self.values), max(0, int(start / STEP)))
        last = min(len(self.values), max(first + 1, math.ceil(end / STEP)))
        return (self._sums[last] - self._sums[first]) / (last - first) if last > first else 0.0


def covered(spans: Iterable[tuple[float, float]], duration: float) -> Curve:
    """Which share of every step lies in one of the spans (in seconds)."""
    shares = [0.0] * math.ceil(duration / STEP)
    for start, end in spans:
        for step in range(max(0, int(start / STEP)), min(len(shares), math.ceil(end / STEP))):
            shares[step] = min(1.0, shares[step] + max(0.0, min(end / STEP, step + 1) - max(start / STEP, step)))
    return Curve(shares)


def ramp(value: float, zero: float, low: float, high: float, end: float) -> float:
    """0 up to `zero`, rising to 1 at `low`, 1 until `high`, falling to 0 at `end`."""
    if value < low:
        return unit((value - zero) / (low - zero))
    return 1.0 if value <= high else unit((end - value) / (end - high))


def unit(value: float) -> float:
    """Cut to 0 to 1."""
    return min(1.0, max(0.0, value))
