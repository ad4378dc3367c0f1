"""From cues to words: whose times are known, and whose are shared out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from actors.transcriber.core.text import cleaned, divided
from contracts.media import Word

__all__ = ["Cue", "within", "words_of"]

_CHAR_S = 0.09  # a slow speaker's time per character: a word that is followed by silence ends after so long
_SHORTEST_WORD_S = 0.3


@dataclass(frozen=True)
class Cue:
    """One caption on the screen, in seconds. `pieces`: parts of its text with their times; empty: not known."""

    start: float
    end: float
    text: str = ""
    pieces: tuple[tuple[float, str], ...] = ()


def words_of(cues: Iterable[Cue], duration: float) -> tuple[tuple[Word, ...], Literal["word", "spread"]]:
    """The words of cues with their times, in order, none before 0 or after `duration`.

    Where the cues say when each piece is said, the times are theirs (`word`); else the time of a cue is spread over its
    words by their length (`spread`). A cue ends where the next one begins.
    """
    usable = sorted((cue for cue in cues if 0 <= cue.start < min(cue.end, duration)), key=lambda cue: cue.start)
    words: list[Word] = []
    for group, following in _simultaneous(usable, duration):
        words += _words_of_cues(group, min(max(cue.end for cue in group), following))
    timing: Literal["word", "spread"] = "word" if any(cue.pieces for cue in usable) else "spread"
    return within(words, duration), timing


def _simultaneous(cues: Sequence[Cue], duration: float) -> Iterator[tuple[list[Cue], float]]:
    """Cues that begin together, each group with the time at which the next begins."""
    groups = [list(group) for _, group in groupby(cues, key=lambda cue: round(cue.start, 3))]
    starts = [*(group[0].start for group in groups), duration][1:]
    yield from zip(groups, starts, strict=True)


def _words_of_cues(cues: Sequence[Cue], end: float) -> list[Word]:
    if len(cues) > 1 or not cues[0].pieces:
        texts = [(word, who) for cue in cues for line, who in cleaned(cue.text) for word in divided(line)]
        return _spread(texts, cues[0].start, end)
    cue, words = cues[0], []
    starts = [*(min(max(at, cue.start), end) for at, _ in cue.pieces[1:]), end]
    for (at, raw), piece_end in zip(cue.pieces, starts, strict=True):
        start = min(max(at, cue.start), end)
        texts = [(word, who) for line, who in cleaned(raw) for word in divided(line)]
        longest = sum(_SHORTEST_WORD_S + _CHAR_S * len(text) for text, _ in texts)
        words += _spread(texts, start, max(start, min(piece_end, start + longest)))
    return words


def _spread(texts: Sequence[tuple[str, str | None]], start: float, end: float) -> list[Word]:
    """Share the time out by length; the space after a word counts as one character."""
    total = sum(len(text) + 1 for text, _ in texts)
    words, at, said = [], start, 0
    for text, speaker in texts:
        said += len(text) + 1
        until = start + (end - start) * said / total
        words.append(Word(text=text, start=at, end=until, speaker=speaker))
        at = until
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
