"""The guard against hallucinations: what a speech model says where nobody speaks, or where nobody could.

Whisper was trained on subtitles. In silence and music it writes what subtitles say there ("Thanks for watching"), and
it may repeat itself until its window is full. What is left out is told. A word with clear speech under it, at a rate at
which people can speak, is never left out, unless the recognizer itself doubts it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from actors.transcriber.core.outros import OUTROS
from contracts.base import Contract, Seconds
from contracts.media import Stretch, Word
from contracts.text import HAN, HIRAGANA, KATAKANA, SOUTH_EAST, clock

__all__ = ["LeftOut", "Passage", "Why", "guarded", "notes_of"]

Why = Literal["silence", "outro", "repeated", "too fast", "doubtful", "beyond the end", "beyond its part"]

_SLACK_S = 0.5  # recognizers are so far off with their times
_FASTEST = 8.0  # words a second; the fastest rappers reach this for moments
_RUN = 6  # so many words are looked at together for their rate
_AT_ONCE_S = 0.05  # three words within this have no time of their own
_COMPRESSION = 2.4  # these three are Whisper's own limits (openai/whisper, `transcribe`)
_NO_SPEECH = 0.6
_LOG_PROBABILITY = -1.0
_LONGEST_LOOP = 12
_LEAST_S = 0.05
_ALONE_S = 0.8  # phrases of silence have silence around them
_UNSPACED = re.compile(f"[{HAN}{HIRAGANA}{KATAKANA}{SOUTH_EAST}]")


class Passage(Contract):
    """A stretch of what a recognizer heard, with its own doubts as far as it tells them."""

    start: Seconds
    end: Seconds
    compression: float | None = None
    no_speech: float | None = None
    log_probability: float | None = None


@dataclass(frozen=True)
class LeftOut:
    """Words in a row that were left out."""

    why: Why
    words: tuple[Word, ...]


def guarded(
    words: Sequence[Word], speech: Sequence[Stretch], passages: Sequence[Passage] = (), *, duration: float
) -> tuple[list[Word], list[LeftOut]]:
    """The words that were said, and those that were not. `speech`: in order, without overlap; `words`: in order."""
    ground = _Ground(speech, passages)
    verdicts: dict[int, Why] = {}
    first: tuple[tuple[Why, Iterable[int]], ...] = (
        ("beyond the end", (i for i, word in enumerate(words) if word.start >= duration)),
        ("outro", _outros(words, ground)),
        ("silence", (i for i, word in enumerate(words) if not ground.near(word))),
        ("too fast", _too_fast(words)),
    )
    for why, places in first:
        for place in places:
            verdicts.setdefault(place, why)
    for place in _doubtful(words, ground):
        verdicts.setdefault(place, "doubtful")
    for place in _loops(words, lambda i: i in verdicts or ground.doubted(words[i]) or ground.share([words[i]]) < 0.5):
        verdicts.setdefault(place, "repeated")
    kept = [word for i, word in enumerate(words) if i not in verdicts]
    return kept, list(_in_rows(words, verdicts))


def _in_rows(words: Sequence[Word], verdicts: dict[int, Why]) -> Iterator[LeftOut]:
    for why, group in groupby(range(len(words)), key=verdicts.get):
        if why is not None:
            yield LeftOut(why, tuple(words[i] for i in group))


class _Ground:
    """What there is under a word: speech or not, and the recognizer's doubts."""

    def __init__(self, speech: Sequence[Stretch], passages: Sequence[Passage]) -> None:
        self._speech = speech
        self._ends = [stretch.end for stretch in speech]
        self._circling = _Places(p for p in passages if _repeats_itself(p))
        self._nothing = _Places(p for p in passages if _hears_nothing(p))

    def near(self, word: Word) -> bool:
        """Whether there is speech within the error of the word's times."""
        at = bisect_left(self._ends, word.start - _SLACK_S)
        return at < len(self._speech) and self._speech[at].start <= word.end + _SLACK_S

    def share(self, words: Sequence[Word]) -> float:
        """Which share of the time in which these words are said is speech."""
        covered = sum(self._covered(word.start, max(word.end, word.start + _LEAST_S)) for word in words)
        return covered / sum(max(word.end - word.start, _LEAST_S) for word in words)

    def _covered(self, start: float, end: float) -> float:
        covered = 0.0
        for place in range(bisect_left(self._ends, start), len(self._speech)):
            stretch = self._speech[place]
            if stretch.start >= end:
                break
            covered += min(end, stretch.end) - max(start, stretch.start)
        return covered

    def doubted(self, word: Word) -> bool:
        """Whether the recognizer itself gives a reason for doubt."""
        return self.nothing_heard(word) or self._circling.hold(word)

    def nothing_heard(self, word: Word) -> bool:
        """Whether the recognizer takes it for silence."""
        return self._nothing.hold(word)


