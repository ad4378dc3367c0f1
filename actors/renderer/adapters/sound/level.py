"""Loudness and true peak by EBU R 128 (ITU-R BS.1770-5), kept for every millisecond.

From these cells the loudness at any gain under any limiter follows without going through the sound again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.audio.frame import AudioFrame

from actors.renderer.adapters.sound.samples import CHUNK, RATE, Samples, pulled, samples_of

if TYPE_CHECKING:
    from av.filter import Graph
    from av.filter.context import FilterContext

__all__ = ["CELL", "CELLS_PER_SECOND", "Cells", "Level", "Meter", "chain", "loudness", "measured"]

CELL = 48
CELLS_PER_SECOND = RATE // CELL
SILENCE = -69.0
"""LUFS; the gate of EBU R 128 itself is at -70."""
_STEP, _BLOCK = 100, 4
"""Cells of 100 ms, and how many of these are a gating block: 400 ms, overlapping by three quarters."""

# ITU-R BS.1770-5, annex 1, tables 1 and 2: the two filters of the K weighting at 48 kHz.
_SHELF = "b0=1.53512485958697:b1=-2.69169618940638:b2=1.19839281085285:a0=1:a1=-1.69065929318241:a2=0.73248077421585"
_ROLL_OFF = "b0=1:b1=-2:b2=1:a0=1:a1=-1.99004745483398:a2=0.99007225036621"

Row = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Level:
    """Integrated loudness in LUFS and true peak in dBTP, by EBU R 128; None: silence."""

    loudness: float | None
    true_peak: float | None


@dataclass(frozen=True)
class Cells:
    """For each millisecond the energy after K weighting, summed over both channels, and the peak of either channel."""

    energy: Row
    peak: Row


def chain(*filters: tuple[str, str]) -> Graph:
    """A graph of filters (name, arguments) for stereo samples at 48 kHz."""
    graph = av.filter.Graph()
    graph.threads = 1
    nodes: list[FilterContext] = [
        graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE))
    ]
    nodes.extend(graph.add(name, args) for name, args in filters)
    graph.link_nodes(*nodes, graph.add("abuffersink")).configure()
    return graph


def as_frame(block: Samples, place: int) -> AudioFrame:
    """A block as a frame at a place, in samples."""
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(block, np.float32), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, place, _TICK
    return frame


_TICK = Fraction(1, RATE)
_HISS = np.random.default_rng(1).normal(0, 1e-9, (2, CHUNK)).astype(np.float32)
"""At -180 dBFS: a filter that rings out in silence would come to denormal numbers, which take ten times as long."""


class Meter:
    """Takes blocks as they come; every one but the last must hold whole cells, which `Spool` and the mixer see to."""

    def __init__(self) -> None:
        self._graph = chain(("biquad", f"{_SHELF}:r=f32"), ("biquad", f"{_ROLL_OFF}:r=f32"))
        self._energy: list[Row] = []
        self._peak: list[Row] = []
        self._last: Samples = np.zeros((2, _REACH), np.float32)
        self._place = 0
        self.channels = np.zeros(2)
        """Energy of each channel so far."""

    def add(self, block: Samples) -> Row:
        """Measure one block of at most `CHUNK` samples. Gives the peak of each of its cells."""
        self._graph.push(as_frame(block + _HISS[:, : block.shape[1]], self._place))
        self._place += block.shape[1]
        for frame in pulled(self._graph):
            weighted = samples_of(frame)
            self._energy.append(_per_cell(np.einsum("cn,cn->n", weighted, weighted), np.add))
        self.channels += np.einsum("cn,cn->c", block, block)
        self._peak.append(_per_cell(self._between(block), np.maximum))
        return self._peak[-1]

    def cells(self) -> Cells:
        """What was measured so far."""
        self._energy, self._peak = [np.concatenate([_NONE, *self._energy])], [np.concatenate([_NONE, *self._peak])]
        return Cells(self._energy[0], self._peak[0])

    def _between(self, block: Samples) -> Row:
        """The larger of both channels, at the samples and half-way between two of them (8 taps of a windowed sinc).

        What is half-way counts four samples later than it is.
        """
        x = np.concatenate([self._last, block], axis=1)
        self._last = x[:, -_REACH:]
        count = block.shape[1]
        middle = np.zeros((2, count), np.float32)
        for n, weight in enumerate(_HALF):
            middle += weight * (x[:, n : n + count] + x[:, _REACH - 1 - n : _REACH - 1 - n + count])
        found: Row = np.maximum(np.abs(middle).max(axis=0), np.abs(block).max(axis=0))
        return found


_NONE = np.zeros(0, np.float32)
_REACH = 8


def _half_taps() -> list[np.float32]:
    places = np.arange(_REACH // 2) + 0.5
    taps = np.sinc(places) * np.cos(np.pi * places / (_REACH + 1)) ** 2
    taps /= 2 * taps.sum()
    return [np.float32(tap) for tap in taps[::-1]]


_HALF = _half_taps()


def _per_cell(values: Row, how: np.ufunc) -> Row:
    whole = len(values) // CELL * CELL
    found: Row = how.reduce(values[:whole].reshape(-1, CELL), axis=1)
    if whole < len(values):
        found = np.append(found, how.reduce(values[whole:]))
    return found.astype(np.float32, copy=False)


def loudness(energy: Row) -> float | None:
    """Integrated loudness in LUFS of cells (BS.1770-5, annex 1, gated at -70 LUFS and 10 LU below the mean).

    None: silent. What is shorter than one gating block is measured as a whole.
    """
    whole = len(energy) // _STEP
    steps = energy[: whole * _STEP].reshape(-1, _STEP).sum(axis=1, dtype=np.float64)
    if whole < _BLOCK:
        powers = np.array([energy.sum(dtype=np.float64) / max(1, len(energy) * CELL)])
    else:
        powers = np.convolve(steps, np.ones(_BLOCK), "valid") / (_BLOCK * _STEP * CELL)
    powers = powers[powers > _power(-70.0)]
    if not len(powers):
        return None
    powers = powers[powers > powers.mean() / 10]
    found = -0.691 + 10 * math.log10(powers.mean())
    return found if found > SILENCE else None


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


_TAPS, _PHASES = 24, 4


def _polyphase() -> list[list[np.float32]]:
    """Taps for the three points between a sample and the next: a windowed sinc over 12 samples on either side."""
    found = []
    for phase in range(1, _PHASES):
        away = np.arange(_TAPS) - _TAPS // 2 + 1 - phase / _PHASES
        taps = np.sinc(away) * np.i0(6.0 * np.sqrt(1 - np.minimum(1.0, (away / (_TAPS // 2)) ** 2)))
        found.append([np.float32(tap) for tap in taps / taps.sum()])
    return found


_BETWEEN = _polyphase()
_NEAR = 0.8
"""Where no cell comes so close to the highest one, the signal is not looked at more closely."""


def _true_peak(around: tuple[Samples, Samples, Samples], peaks: Row, known: float) -> float:
    """The true peak of a block (four times oversampled, BS.1770-5, annex 2) where it is higher than `known`.

    `around`: what is before, the block, and what is after, of which 12 samples are looked at.
    """
    before, block, after = around
    highest = max(known, float(peaks.max(initial=0.0)))
    wide = np.pad(peaks, 1)
    near = np.flatnonzero(np.maximum(np.maximum(wide[:-2], wide[2:]), peaks) > _NEAR * highest)
    if not len(near):
        return highest
    whole = np.concatenate([before[:, -12:], block, after[:, :12]], axis=1)
    whole = np.pad(whole, ((0, 0), (0, len(peaks) * CELL + _TAPS - whole.shape[1])))
    windows = np.lib.stride_tricks.sliding_window_view(whole, CELL + _TAPS, axis=1)[:, ::CELL][:, near]
    for taps in _BETWEEN:  # by hand: a matrix product would wake the threads of a linear algebra library
        points = np.zeros((2, len(near), CELL), np.float32)
        for n, tap in enumerate(taps):
            points += tap * windows[:, :, n + 1 : n + 1 + CELL]
        highest = max(highest, float(np.abs(points).max()))
    return highest


def measured(blocks: Iterable[Samples]) -> tuple[Level, Cells]:
    """Level and cells of stereo samples at 48 kHz in blocks of whole cells (but the last), and its true peak."""
    meter, peak = Meter(), 0.0
    for before, block, after in _neighbours(blocks):
        peak = _true_peak((before, block, after), meter.add(block), peak)
    cells = meter.cells()
    found = loudness(cells.energy)
    if found is None or peak <= 0:
        return Level(None, None), cells
    return Level(found, 20 * math.log10(peak)), cells


def _neighbours(blocks: Iterable[Samples]) -> Iterator[tuple[Samples, Samples, Samples]]:
    """Each block with the one before and the one after it; silence at the ends."""
    nothing: Samples = np.zeros((2, _TAPS // 2), np.float32)
    before, block = nothing, None
    for after in blocks:
        if block is not None:
            yield before, block, after
            before = block
        block = after
    if block is not None:
        yield before, block, nothing
