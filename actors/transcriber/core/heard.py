"""What a recognizer heard in each part of a recording, and the whole that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from actors.transcriber.core.cues import within
from actors.transcriber.core.guard import LeftOut, Passage, guarded, notes_of
from actors.transcriber.core.stitch import Part, stitched
from contracts.base import Contract, Seconds
from contracts.media import Stretch, Word

__all__ = ["Heard", "HeardPart", "Spoken", "heard_of", "language_of", "languages_of"]

T = TypeVar("T", Word, Passage)

_SURE = 0.5  # probability above which a detected language is taken where none is expected
_SURPRISED = 0.8  # and where another one is expected


class HeardPart(Contract):
    """What was heard in one part. Times are seconds of the clip."""

    start: Seconds
    end: Seconds
    words: tuple[Word, ...]
    passages: tuple[Passage, ...] = ()
    language: str | None = None
    timing: Literal["word", "spread"] = "word"
    method: str


@dataclass(frozen=True)
class Spoken:
    """A stretch of a recording in one language."""

    start: float
    end: float
    language: str


@dataclass(frozen=True)
class Heard:
    """What was said, word by word. `languages`: one entry for each change of the language."""

    words: tuple[Word, ...]
    language: str | None
    languages: tuple[Spoken, ...]
    timing: Literal["word", "spread"]
    method: str
    notes: tuple[str, ...]


def heard_of(parts: Sequence[HeardPart], speech: Sequence[Stretch], duration: float) -> Heard:
    """One transcript of all parts, without what nobody said. `parts`: at least one, in order of time."""
    words = stitched([(Part(part.start, part.end), _inside(part, part.words)) for part in parts])
    passages = sorted((p for part in parts for p in _inside(part, part.passages)), key=lambda p: p.start)
    kept, left_out = guarded(sorted(words, key=lambda word: word.start), speech, passages, duration=duration)
    languages = languages_of(parts)
    notes = notes_of([*_outside(parts, duration), *left_out])
    if len({spoken.language for spoken in languages}) > 1:
        notes = (*notes, f"Spoken in {', '.join(dict.fromkeys(spoken.language for spoken in languages))}.")
    return Heard(
        words=within(kept, duration),
        language=_most(parts),
        languages=languages,
        timing="word" if all(part.timing == "word" for part in parts) else "spread",
        method="+".join(dict.fromkeys(part.method for part in parts)),
        notes=notes,
    )


def _inside(part: HeardPart, heard: Sequence[T]) -> list[T]:
    """What begins in the part, in order of time, cut off at its end.

    A word timed behind it would stand among those said there, as if somebody spoke faster than anybody can.
    """
    begun = (one for one in heard if one.start < part.end)
    return sorted((one.model_copy(update={"end": min(one.end, part.end)}) for one in begun), key=lambda one: one.start)


def _outside(parts: Sequence[HeardPart], duration: float) -> Iterator[LeftOut]:
    for part in parts:
        for word in part.words:
            if word.start >= part.end:
                yield LeftOut("beyond the end" if word.start >= duration else "beyond its part", (word,))


def languages_of(parts: Sequence[HeardPart]) -> tuple[Spoken, ...]:
    """Neighbouring parts of one language together; parts without words or language go with the one before."""
    spoken: list[Spoken] = []
    for part in parts:
        if not part.words or part.language is None:
            continue
        if spoken and spoken[-1].language == part.language:
            spoken[-1] = Spoken(spoken[-1].start, part.end, part.language)
        else:
            spoken.append(Spoken(part.start, part.end, part.language))
    return tuple(spoken)


def _most(parts: Sequence[HeardPart]) -> str | None:
    """The language of most words."""
    words: dict[str, int] = {}
    for part in parts:
        if part.language:
            words[part.language] = words.get(part.language, 0) + len(part.words)
    return max(words, key=lambda language: words[language], default=None) if any(words.values()) else None


def language_of(detected: str, probability: float, expected: str | None) -> str | None:
    """The language of a part: the detected one if that is sure enough, else the expected one.

    `expected`: what the source says or, later, what was spoken before. To leave it takes more than to find one.
    """
    sure = probability >= (_SURE if expected is None or detected == expected else _SURPRISED)
    return detected if sure else expected
