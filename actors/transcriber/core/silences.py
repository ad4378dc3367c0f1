"""Where nobody speaks, and which words say nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from actors.transcriber.core.envelope import Envelope
from contracts.fillers import is_filler
from contracts.media import Sentence, Stretch, Word
from contracts.spans import united

__all__ = ["LEAST_S", "fillers_of", "silences_of"]

LEAST_S = 0.5
"""Seconds from which on a span without speech is told."""


def silences_of(words: Sequence[Word], duration: float, sound: Envelope | None = None) -> tuple[Stretch, ...]:
    """Spans of half a second or more without a word, or with silence under a word that lasts too long; in order.

    `words`: in order. `sound`: absent where it was not read; then only the words count.
    """
    quiet = list(_between(((word.start, word.end) for word in words), duration))
    if sound is not None:
        quiet += [(s.start, min(s.end, duration)) for s in sound.silences]
    return tuple(
        Stretch(start=round(start, 3), end=round(end, 3)) for start, end in united(quiet) if end - start >= LEAST_S
    )


def fillers_of(words: Sequence[Word], sentences: Iterable[Sentence], language: str | None) -> tuple[int, ...]:
    """Places of words that only fill time, each judged in the language of its sentence."""
    return tuple(
        n
        for sentence in sentences
        for n in range(sentence.first, sentence.last + 1)
        if is_filler(words[n].text, sentence.language or language)
    )


def _between(spans: Iterable[tuple[float, float]], duration: float) -> Iterator[tuple[float, float]]:
    at = 0.0
    for start, end in spans:
        if start > at:
            yield at, start
        at = max(at, end)
    if duration > at:
        yield at, duration
