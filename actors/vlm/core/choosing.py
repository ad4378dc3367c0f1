"""The best set of moments without overlap.

Chosen by weighted interval scheduling (Kleinberg and Tardos, Algorithm Design, section 6.1) with a fixed count.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from actors.vlm.core.score import LONGEST, ScoredClip, Span
from actors.vlm.core.wording import moment
from actors.vlm.ports import Sight
from contracts.media import Transcript
from contracts.sight import Moment

__all__ = ["JUDGED", "candidates", "choose"]

OFFERED = 8
"""Moments offered where the length allows, so that a rule or a person has a choice."""
NORMAL, SHORTEST, LEAST = 15.0, 5.0, 1.0
"""Seconds: shortest moment where there is room, shortest, shortest clip worth a moment."""
JUDGED = 0.5
"""Weight of a judgement from outside against the local score."""
MINIMA = (NORMAL, 12.5, 10.0, 8.5, 7.0, 6.0, SHORTEST)


def choose(
    sight: Sight,
    transcript: Transcript | None,
    *,
    duration: float,
    wanted: int,
    title: str,
    judged: Mapping[tuple[float, float], float] | None = None,
) -> tuple[Moment, ...]:
    """The best moments, best first; none overlaps another, none starts or ends inside a word.

    `duration`: seconds of the clip as promised; the shorter of it and what was seen counts. `wanted`: how many are
    needed; more are offered where there is room. `title`: of the clip, for moments in which nothing is said.
    `judged`: what somebody else thinks of moments that `candidates` returned, from 0 to 1 by their start and end. It
    counts for half of their score, as a part of its own (`judgement`); they take the place of the spans around them.
    """
    whole = min(duration, sight.duration) if sight.duration else duration
    clip = ScoredClip(sight, transcript, whole, wanted, title)
    moments = [moment(clip, span) for span in _chosen(clip, wanted)]
    return tuple(sorted(moments, key=lambda m: (-m.score, m.start)))


def candidates(
    sight: Sight, transcript: Transcript | None, *, duration: float, wanted: int, title: str, most: int = 20
) -> tuple[Moment, ...]:
    """What `choose` would choose and the next best, at most `most`, best first, for somebody else to judge.

    They may overlap each other, but none covers more than half of another.
    """
    return choose(sight, transcript, duration=duration, wanted=max(wanted, most), title=title)


def _chosen(clip: ScoredClip, wanted: int) -> list[Span]:
    if clip.duration < LEAST:
        return []
    if clip.duration <= SHORTEST:
        return [clip.whole()]
    chosen = _needed(clip, wanted)
    if len(chosen) < OFFERED and clip.duration >= wanted * NORMAL:
        chosen += _best(_free(clip.spans(NORMAL, words=False), chosen), OFFERED - len(chosen))
    return chosen or ([clip.whole()] if clip.duration <= LONGEST else [])


def _needed(clip: ScoredClip, wanted: int) -> list[Span]:
    """The best set of `wanted` spans. Where they do not fit, the minimum shrinks; then any word is a border."""
    fullest: list[Span] = []
    for words in (False, True):
        for least in MINIMA:
            if least > SHORTEST and least * wanted > clip.duration:
                continue
            found = _best(clip.spans(least, words=words), wanted)
            if len(found) == wanted:
                return found
            if len(found) > len(fullest):
                fullest = found
    return fullest


def _free(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """The spans that overlap none of `taken`."""
    held = sorted((span.start.t, span.end.t) for span in taken)
    starts = [start for start, _ in held]

    def free(span: Span) -> bool:
        before = bisect_left(starts, span.end.t) - 1
        return before < 0 or held[before][1] <= span.start.t

    return [span for span in spans if free(span)]


def _best(spans: Sequence[Span], count: int) -> list[Span]:
    """`count` spans that do not overlap, with the largest sum of scores; as many as fit, if fewer do."""
    spans = sorted(spans, key=lambda s: (s.end.t, s.start.t))
    ends = [span.end.t for span in spans]
    before = [bisect_right(ends, span.start.t, hi=index) for index, span in enumerate(spans)]
    rows = [[0.0] * (len(spans) + 1)]
    while len(rows) <= count:
        last, row = rows[-1], [-math.inf]
        for index, span in enumerate(spans):
            row.append(max(row[-1], last[before[index]] + span.score))
        if row[-1] == -math.inf:
            break
        rows.append(row)
    chosen, index = [], len(spans)
    for row in reversed(rows[1:]):
        while row[index] == row[index - 1]:
            index -= 1
        chosen.append(spans[index - 1])
        index = before[index - 1]
    return chosen
