"""Who is speaking: mouths that move with the sound. Plain numbers in, plain numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["STEP", "Span", "speaking"]

STEP = 0.1
"""Seconds between two values of the envelope of the sound."""
QUIET = 0.003
"""Amplitude (-50 dB of full scale) below which nothing is said, however quiet the rest is."""
SOFT = 0.06
"""Share of the loud parts' amplitude (-24 dB) below which it is a pause."""
LEAST_MOTION = 0.03
"""Share of a face's contrast by which a mouth that speaks changes in a tenth of a second."""
REACH = 5
"""Steps on both sides over which motion is averaged: a syllable takes two, a word four."""
LAGS = range(-2, 3)
"""Steps by which the lips may be ahead of the sound, or behind."""
LEAST_LIKENESS = 0.1
"""Correlation of mouth and sound from which the one is taken for the cause of the other."""
SHORT = 4.0
"""Seconds in sight below which the correlation says nothing."""
CLEARLY = 1.3
"""How many times as much another mouth must move to be taken for the speaker's instead of the one before."""
PAUSE = 0.6
"""Seconds of silence within what one says."""
LEAST_SPAN = 0.5
"""Seconds below which nobody is said to speak."""

Span = tuple[float, float]


def speaking(mouths: Sequence[Sequence[tuple[float, float]]], envelope: Sequence[float]) -> list[list[Span]]:
    """For each person the spans in which it speaks, in order; no two people at once.

    `mouths`: for each person times and how much the mouth moved, in order of time. `envelope`: amplitude of the sound
    (0 to 1) every STEP. A person whose mouth moves without regard to the sound speaks not.
    """
    import numpy as np

    count = len(envelope)
    nobody: list[list[Span]] = [[] for _ in mouths]
    if not count or not any(mouths):
        return nobody
    sound = np.nan_to_num(np.asarray(envelope, float), nan=0.0, posinf=1.0)
    voiced = _spread(sound > max(QUIET, SOFT * float(np.percentile(sound, 95))), 2)
    motion = np.stack([_motion(samples, count) for samples in mouths])
    strength = np.nan_to_num(np.stack([_averaged(row) for row in motion]))
    most = (strength == strength.max(axis=0)) & (strength >= LEAST_MOTION) & ~np.isnan(motion)
    strength *= np.array([_likeness(row[on], sound, np.flatnonzero(on)) for row, on in zip(motion, most, strict=True)])[
        :, None
    ]
    who = _bridged(_decided(strength, voiced))
    return [_spans(who == index) for index in range(len(mouths))]


def _motion(samples: Sequence[tuple[float, float]], count: int) -> NDArray[Any]:
    """Mean motion per step; NaN where the mouth was not looked at for more than three steps."""
    import numpy as np

    sums, counts = np.zeros(count), np.zeros(count)
    for t, amount in samples:
        index = int(t / STEP)
        if 0 <= index < count:
            sums[index] += amount
            counts[index] += 1
    known = np.flatnonzero(counts)
    if not known.size:
        return np.full(count, np.nan)
    filled: NDArray[Any] = np.interp(np.arange(count), known, sums[known] / counts[known])
    filled[~_spread(counts > 0, 2)] = np.nan
    return filled


def _spread(on: NDArray[Any], steps: int) -> NDArray[Any]:
    """True also so many steps before and behind."""
    import numpy as np

    wide: NDArray[Any] = np.convolve(on, np.ones(2 * steps + 1), mode="same") > 0.5
    return wide[: on.size] if wide.size > on.size else wide


def _averaged(row: NDArray[Any]) -> NDArray[Any]:
    """Mean over REACH steps on both sides of what is known; NaN where the middle is not."""
    import numpy as np

    known = ~np.isnan(row)
    sums = np.cumsum(np.pad(np.nan_to_num(row), (REACH + 1, REACH)))
    counts = np.cumsum(np.pad(known.astype(float), (REACH + 1, REACH)))
    wide = 2 * REACH + 1
    mean: NDArray[Any] = (sums[wide:] - sums[:-wide]) / np.maximum(counts[wide:] - counts[:-wide], 1)
    mean[~known] = np.nan
    return mean


def _likeness(moved: NDArray[Any], sound: NDArray[Any], at: NDArray[Any]) -> float:
    """From 0, a mouth that moves without regard to the sound, to 1; by Pearson's correlation at the best lag.

    `moved`: how much it moved at the steps `at`, at which it moved the most of all mouths.
    """
    import numpy as np

    if at.size * STEP < SHORT:
        return 0.5
    best = 0.0
    loud = np.sqrt(np.convolve(sound, np.ones(3) / 3, mode="same")[: sound.size])
    a = moved - moved.mean()
    for lag in LAGS:
        heard = loud[np.clip(at + lag, 0, sound.size - 1)]
        b = heard - heard.mean()
        power = float(np.sqrt((a @ a) * (b @ b)))
        best = max(best, float(a @ b) / power if power > 1e-12 else 0.0)
    return 0.0 if best < LEAST_LIKENESS else min(1.0, 0.4 + best)


def _decided(strength: NDArray[Any], voiced: NDArray[Any]) -> NDArray[Any]:
    """The index of the one who speaks at every step, -1 for nobody."""
    import numpy as np

    who = np.full(voiced.size, -1)
    last = -1
    for step in np.flatnonzero(voiced):
        now = strength[:, step]
        best = int(now.argmax())
        if last >= 0 and now[last] * CLEARLY >= now[best]:
            best = last
        if now[best] >= LEAST_MOTION * 0.5:
            who[step] = last = best
    return who


def _bridged(who: NDArray[Any]) -> NDArray[Any]:
    """Pauses between two things that the same one says are his."""
    import numpy as np

    known = np.flatnonzero(who >= 0)
    for before, after in pairwise(known):
        if after - before < PAUSE / STEP and who[before] == who[after]:
            who[before:after] = who[before]
    return who


def _spans(on: NDArray[Any]) -> list[Span]:
    """Steps to spans in seconds; short ones are dropped."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]]))).reshape(-1, 2)
    return [
        (round(first * STEP, 3), round(last * STEP, 3))
        for first, last in edges.tolist()
        if (last - first) * STEP >= LEAST_SPAN - 1e-6
    ]
