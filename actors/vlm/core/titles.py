"""Title and hook of a span, from the words that are said in it; where nothing is said, from the clip's own title."""

from __future__ import annotations

import re
from collections.abc import Iterator

from actors.vlm.core.curve import ramp
from actors.vlm.core.languages import bare
from actors.vlm.core.score import ScoredClip, Span
from contracts.text import clock, columns

__all__ = ["hook", "title"]

TITLE, HOOK = 80, 70
"""Columns at most; a wide letter takes two."""
_CLAUSE = re.compile(r"[,;:\u2013\u2014\uff0c\u3001\uff1b\uff1a]\s*")


def title(clip: ScoredClip, span: Span) -> str:
    """Its strongest sentence; in silence the clip's title and the time."""
    best = max(_sentences(clip, span), key=lambda pair: pair[0], default=(0.0, ""))[1]
    when = f" at {clock(span.start.t)}"
    return _trimmed(best.rstrip(" .,;:\u3002"), TITLE) or f"{_trimmed(clip.title, TITLE - len(when))}{when}".strip()


def hook(clip: ScoredClip, span: Span) -> str:
    """Its first sentence if that holds a viewer, else its strongest one, or a clause of it; in silence the title."""
    found = list(_sentences(clip, span))
    if not found:
        return _trimmed(clip.title, HOOK)
    first, best = found[0], max(found, key=lambda pair: pair[0])
    text = (first if first[0] >= best[0] - 0.5 else best)[1]
    return _clause(text.rstrip(" .,;:\u3002"))


def _sentences(clip: ScoredClip, span: Span) -> Iterator[tuple[float, str]]:
    """The sentences that lie wholly in a span, without the fillers at their head, and how strong each is."""
    speech, (first, last) = clip.speech, (span.start.word, span.end.word)
    if first >= last:
        return
    for number in range(speech.place[first], speech.place[last - 1] + 1):
        sentence = speech.sentences[number]
        start, end = max(first, sentence.first), min(last, sentence.last + 1)
        while start < end - 1 and speech.words[start].filler:
            start += 1
        counted = [sums[end] > sums[start] for sums in (speech.turns, speech.counts)]
        rare = (speech.rare[end] - speech.rare[start]) / (end - start)
        text = _capital(speech.text(start, end))
        size = ramp(columns(text), 6, 20, 70, 200)
        yield 0.5 * sentence.asks + 0.25 * sum(counted) + rare + size - clip.standing.needs[number].size, text


def _capital(text: str) -> str:
    return text if bare(text[:1]) != text[:1] else text[:1].upper() + text[1:]


def _clause(text: str) -> str:
    """The text if it is short, else its first clauses as far as they fit, else its first words."""
    if columns(text) <= HOOK:
        return text
    ends = [match.start() for match in _CLAUSE.finditer(text) if 20 <= columns(text[: match.start()]) <= HOOK]
    return text[: ends[-1]] if ends else _trimmed(text, HOOK)


def _trimmed(text: str, most: int) -> str:
    """At most `most` columns, cut at a word border."""
    text = " ".join(text.split())
    if columns(text) <= most:
        return text
    head = text
    while columns(head) > most - 1:
        head = head[:-1]
    return (head[: head.rfind(" ")] if " " in head else head).rstrip(" ,;:-") + "\u2026"
