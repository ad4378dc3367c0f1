"""The words of a clip: which ones open and close sentences, and how rare each is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from actors.vlm.core.languages import CLOSING, bare
from contracts.media import Transcript

__all__ = ["Word", "marked", "rarities", "spoken"]

LONGEST_WORD = 5.0
"""Seconds; a word that lasts longer is a mistake of its times."""
_END = re.compile(rf"[.?!\u2026\u3002\uff01\uff1f\u061f\u0964]\s*[{re.escape(CLOSING)}]*$")


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word, in seconds of the clip. `opens`, `closes`: it is the first or last one of a sentence."""

    start: float
    end: float
    text: str
    opens: bool
    closes: bool
    speaker: str | None = None
    filler: bool = False
    language: str | None = None


def spoken(transcript: Transcript, duration: float) -> list[Word]:
    """The words inside the clip in order of time, each over before the next begins, with the borders of sentences."""
    opens = {sentence.first for sentence in transcript.sentences}
    closes = {sentence.last for sentence in transcript.sentences}
    tongues = {sentence.first: sentence.language for sentence in transcript.sentences}
    fillers, tongue, found = frozenset(transcript.fillers), transcript.language, []
    for index, word in enumerate(transcript.words):
        tongue = tongues.get(index, tongue) or transcript.language
        if word.start >= duration or not word.text.strip():
            continue
        ends = index in closes if closes else marked(word.text)
        begins = index in opens if opens else index == 0 or marked(transcript.words[index - 1].text)
        end = min(max(word.start, word.end), word.start + LONGEST_WORD, duration)
        found.append(Word(word.start, end, word.text, begins, ends, word.speaker, index in fillers, tongue))
    found.sort(key=lambda word: (word.start, word.end))
    return [_over_by(word, after.start) for word, after in pairwise(found)] + found[-1:]


def _over_by(word: Word, t: float) -> Word:
    if word.end <= t:
        return word
    return Word(word.start, t, word.text, word.opens, word.closes, word.speaker, word.filler, word.language)


def marked(text: str) -> bool:
    """Whether a word has a full stop behind it, or another mark that ends a sentence."""
    return bool(_END.search(text))


def rarities(words: Sequence[Word]) -> list[float]:
    """How rare each word is in this clip, from 0 (always there) to 1 (said once): log(n / count) / log(n)."""
    plain = [bare(word.text) for word in words]
    counts, total = Counter(plain), math.log(max(2, len(plain)))
    return [
        math.log(max(2, len(plain)) / counts[word]) / total if len(word) > 2 or not word.isascii() else 0.0
        for word in plain
    ]