class _Places:
    """Passages in order of time, of which neighbours may overlap."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._passages = sorted(passages, key=lambda passage: passage.start)

    def hold(self, word: Word) -> bool:
        """Whether the word is said in one of them."""
        middle = (word.start + word.end) / 2
        behind = bisect_right(self._passages, middle, key=lambda passage: passage.start)
        return any(passage.end >= middle for passage in self._passages[max(0, behind - 2) : behind])


def _repeats_itself(passage: Passage) -> bool:
    return passage.compression is not None and passage.compression > _COMPRESSION


def _hears_nothing(passage: Passage) -> bool:
    if passage.no_speech is None or passage.no_speech <= _NO_SPEECH:
        return False
    return passage.log_probability is None or passage.log_probability < _LOG_PROBABILITY


def _doubtful(words: Sequence[Word], ground: _Ground) -> Iterator[int]:
    """Where the recognizer takes it for silence, and at most half of it is speech."""
    return (i for i, word in enumerate(words) if ground.nothing_heard(word) and ground.share([word]) < 0.5)


def _too_fast(words: Sequence[Word]) -> Iterator[int]:
    for run, fastest in ((_RUN, None), (3, _AT_ONCE_S)):
        for i in range(len(words) - run + 1):
            group = words[i : i + run]
            span = max(word.end for word in group) - group[0].start
            if span < (sum(map(_weight, group)) / _FASTEST if fastest is None else fastest):
                yield from range(i, i + run)


def _weight(word: Word) -> float:
    """Scripts without spaces are divided into groups that are shorter than words."""
    return 0.5 if _UNSPACED.search(word.text) else 1.0


def _loops(words: Sequence[Word], doubted: Callable[[int], bool]) -> Iterator[int]:
    """Of the further copies of a phrase said many times in a row what is doubted, where that is half of it or more."""
    said = [_plain(word.text) for word in words]
    i = 0
    while i < len(said):
        length, copies = _loop_at(said, i)
        again = range(i + length, i + length * copies)
        if copies > 1 and 2 * sum(map(doubted, again)) >= len(again):
            yield from filter(doubted, again)
        i += length * copies if copies > 1 else 1


def _loop_at(said: Sequence[str], i: int) -> tuple[int, int]:
    for length in range(1, min(_LONGEST_LOOP, (len(said) - i) // 2) + 1):
        phrase, copies = said[i : i + length], 1
        while said[i + copies * length : i + (copies + 1) * length] == phrase:
            copies += 1
        if copies >= (6 if length == 1 else 4 if length < 4 else 3):
            return length, copies
    return 1, 1


# --- phrases that subtitles end with ----------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return "".join(ch for ch in text.casefold() if ch.isalnum())


_PLAIN_OUTROS = tuple(sorted({_plain(phrase) for phrase in OUTROS}, key=len, reverse=True))


def _outros(words: Sequence[Word], ground: _Ground) -> Iterator[int]:
    """Known phrases that stand alone, with speech under less than half of them."""
    found = set(_phrases(words))
    for group in _groups(words):
        if found.issuperset(group) and ground.share([words[i] for i in group]) < 0.5:
            yield from group


def _groups(words: Sequence[Word]) -> Iterator[list[int]]:
    """The places of words between which there is hardly a pause."""
    group: list[int] = []
    for i, word in enumerate(words):
        if group and word.start - words[group[-1]].end >= _ALONE_S:
            yield group
            group = []
        group.append(i)
    if group:
        yield group


def _phrases(words: Sequence[Word]) -> Iterator[int]:
    """The places of words that make up a known phrase, however they are divided."""
    said = [_plain(word.text) for word in words]
    begins: dict[int, int] = {}
    at = 0
    for i, text in enumerate(said):
        if text:
            begins[at] = i
        at += len(text)
    ends = {begin + len(said[i]): i for begin, i in begins.items()}
    whole = "".join(said)
    for phrase in _PLAIN_OUTROS:
        for found in _everywhere(whole, phrase):
            first, last = begins.get(found), ends.get(found + len(phrase))
            if first is not None and last is not None:
                yield from range(first, last + 1)


def _everywhere(whole: str, phrase: str) -> Iterator[int]:
    at = whole.find(phrase)
    while at >= 0:
        yield at
        at = whole.find(phrase, at + 1)


# --- what is told -----------------------------------------------------------------------------------------------------

_TOLD: dict[Why, str] = {
    "silence": "where nobody speaks",
    "outro": "that speech models write into silence",
    "repeated": "of phrases that were repeated without end",
    "too fast": "faster than anybody speaks",
    "doubtful": "that the recognizer itself takes for silence",
    "beyond the end": "behind the end of the video",
    "beyond its part": "timed behind the part that they were heard in",
}


def notes_of(left_out: Iterable[LeftOut]) -> tuple[str, ...]:
    """For each reason: how many words, what they begin with, and when."""
    by_reason: dict[Why, list[LeftOut]] = {}
    for row in left_out:
        by_reason.setdefault(row.why, []).append(row)
    return tuple(_note(why, rows) for why, rows in by_reason.items())


def _note(why: Why, rows: Sequence[LeftOut]) -> str:
    count = sum(len(row.words) for row in rows)
    times = [f"{_tenths(row.words[0].start)} to {_tenths(row.words[-1].end)}" for row in rows[:3]]
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    sample = " ".join(word.text for word in rows[0].words[:6])[:60]
    return f"Left out {count} word{'s' if count > 1 else ''} {_TOLD[why]} (“{sample}”): {', '.join(times)}{more}."


def _tenths(seconds: float) -> str:
    return f"{clock(seconds)}.{int(seconds * 10) % 10}"
