"""The finished sound: gain, limiter and AAC until loudness and true peak of what a player decodes are right.

The sound is measured once, millisecond by millisecond; the gain at which its limited form has the target follows from
that. What was encoded is decoded and measured, because AAC overshoots: where it does, the limiter closes a little
further, at these places only, and the sound is encoded again. These very packets go into the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from actors.renderer.adapters.sound.aac import decoded, encoded
from actors.renderer.adapters.sound.level import CELLS_PER_SECOND, Cells, Level, loudness, measured
from actors.renderer.adapters.sound.limit import curve_of, played, solved
from actors.renderer.adapters.sound.samples import Samples
from contracts.renders import Stretch

if TYPE_CHECKING:
    from av.packet import Packet

__all__ = ["PEAK_LIMIT", "Sound", "Source", "mastered", "silences_of", "untouched"]

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
QUIET, QUIET_S = 0.001, 1.0
"""-60 dBFS, and for how long it must not be louder to be a silence."""

Source = Callable[[], Iterator[Samples]]
"""Reads the sound from its beginning, in blocks of whole cells and whole frames of AAC (but the last)."""


@dataclass(frozen=True)
class Sound:
    """Encoded sound, its level as a player decodes it, where it is silent, and what is to be said about it."""

    packets: list[Packet[Any]]
    level: Level
    warnings: tuple[str, ...]
    silences: tuple[Stretch, ...] = ()
    off_target: bool = False
    """Whether a warning says that it is not as loud as ordered."""

    @property
    def checksum(self) -> str:
        """SHA-256 of the encoded sound."""
        return sha256(b"".join(bytes(packet) for packet in self.packets)).hexdigest()


def untouched(raw: Source, warnings: tuple[str, ...]) -> Sound:
    """The sound as it is: for silence."""
    packets = encoded(raw())
    _, cells = measured(decoded(packets))
    return Sound(packets, Level(None, None), warnings, silences_of(cells))


def mastered(raw: Source, cells: Cells, target: float, warnings: tuple[str, ...] = ()) -> Sound:
    """The sound at `target` LUFS and at most -1.5 dBTP. `cells` are those of `raw`."""
    before = loudness(cells.energy)
    if before is None:
        return untouched(raw, (*warnings, "The source is silent in this span"))
    most = min(target - before, MAX_GAIN) + MOST_LIMITING
    ceiling, wanted = CEILING, min(target, before + MAX_GAIN)
    trims = np.zeros(len(cells.peak), np.float32)
    best: tuple[float, list[Packet[Any]], Level, Cells] | None = None
    driven = False
    for _ in range(ROUNDS):
        found = solved(cells, wanted, ceiling, most, trims)
        packets = encoded(played(raw(), curve_of(cells, found.gain, ceiling, trims)))
        level, heard = measured(decoded(packets))
        excess = max(0.0, (level.true_peak if level.true_peak is not None else -99.0) - AIM)
        off = min(target, before + MAX_GAIN) - (level.loudness if level.loudness is not None else target)
        fault = 100 * excess + abs(off)
        if best is None or fault < best[0]:
            best = fault, packets, level, heard
        driven = found.gain >= most
        if not excess and (abs(off) <= TOLERANCE or driven):
            break
        if excess:
            trims += _overshoot(heard, len(trims), excess)
        if abs(off) > TOLERANCE:
            wanted += off
    assert best is not None  # noqa: S101  # there is at least one round
    _, packets, level, heard = best
    remarks = _remarks(level, target, before, driven=driven)
    return Sound(packets, level, (*warnings, *remarks), silences_of(heard), off_target=bool(remarks))


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


def silences_of(cells: Cells) -> tuple[Stretch, ...]:
    """Spans of at least a second that are nowhere louder than -60 dBFS."""
    quiet = np.concatenate([[False], cells.peak < QUIET, [False]])
    borders = np.flatnonzero(np.diff(quiet.astype(np.int8)))
    spans = borders.reshape(-1, 2) / CELLS_PER_SECOND
    return tuple(Stretch(start=float(a), end=float(b)) for a, b in spans if b - a >= QUIET_S - 1e-9)
