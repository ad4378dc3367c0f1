"""From words to sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

from contracts.media import Sentence, Word
from contracts.text import CLAUSE_ENDS, CLOSING, OPENING, SENTENCE_ENDS, joined

__all__ = ["sentences_of"]

_PAUSE_S = 0.8  # between words that belong to different sentences
_LONGEST_CHARS = 160
_LONGEST_S = 15.0

_INITIALS = re.compile(r"^(?:[^\W\d_]\.)+$")
_ORDINAL = re.compile(r"^\d{1,2}\.$")
_ABBREVIATION = re.compile(
    "mrs?|ms|dr|prof|sr|jr|st|vs|messrs|mme|mlle|hr|fr|nr|bzw|ca|usw|vgl|bspw|approx|inc|ltd|corp|dept|est|fig|gen|col|sgt"
    "|capt|lt|rev|hon|gov|sen|rep|vol|eds?|pp|no|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|sra|dra|ud"
)


def sentences_of(words: Sequence[Word]) -> tuple[Sentence, ...]:
    """Sentences end at a full stop, at a pause of more than 0.8 s, and where they would grow too long to be read."""
    spans: list[tuple[int, int]] = []
    first = 0
    for i, word in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else None
        if following is None or following.start - word.end > _PAUSE_S or _ends_sentence(word.text, following.text):
            spans += _shortened(words, first, i)
            first = i + 1
    return tuple(
        Sentence(
            first=a, last=b, start=words[a].start, end=words[b].end, text=joined([w.text for w in words[a : b + 1]])
        )
        for a, b in spans
    )


def _ends_sentence(text: str, following: str) -> bool:
    bare = text.rstrip(CLOSING)
    if not bare:
        return False
    starts_small = following.lstrip(CLOSING + OPENING).strip()[:1].islower()
    if bare.endswith(("...", "…")):
        return not starts_small
    if bare[-1] != ".":
        return bare[-1] in SENTENCE_ENDS
    stem = bare[:-1].lstrip(OPENING).lower()
    return not (starts_small or _ABBREVIATION.fullmatch(stem) or _INITIALS.match(bare) or _ORDINAL.match(bare))


def _shortened(words: Sequence[Word], first: int, last: int) -> list[tuple[int, int]]:
    """Cut what is too long where it hurts least: at a comma, at the longest pause, near the middle."""
    chars = sum(len(word.text) + 1 for word in words[first : last + 1])
    if first == last or (chars <= _LONGEST_CHARS and words[last].end - words[first].start <= _LONGEST_S):
        return [(first, last)]

    def worth(i: int) -> float:
        pause = words[i + 1].start - words[i].end
        comma = words[i].text[-1] in CLAUSE_ENDS
        centre = 1 - abs(2 * (i - first) + 1 - (last - first)) / (last - first)
        # The middle weighs more than comma and pause together, so that the halves shrink quickly.
        return 2 * centre + 0.6 * comma + min(pause, 1.0)

    cut = max(range(first, last), key=worth)
    return [*_shortened(words, first, cut), *_shortened(words, cut + 1, last)]
