"""Loudness and true peak by EBU R 128: measured, and changed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
from av.audio.frame import AudioFrame

from actors.renderer.adapters.sound.samples import RATE, Samples, pulled, samples_of

if TYPE_CHECKING:
    from av.filter import Graph
    from av.filter.context import FilterContext

__all__ = ["Level", "Treatment", "chain", "measured", "through", "treated"]

SILENCE = -69.0
"""LUFS; the gate of EBU R 128 itself is at -70."""
OVERSAMPLING = 2


@dataclass(frozen=True)
class Level:
    """Integrated loudness in LUFS and true peak in dBTP, by EBU R 128; None: silence."""

    loudness: float | None
    true_peak: float | None


@dataclass(frozen=True)
class Treatment:
    """Linear gain in dB, and the ceiling of the limiter; None: no limiter is needed."""

    gain: float
    ceiling: float | None


def chain(*filters: tuple[str, str]) -> Graph:
    """A graph of filters (name, arguments) for stereo samples at 48 kHz."""
    graph = av.filter.Graph()
    nodes: list[FilterContext] = [
        graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE))
    ]
    nodes.extend(graph.add(name, args) for name, args in filters)
    graph.link_nodes(*nodes, graph.add("abuffersink")).configure()
    return graph


def through(graph: Graph, blocks: Iterable[Samples]) -> Iterator[AudioFrame]:
    """Everything that comes out of a graph."""
    for frame in _as_frames(blocks):
        graph.push(frame)
        yield from pulled(graph)
    graph.push(None)
    yield from pulled(graph)


def _as_frames(blocks: Iterable[Samples]) -> Iterator[AudioFrame]:
    cursor = 0
    for block in blocks:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block, np.float32), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, cursor, Fraction(1, RATE)
        cursor += block.shape[1]
        yield frame


def treated(blocks: Iterable[Samples], treatment: Treatment) -> Iterator[Samples]:
    """Gain, then a limiter on the oversampled signal, so that peaks between samples are seen too."""
    filters = [("volume", f"volume={treatment.gain:.4f}dB:precision=float")]
    if treatment.ceiling is not None:
        limit = 10 ** (treatment.ceiling / 20)
        filters += [
            ("aresample", f"{OVERSAMPLING * RATE}"),
            ("alimiter", f"limit={limit:.6f}:attack=5:release=50:level=0:latency=1"),
            ("aresample", f"{RATE}"),
            ("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
        ]
    for frame in through(chain(*filters), blocks):
        yield samples_of(frame)


def measured(blocks: Iterable[Samples], *, peaks: bool = True) -> Level:
    """Integrated loudness and true peak of stereo samples at 48 kHz. Without `peaks` in half the time: no true peak."""
    loudness, peak = -math.inf, 0.0
    meter = "metadata=1:peak=true" if peaks else "metadata=1"
    for frame in through(chain(("ebur128", meter), ("aformat", "sample_fmts=fltp")), blocks):
        notes = frame.metadata
        loudness = float(notes.get("lavfi.r128.I", loudness))  # a last frame of less than 100 ms carries none
        so_far = [float(value) for key, value in notes.items() if key.startswith("lavfi.r128.true_peaks_ch")]
        peak = max([peak, *so_far])
    if not math.isfinite(loudness) or loudness <= SILENCE or (peaks and peak <= 0):
        return Level(None, None)
    return Level(loudness, 20 * math.log10(peak) if peaks else None)
