"""Which pictures of the candidates a model is shown: few, behind a cut, with a face where there is one."""

from __future__ import annotations

from collections.abc import Sequence

from actors.vlm.ports import STEP, Sight
from contracts.sight import Moment

__all__ = ["portraits"]

SETTLED = 0.4
"""Seconds behind a cut at which the new picture stands."""


def portraits(sight: Sight, moments: Sequence[Moment], most: int) -> list[tuple[int, float]]:
    """Pairs of a candidate's number (from 1) and a time in it, at most `most`; one for each before any has two.

    The beginning of every shot is offered, and the middle of the candidate; those with the most faces come first.
    """
    offered = [_times(sight, moment) for moment in moments]
    pairs = [
        (number, times[turn])
        for turn in range(most)
        for number, times in enumerate(offered, start=1)
        if turn < len(times)
    ]
    return pairs[:most]


def _times(sight: Sight, moment: Moment) -> list[float]:
    end = min(moment.end, sight.duration or moment.end)
    starts = [moment.start, *(shot.start for shot in sight.shots if moment.start < shot.start < end - 2 * SETTLED)]
    times = {round(min(start + SETTLED, (start + end) / 2), 3) for start in (*starts, (moment.start + end) / 2)}
    return sorted(times, key=lambda t: (-_faces(sight, t), t))


def _faces(sight: Sight, t: float) -> float:
    index = int(t / STEP)
    return sight.faces[index] if index < len(sight.faces) else 0.0
