"""How sentences are told: how loud, how quickly, how near the camera is; how a passage differs from what is around."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from actors.vlm.core.curve import unit
from actors.vlm.core.speech import Sentence, Speech
from contracts.sight import Person

__all__ = ["Delivery"]

AROUND = 7.0
"""Seconds before and behind a passage with which it is compared: two or three sentences."""
LOUDER, QUICKER, CLOSER = (1.0, 6.0), (0.05, 0.2), (0.1, 0.6)
"""From which difference on a listener notices, and where it is plain: in LU, and in shares of what is around."""

Weighted = tuple[float, float]
"""A value, and the seconds for which it holds."""


class Delivery:
    """Every sentence with how it is told. `lufs`: the mean loudness between two seconds; None without sound."""

    def __init__(self, speech: Speech, lufs: Callable[[float, float], float] | None, people: Iterable[Person]) -> None:
        sentences = speech.sentences
        self._last = len(sentences) - 1
        starts, ends = [s.start for s in sentences], [s.end for s in sentences]
        # For every sentence where the run before it begins, and where the one behind it is over.
        before = [bisect_right(ends, start - AROUND) for start in starts]
        behind = [bisect_left(starts, end + AROUND) for end in ends]
        loudness = [(lufs(s.start, s.end), s.end - s.start) if lufs else None for s in sentences]
        self._loudness = _Means(loudness, before, behind)
        # Short words alone make many words a second, long ones many letters: who talks quicker has more of both.
        self._words = _Means([_pace(speech, sentence, letters=False) for sentence in sentences], before, behind)
        self._letters = _Means([_pace(speech, sentence, letters=True) for sentence in sentences], before, behind)
        self._size = _Means(list(_sizes(sentences, people)), before, behind)

    def contrast(self, first: int, last: int) -> tuple[float, float, float]:
        """How much louder, quicker and closer sentences `first` to `last` are than both sides, each from 0 to 1.

        Where one side is missing the other one counts; where both are, there is no contrast.
        """
        if first == 0 and last == self._last:
            return 0.0, 0.0, 0.0
        lufs, before = self._loudness.compared(first, last)
        words, fewer = self._words.compared(first, last)
        letters, less = self._letters.compared(first, last)
        size, other = self._size.compared(first, last)
        return (
            unit((lufs - before - LOUDER[0]) / (LOUDER[1] - LOUDER[0])),
            unit((min(words / fewer, letters / less) - 1 - QUICKER[0]) / (QUICKER[1] - QUICKER[0])),
            unit((size / other - 1 - CLOSER[0]) / (CLOSER[1] - CLOSER[0])),
        )


class _Means:
    """Means over any run of sentences in constant time; what is None is left out.

    `before`, `behind`: for every sentence where the run before it begins, and where the one behind it is over.
    """

    def __init__(self, values: Sequence[Weighted | None], before: Sequence[int], behind: Sequence[int]) -> None:
        known = [value or (0.0, 0.0) for value in values]
        self._sums = list(accumulate((value * seconds for value, seconds in known), initial=0.0))
        self._seconds = list(accumulate((seconds for _, seconds in known), initial=0.0))
        self._before = [self._mean(low, number) for number, low in enumerate(before)]
        self._behind = [self._mean(number + 1, high) for number, high in enumerate(behind)]

    def compared(self, first: int, last: int) -> tuple[float, float]:
        """Of sentences `first` to `last`, and the larger one of what is before and behind; alike if not known."""
        inside, before, behind = self._mean(first, last + 1), self._before[first], self._behind[last]
        if inside is None or (before is None and behind is None):
            return 1.0, 1.0
        return inside, max(side for side in (before, behind) if side is not None)

    def _mean(self, first: int, last: int) -> float | None:
        seconds = self._seconds[last] - self._seconds[first]
        return (self._sums[last] - self._sums[first]) / seconds if seconds > 1e-6 else None


def _pace(speech: Speech, sentence: Sentence, *, letters: bool) -> Weighted | None:
    """Words or letters a second while something is said; a pause is no slowness."""
    words = speech.words[sentence.first : sentence.last + 1]
    seconds = sum(word.end - word.start for word in words)
    said = sum(letter.isalnum() for word in words for letter in word.text) if letters else len(words)
    return (said / seconds, seconds) if said and seconds > 0 else None


def _sizes(sentences: Sequence[Sentence], people: Iterable[Person]) -> Iterator[Weighted | None]:
    """The height of the largest face in sight while a sentence is said."""
    seen: dict[float, float] = {}
    for person in people:
        for point in person.points:
            seen[point.t] = max(point.height, seen.get(point.t, 0.0))
    times = sorted(seen)
    for sentence in sentences:
        during = times[bisect_left(times, sentence.start) : bisect_right(times, sentence.end)]
        total = sum(seen[t] for t in during)
        yield (total / len(during), sentence.end - sentence.start) if total > 0 else None
