"""Chapters of a short, out of what was found and said in it. Nothing is made up, so most shorts have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from actors.publisher.core.counting import cut
from actors.publisher.core.limits import Chapters
from actors.publisher.core.rules import Rule
from contracts.keys import clip_prefix
from contracts.media import Sentence
from contracts.renders import Render
from contracts.sight import Moment
from contracts.text import SENTENCE_ENDS, clock
from contracts.timeline import Timeline

__all__ = ["Chapter", "Piece", "chapters", "pieces_of", "rule_of", "written"]

PAUSE_S = 3.0
"""What is said after so long without a word is about something else; the analysis holds it so too."""
_LONGEST = 80


@dataclass(frozen=True)
class Chapter:
    """`at`: whole seconds of the short."""

    at: int
    title: str


@dataclass(frozen=True)
class Piece:
    """A stretch of the clip, in its seconds, and the second of the short at which it begins."""

    start: float
    end: float
    at: float
    speed: float = 1.0


def pieces_of(render: Render, timeline: Timeline | None) -> tuple[Piece, ...]:
    """What of its clip a short shows, in the order in which it does; without a timeline all of its span."""
    if timeline is None:
        return (Piece(render.start, render.end, 0.0),)
    own, at = f"{clip_prefix(render.clip_id)}/", 0.0
    found: list[Piece] = []
    for segment in timeline.segments:
        at -= segment.transition.seconds if segment.transition else 0.0
        if segment.source.startswith(own):
            found.append(Piece(segment.start, segment.end, at, segment.speed))
        at += segment.duration
    return tuple(found)


def chapters(
    render: Render, pieces: Sequence[Piece], moments: Sequence[Moment], sentences: Sequence[Sentence], rule: Chapters
) -> tuple[Chapter, ...]:
    """Where something new begins, by the platform's rule: the first at 0:00, each long enough; none where that leaves
    too few.

    That is at each moment of the analysis, which is one topic and has a title; and where something is said that is in
    none of them, at the first of it and after each pause, titled with its own words. What comes before the first of
    these has the title of the short.
    """
    told = [moment for moment in sorted(moments, key=lambda each: each.start) if moment.title.strip()]
    topics = [
        (at, moment.title)
        for moment in told
        if _length(pieces, moment.start, moment.end) >= rule.seconds
        and (at := _place(pieces, moment.start, moment.end)) is not None
    ]
    found: dict[int, str] = {}
    for at, title in [*topics, *_said(pieces, told, sentences)]:
        second = int(at) if at >= rule.seconds else 0
        line = _line(title)
        apart = all(abs(second - other) >= rule.seconds for other in found)
        if apart and render.duration - second >= rule.seconds and line and line not in found.values():
            found[second] = line
    if 0 not in found:
        found[0] = _line(render.title)
    if len(found) < rule.least or not found[0]:
        return ()
    return tuple(Chapter(at, title) for at, title in sorted(found.items()))


def written(found: Sequence[Chapter]) -> str:
    """One line each, as platforms read them in a description: `1:05 What it is about`."""
    return "\n".join(f"{clock(chapter.at)} {chapter.title}" for chapter in found)


def rule_of(found: Sequence[Chapter], rule: Chapters | None) -> Rule:
    """What became of the chapters that a template asks for. Having none breaks no rule."""
    if rule is None:
        return Rule("chapters", True, "left out", "none")
    said = f"{len(found)}" if found else "too few topics, so none"
    return Rule("chapters", True, said, f"{rule.least} or more, from 0:00, each {rule.seconds:g} s or longer")


def _said(
    pieces: Sequence[Piece], moments: Sequence[Moment], sentences: Sequence[Sentence]
) -> Iterator[tuple[float, str]]:
    """Sentences that begin something, outside of the moments."""
    heard: float | None = None  # until then, in this stretch outside of the moments
    for sentence in sentences:
        inside = any(moment.start < sentence.end and sentence.start < moment.end for moment in moments)
        at = None if inside else _place(pieces, sentence.start, sentence.end)
        if at is not None and (heard is None or sentence.start - heard >= PAUSE_S):
            yield at, sentence.text
        heard = None if at is None else sentence.end


def _place(pieces: Sequence[Piece], start: float, end: float) -> float | None:
    """The second of the short at which a span of the clip is first seen; none if none of it is."""
    seen = (each.at + max(0.0, start - each.start) / each.speed for each in pieces if _shared(each, start, end) > 0)
    return min(seen, default=None)


def _length(pieces: Sequence[Piece], start: float, end: float) -> float:
    """Seconds of the short in which a span of the clip is seen."""
    return sum(_shared(each, start, end) / each.speed for each in pieces)


def _shared(piece: Piece, start: float, end: float) -> float:
    return max(0.0, min(piece.end, end) - max(piece.start, start))


def _line(title: str) -> str:
    return cut(" ".join(title.split()).rstrip("".join(SENTENCE_ENDS)), _LONGEST, "characters")
