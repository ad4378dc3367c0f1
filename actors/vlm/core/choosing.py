"""The best set of moments without overlap, and the next best for somebody else to judge.

Chosen by weighted interval scheduling (Kleinberg and Tardos, Algorithm Design, section 6.1) with a fixed count: n log n
for n spans to sort, and n for each moment that is wanted.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from actors.vlm.core.score import LENGTHS, SHORTEST, ScoredClip, Span
from actors.vlm.core.wording import moment
from actors.vlm.ports import Sight
from contracts.media import Transcript
from contracts.sight import Moment

__all__ = ["JUDGED", "Judgements", "best_set", "candidates", "choose"]

OFFERED = 8
"""Moments offered where the length allows, so that a rule or a person has a choice."""
LEAST, LONG, OF_LONG = 1.0, 179.5, 4
"""Seconds: shortest clip worth a moment; a long clip, which a player shows as 3:00 though its last pictures may not be
seen, and how many moments one of these always has."""
JUDGED = 0.5
"""Weight of a judgement from outside against the local score."""
SHORT = 0.3
"""What a moment of no length at all would lose against one of the usual shortest length."""
COUNTS = 0.7
"""Share of the best moment's score from which on another one counts in a clip that is not long."""
SCARCE = 3.0
"""Times the shortest moments that are wanted: in a shorter clip there is little room."""
SHRINKING = (1.0, 0.83, 0.67, 0.57, 0.47, 0.4, 0.33)
"""Shares of the shortest length that are tried, one after the other, where too few moments fit."""

Judgements = Mapping[tuple[float, float], float]
"""What somebody else thinks of a moment, from 0 to 1, by its start and end as `candidates` returned them."""


def choose(
    sight: Sight,
    transcript: Transcript | None,
    *,
    duration: float,
    wanted: int,
    title: str,
    fewest: int | None = None,
    lengths: tuple[float, float] = LENGTHS,
    judged: Judgements | None = None,
) -> tuple[Moment, ...]:
    """The best moments, best first; none overlaps another, none starts or ends inside a word.

    `duration`: seconds of the clip as promised; the shorter of it and what was seen counts. `wanted`: how many are
    chosen; more are offered where there is room. `fewest`: so many are needed even if they do not stand alone, or are
    shorter than `lengths` (seconds, shortest and longest). Where it is not given, as many as are wanted; but in a clip
    with speech and less than `LONG` seconds, moments are fewer and whole rather than torn. `title`: of the clip, for
    moments in which nothing is said. `judged`, where it is given, says which of the `candidates` are good, not how many
    there are: only these are chosen, and it counts for half of their score, as a part of its own (`judgement`).
    """
    clip = ScoredClip(sight, transcript, _whole(sight, duration), wanted, title, lengths)
    chosen = _chosen(clip, wanted, fewest)
    if judged is None:
        return _worded(clip, chosen, {})
    return _worded(clip, _judged(clip, chosen, wanted, judged), judged)


def candidates(
    sight: Sight,
    transcript: Transcript | None,
    *,
    duration: float,
    wanted: int,
    title: str,
    fewest: int | None = None,
    lengths: tuple[float, float] = LENGTHS,
    most: int = 20,
) -> tuple[Moment, ...]:
    """What `choose` would choose and the next best, at most `most` or as many as are chosen; best first.

    They may overlap, but none of the next best shares more than half of its length with one that is before it.
    """
    clip = ScoredClip(sight, transcript, _whole(sight, duration), wanted, title, lengths)
    found = _chosen(clip, wanted, fewest)
    if clip.duration > SHORTEST:
        spans = [span for span in clip.spans(_usual(clip)) if span.length >= lengths[0]]
        for span in sorted(spans, key=lambda span: (-span.score, span.start.t, span.end.t)):
            if len(found) >= most:
                break
            if all(_shared(span, other) <= 0.5 * min(span.length, other.length) for other in found):
                found.append(span)
    return _worded(clip, found, {})


def _whole(sight: Sight, duration: float) -> float:
    return min(duration, sight.duration) if sight.duration else duration


def _worded(clip: ScoredClip, spans: Iterable[Span], judged: Judgements) -> tuple[Moment, ...]:
    moments = [moment(clip, span, judged.get(_key(span)), JUDGED) for span in spans]
    return tuple(sorted(moments, key=lambda m: (-m.score, m.start, m.end)))


def _key(span: Span) -> tuple[float, float]:
    return round(span.start.t, 3), round(span.end.t, 3)


def _shared(a: Span, b: Span) -> float:
    """Seconds."""
    return min(a.end.t, b.end.t) - max(a.start.t, b.start.t)


def _usual(clip: ScoredClip) -> int:
    """Up to which level a border is as good as one can be."""
    return 0 if clip.speech.words else 1


