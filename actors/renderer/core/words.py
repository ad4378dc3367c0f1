"""What is said, on the short's clock, and which words of it carry weight. Times are seconds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from actors.renderer.core.glue import bare, dangling, has_number
from contracts.media import Transcript, Word
from contracts.text import CLOSING, columns

__all__ = ["Said", "SpokenWord", "emphasised", "spoken", "words_within"]

ONE_IN = 6
APART = 3
LONG = 7


class Said(Protocol):
    """A word with its times: `SpokenWord`, or `contracts.media.Word`."""

    @property
    def text(self) -> str: ...

    @property
    def start(self) -> float: ...

    @property
    def end(self) -> float: ...


@dataclass(frozen=True)
class SpokenWord:
    """One word on the short's clock."""

    text: str
    start: float
    end: float


def words_within(transcript: Transcript, start: float, end: float) -> tuple[Word, ...]:
    """The words of which at least half is said within the span."""
    return tuple(word for word in transcript.words if word.text and start <= (word.start + word.end) / 2 < end)


def spoken(words: Sequence[Said], start: float, duration: float) -> tuple[SpokenWord, ...]:
    """The words on the short's clock, in order, none longer than the short and none before its forerunner ends."""
    result: list[SpokenWord] = []
    for word in sorted(words, key=lambda word: word.start):
        text = " ".join(word.text.split())
        begin = min(max(word.start - start, 0.0, result[-1].start if result else 0.0), duration)
        finish = min(max(word.end - start, begin), duration)
        if text and begin < duration:
            if result and result[-1].end > begin:
                result[-1] = SpokenWord(result[-1].text, result[-1].start, begin)
            result.append(SpokenWord(text, begin, finish))
    return tuple(result)


def emphasised(words: Sequence[Said]) -> tuple[int, ...]:
    """Places of the few words that carry weight, in order: at most one in six, and never two close together.

    Numbers come first, then words in capitals among others that are not, then what is cried out, then long words that
    are said once. What is neither is never chosen, so that a plain sentence may have none.
    """
    counts = Counter(bare(word.text) for word in words)
    shouted = sum(_capitals(word.text) for word in words) * 2 > len(words)
    weights = {n: _weight(word.text, counts, shouted=shouted) for n, word in enumerate(words)}
    chosen: list[int] = []
    for n in sorted(weights, key=lambda n: (-weights[n], n)):
        if weights[n] <= 0 or len(chosen) >= math.ceil(len(words) / ONE_IN):
            break
        if all(abs(n - other) >= APART for other in chosen):
            chosen.append(n)
    return tuple(sorted(chosen))


def _weight(text: str, counts: Counter[str], *, shouted: bool) -> float:
    plain = bare(text)
    length = columns(plain)
    weight = 3.0 if has_number(text) else 0.0
    if _capitals(text) and not shouted:
        weight += 2.0
    if text.rstrip(CLOSING).endswith(("!", "\uff01")):
        weight += 1.5
    if length >= LONG and counts[plain] == 1 and not dangling(text):
        weight += 0.5 + min(length - LONG, 7) / 10
    return weight


def _capitals(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= 2 and all(letter.isupper() for letter in letters)
