"""From cues to words: whose times are known, and whose are shared out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from actors.transcriber.core.syllables import seconds_of
from actors.transcriber.core.text import cleaned, divided, is_mark
from contracts.media import Word

__all__ = ["Cue", "Line", "has_word_times", "lines_of", "slow", "spread", "within", "words_of"]

_SLOW = 1.8  # times the mean: as slowly as people speak
_SHORTEST_WORD_S = 0.3
_UNSAID_S = 0.05  # of a sign that is no word


@dataclass(frozen=True)
class Cue:
    """One caption on the screen, in seconds. `pieces`: parts of its text with their times; empty: not known."""

    start: float
    end: float
    text: str = ""
    pieces: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Line:
    """One caption: when it is shown, until when it can be said (seconds), and its words with who says them."""

    start: float
    end: float
    words: tuple[tuple[str, str | None], ...]


def words_of(
    cues: Iterable[Cue], duration: float, language: str | None = None
) -> tuple[tuple[Word, ...], Literal["word", "spread"]]:
    """The words of cues with their times, in order, none before 0 or after `duration`.

    Where the cues say when each piece is said, the times are theirs (`word`); else the time of a cue is spread over its
    words by their syllables (`spread`). A cue ends where the next one begins. `language`: a BCP 47 tag.
    """
    usable = _usable(cues, duration)
    words: list[Word] = []
    for group, following in _simultaneous(usable, duration):
        end = min(max(cue.end for cue in group), following)
        if len(group) > 1 or not group[0].pieces:
            words += spread(_texts(group), group[0].start, end, language)
        else:
            words += _words_of_pieces(group[0], end, language)
    return within(words, duration), "word" if has_word_times(usable) else "spread"


def lines_of(cues: Iterable[Cue], duration: float) -> list[Line]:
    """Cues as lines of words, in order; cues that begin together are one line."""
    lines = [
        Line(group[0].start, min(max(cue.end for cue in group), following), _texts(group))
        for group, following in _simultaneous(_usable(cues, duration), duration)
    ]
    return [line for line in lines if line.words]


def has_word_times(cues: Iterable[Cue]) -> bool:
    """Whether captions say when each word is said."""
    return any(cue.pieces for cue in cues)


def _usable(cues: Iterable[Cue], duration: float) -> list[Cue]:
    return sorted((cue for cue in cues if 0 <= cue.start < min(cue.end, duration)), key=lambda cue: cue.start)


def _simultaneous(cues: Sequence[Cue], duration: float) -> Iterator[tuple[list[Cue], float]]:
    """Cues that begin together, each group with the time at which the next begins."""
    groups = [list(group) for _, group in groupby(cues, key=lambda cue: round(cue.start, 3))]
    starts = [*(group[0].start for group in groups), duration][1:]
    yield from zip(groups, starts, strict=True)


def _texts(cues: Iterable[Cue]) -> tuple[tuple[str, str | None], ...]:
    return tuple((word, who) for cue in cues for line, who in cleaned(cue.text) for word in divided(line))


def _words_of_pieces(cue: Cue, end: float, language: str | None) -> list[Word]:
    words: list[Word] = []
    starts = [*(min(max(at, cue.start), end) for at, _ in cue.pieces[1:]), end]
    for (at, raw), piece_end in zip(cue.pieces, starts, strict=True):
        start = min(max(at, cue.start), end)
        texts = [(word, who) for line, who in cleaned(raw) for word in divided(line)]
        mark = " ".join(raw.split())
        if not texts and words and is_mark(mark):
            words[-1] = words[-1].model_copy(update={"text": f"{words[-1].text}{_space_before(raw)}{mark}"})
        longest = sum(slow(text, language) for text, _ in texts)
        words += spread(texts, start, max(start, min(piece_end, start + longest)), language)
    return words


def _space_before(mark: str) -> str:
    return "\xa0" if mark[:1].isspace() else ""


def slow(word: str, language: str | None) -> float:
    """Seconds within which a slow speaker has said a word; what follows is silence."""
    return _SHORTEST_WORD_S + _SLOW * seconds_of(word, language)


def spread(texts: Sequence[tuple[str, str | None]], start: float, end: float, language: str | None) -> list[Word]:
    """Share the time out by how long the words take to say."""
    lengths = [seconds_of(text, language) or _UNSAID_S for text, _ in texts]
    total = sum(lengths)
    words, at, said = [], start, 0.0
    for (text, speaker), length in zip(texts, lengths, strict=True):
        said += length
        until = min(end, start + (end - start) * said / total)
        words.append(Word(text=text, start=at, end=max(at, until), speaker=speaker))
        at = max(at, until)
    return words


def within(words: Iterable[Word], duration: float) -> tuple[Word, ...]:
    """Words in order of time, to the millisecond: each ends before the next begins, and all within the clip."""
    kept = sorted((word for word in words if word.start < duration), key=lambda word: word.start)
    limit = int(duration * 1000)
    starts = [min(round(word.start * 1000), limit) for word in kept]
    ends = [
        max(start, min(round(word.end * 1000), following))
        for word, start, following in zip(kept, starts, [*starts, limit][1:], strict=True)
    ]
    return tuple(
        word.model_copy(update={"start": start / 1000, "end": end / 1000})
        for word, start, end in zip(kept, starts, ends, strict=True)
    )