def _chosen(clip: ScoredClip, wanted: int, fewest: int | None) -> list[Span]:
    if clip.duration < LEAST:
        return []
    if clip.duration <= SHORTEST:
        return [clip.whole()]
    least = wanted if fewest is None else min(fewest, wanted)
    may_be_fewer = fewest is None and clip.duration < LONG and bool(clip.speech.words)
    chosen = _tight(clip, wanted, COUNTS) if may_be_fewer else []
    chosen = _with_more(clip, chosen or _needed(clip, wanted, least), wanted, clip.spans(_usual(clip)))
    if len(chosen) < OF_LONG and clip.duration >= LONG:
        chosen = _needed(clip, OF_LONG, OF_LONG)
    return chosen or ([clip.whole()] if clip.duration <= clip.lengths[1] else [])


def _with_more(clip: ScoredClip, chosen: list[Span], wanted: int, spans: Iterable[Span]) -> list[Span]:
    """With the best of `spans` that are free besides them, up to so many that there is a choice."""
    if len(chosen) < OFFERED and clip.duration >= wanted * clip.lengths[0]:
        long = [span for span in spans if span.length >= clip.lengths[0]]
        for span in sorted(long, key=_worth, reverse=True):
            if len(chosen) < OFFERED and all(_shared(span, other) <= 0 for other in chosen):
                chosen.append(span)
    return chosen


def _judged(clip: ScoredClip, local: Sequence[Span], wanted: int, judged: Judgements) -> list[Span]:
    """As many as were chosen here, the best by score and judgement together."""
    named = {_key(span): span for span in (*clip.spans(_usual(clip)), *local) if _key(span) in judged}
    spans = [replace(s, score=(1 - JUDGED) * s.score + JUDGED * judged[key]) for key, s in named.items()]
    usual = [span for span in spans if max(span.start.level, span.end.level) <= _usual(clip)]
    chosen = _with_more(clip, best_set(spans, min(wanted, len(local))), wanted, usual)
    return chosen if len(chosen) >= len(local) else best_set(spans, len(local))


def _needed(clip: ScoredClip, wanted: int, fewest: int) -> list[Span]:
    """The best set of `wanted` spans. Where they do not fit, other borders count, then shorter ones, then any word."""
    if clip.duration < SCARCE * wanted * clip.lengths[0]:
        whole = _tight(clip, wanted, 0.0)
        if len(whole) >= wanted:
            return whole
    fullest: list[Span] = []
    ways = [(share, level) for share in SHRINKING for level in (0, 1)] + [(share, 2) for share in SHRINKING]
    for share, level in ways:
        if share * clip.lengths[0] > SHORTEST and share * clip.lengths[0] * fewest > clip.duration:
            continue
        found = best_set(_usable(clip, share, level), wanted)
        if len(found) > len(fullest):
            fullest = found
        if len(fullest) >= fewest:
            break
    return fullest


def _tight(clip: ScoredClip, wanted: int, counts: float) -> list[Span]:
    """The best set of whole spans where there is little room: somewhat shorter ones may tear fewer thoughts apart.

    `counts`: share of the best one's score that each of them must have; 0: as many as are wanted and fit.
    """

    def worth(found: Sequence[Span]) -> tuple[int, float]:
        short = sum(max(0.0, SHORT * (1 - span.length / clip.lengths[0])) for span in found)
        return 0 if counts else len(found), sum(_worth(span) - price for span in found) - short

    spans = _usable(clip, SHRINKING[2], 0)
    price = counts * max((span.score for span in spans), default=0.0)
    sets = [best_set(_usable(clip, share, 0), wanted, price) for share in SHRINKING[:3]]
    return max(sets, key=worth)


def _usable(clip: ScoredClip, share: float, level: int) -> list[Span]:
    """The spans up to a level that are at least a share of the usual shortest length."""
    least = max(SHORTEST, share * clip.lengths[0]) - 1e-9
    return [span for span in clip.spans(level) if span.length >= least]


def _worth(span: Span) -> float:
    """The score, so much lowered that what does not stand alone is taken only where nothing else is left."""
    return span.score - (span.start.level + span.end.level)


def best_set(spans: Sequence[Span], count: int, price: float = 0.0) -> list[Span]:
    """`count` spans that do not overlap, with the largest sum of what they are worth; as many as fit, if fewer do.

    `price`: fewer are better where another one would add less than this.
    """
    spans = sorted(spans, key=lambda s: (s.end.t, s.start.t))
    ends = [span.end.t for span in spans]
    before = [bisect_right(ends, span.start.t, hi=index) for index, span in enumerate(spans)]
    worth = [_worth(span) for span in spans]
    rows = [array("d", [0.0]) * (len(spans) + 1)]
    while len(rows) <= count:
        last, row, best = rows[-1], array("d", [-math.inf]), -math.inf
        for fits, value in zip(before, worth, strict=True):
            best = max(best, last[fits] + value)
            row.append(best)
        if best == -math.inf:
            break
        rows.append(row)
    while price and len(rows) > 2 and rows[-1][-1] - rows[-2][-1] < price:
        rows.pop()
    chosen, index = [], len(spans)
    for row in reversed(rows[1:]):
        while row[index] == row[index - 1]:
            index -= 1
        chosen.append(spans[index - 1])
        index = before[index - 1]
    return chosen
