"""The finished sound: gain, limiter and AAC until loudness and true peak of what a player decodes are right.

The sound is measured once, millisecond by millisecond; the gain at which its limited form has the target follows from
that. What was encoded is decoded and measured, because AAC overshoots: where it does, the limiter closes a little
further, at these places only, and the sound is encoded again. These very packets go into the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from actors.renderer.adapters.packets import Packets
from actors.renderer.adapters.sound.aac import decoded, encoded
from actors.renderer.adapters.sound.level import Cells, Level, loudness, measured
from actors.renderer.adapters.sound.limit import curve_of, played, solved
from actors.renderer.adapters.sound.samples import Samples

__all__ = ["PEAK_LIMIT", "Sound", "Source", "mastered", "untouched"]

PEAK_LIMIT = -1.5
"""dBTP that the decoded sound never exceeds."""
AIM = -1.56
"""dBTP to which it is brought: another meter may read a little more."""
CEILING = -2.3
"""Where the limiter stops, in dBTP: leaves AAC 0.8 dB to overshoot."""
MARGIN = 0.25
"""How many dB below the limit a place is brought where AAC overshot."""
TOLERANCE = 0.2
"""LU within which the loudness is left as it is."""
MAX_GAIN = 46.0
MOST_LIMITING = 12.0
"""How many dB the limiter may be driven; more would be heard."""
ROUNDS = 5

Source = Callable[[], Iterator[Samples]]
"""Reads the sound from its beginning, in blocks of whole cells and whole frames of AAC (but the last)."""


@dataclass(frozen=True)
class Sound:
    """Encoded sound, its level as a player decodes it, and what is to be said about it."""

    packets: Packets
    level: Level
    warnings: tuple[str, ...]
    off_target: bool = False
    """Whether a warning says that it is not as loud as ordered."""


def untouched(raw: Source, warnings: tuple[str, ...]) -> Sound:
    """The sound as it is: for silence."""
    return Sound(encoded(raw()), Level(None, None), warnings)


def mastered(raw: Source, cells: Cells, target: float, warnings: tuple[str, ...] = ()) -> Sound:
    """The sound at `target` LUFS and at most -1.5 dBTP. `cells` are those of `raw`."""
    before = loudness(cells.energy)
    if before is None:
        return untouched(raw, (*warnings, "The source is silent in this span"))
    most = min(target - before, MAX_GAIN) + MOST_LIMITING
    ceiling, wanted = CEILING, min(target, before + MAX_GAIN)
    trims = np.zeros(len(cells.peak), np.float32)
    best: list[tuple[float, Packets, Level]] = []
    driven = False
    for _ in range(ROUNDS):
        found = solved(cells, wanted, ceiling, most, trims)
        packets = encoded(played(raw(), curve_of(cells, found.gain, ceiling, trims)))
        level, heard = measured(decoded(packets))
        excess = max(0.0, (level.true_peak if level.true_peak is not None else -99.0) - AIM)
        off = min(target, before + MAX_GAIN) - (level.loudness if level.loudness is not None else target)
        fault = 100 * excess + abs(off)
        best = [min([*best, (fault, packets, level)], key=itemgetter(0))]
        driven = found.gain >= most
        if not excess and (abs(off) <= TOLERANCE or driven):
            break
        if excess:
            trims += _overshoot(heard, len(trims), excess)
        if abs(off) > TOLERANCE:
            wanted += off
    ((_, packets, level),) = best
    remarks = _remarks(level, target, before, driven=driven)
    return Sound(packets, level, (*warnings, *remarks), off_target=bool(remarks))


def _overshoot(heard: Cells, count: int, excess: float) -> Any:
    """Decibels for each cell by which it is too loud once encoded, and a margin; its neighbours share it."""
    peak = np.pad(heard.peak, (0, max(0, count - len(heard.peak))))[:count]
    with np.errstate(divide="ignore"):
        # The cells are measured at fewer points than the true peak: the highest of them stands for it.
        over = 20 * np.log10(peak) - 20 * np.log10(peak.max()) + excess
    wide = np.pad(np.where(over > -MARGIN, np.maximum(over, 0.0) + MARGIN, 0.0), 10)
    return np.lib.stride_tricks.sliding_window_view(wide, 21).max(axis=1).astype(np.float32)


def _remarks(level: Level, target: float, before: float, *, driven: bool) -> tuple[str, ...]:
    if level.loudness is None or abs(level.loudness - target) <= 0.5:
        return ()
    what = f"The sound is at {level.loudness:.1f} LUFS instead of {target:.1f}"
    if before + MAX_GAIN < target:
        return (f"{what}: with {before:.0f} LUFS its source is almost silent",)
    return (f"{what}: {'more is not in it without distortion' if driven else 'its peaks leave no room for more'}",)
