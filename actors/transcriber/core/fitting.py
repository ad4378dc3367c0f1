"""Captions made to fit their clip: moved, aligned, or refused. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from actors.transcriber.core.align import aligned
from actors.transcriber.core.cues import Cue, has_word_times, lines_of, slow, within, words_of
from actors.transcriber.core.envelope import Envelope
from actors.transcriber.core.shift import CHANCE, Fit, Phrase, best_fit, contradicted
from contracts.media import Word

__all__ = ["Fitted", "UnfitError", "fitted"]

_LEAST_SHIFT_S = 0.3
"""Captions begin this early or late without being wrong."""
_BETTER = 1.5
"""By how much the moved captions have to fit better than those that were given."""
_TOLD = 0.5
"""Share of the sound in which voices have to differ from pauses for words to be aligned."""
_BEYOND_S, _BEYOND_SHARE = 15.0, 0.1
"""Captions are too long where so many of them begin so late after the end of the clip."""
_FASTEST, _ANYWAY = 20.0, 100
"""Words a second, over the whole clip, above which nobody has said them, also where captions are in two languages at
once; and so many words may be in the shortest clip."""


class UnfitError(ValueError):
    """The captions are not of this clip; the text says why, as the end of a sentence that begins with “the file”."""


@dataclass(frozen=True)
class Fitted:
    """Words of captions as they are said in the clip, in order. `shift`: seconds by which they were moved."""

    words: tuple[Word, ...]
    timing: Literal["word", "aligned", "spread"]
    shift: float
    notes: tuple[str, ...]


def fitted(
    cues: Sequence[Cue], duration: float, *, sound: Envelope | None = None, language: str | None = None
) -> Fitted:
    """The words of captions with their times in the clip of `duration` seconds. `language`: a BCP 47 tag.

    Without `sound` only the length is looked at, and nothing is moved or aligned. Raises `UnfitError`.
    """
    count = sum(len(line.words) for line in lines_of(cues, duration))
    if count > _FASTEST * duration + _ANYWAY:
        raise UnfitError(f"has {count} words for the {duration:.1f} seconds of the video: nobody speaks as fast")
    phrases = _phrases(cues, language)
    fit = best_fit(phrases, sound) if sound is not None else None
    sure = fit is not None and fit.score >= CHANCE
    if sound is not None and fit is not None and contradicted(fit, phrases, sound):
        raise UnfitError("does not fit the sound at any shift up to ten seconds: it belongs to another video")
    notes: list[str] = []
    moved = fit if fit is not None and sure and _is_off(fit) else None
    if moved is not None:
        cues = [_moved(cue, moved) for cue in cues]
        notes.append(_told(moved))
    late = [cue for cue in cues if cue.start > duration + _BEYOND_S]
    if len(late) > _BEYOND_SHARE * len(cues):
        beyond = f"goes on for {max(cue.end for cue in cues) - duration:.0f} seconds after the end of the video"
        if not sure:
            raise UnfitError(f"{beyond}: it belongs to another one")
        notes.append(f"The caption file {beyond}; what is said in the video fits.")
    words, timing = _words(cues, duration, sound if sure or fit is None or fit.score > CHANCE / 2 else None, language)
    if not words:
        raise UnfitError(f"has no words within the {duration:.1f} seconds of the video")
    return Fitted(words, timing, moved.shift if moved else 0.0, tuple(notes))


def _words(
    cues: Sequence[Cue], duration: float, sound: Envelope | None, language: str | None
) -> tuple[tuple[Word, ...], Literal["word", "aligned", "spread"]]:
    told = sound is not None and sound.known.bit_count() >= _TOLD * len(sound.levels)
    if sound is None or not told or has_word_times(cues):
        return words_of(cues, duration, language)
    return within(aligned(lines_of(cues, duration), sound, language), duration), "aligned"


def _phrases(cues: Sequence[Cue], language: str | None) -> list[Phrase]:
    """What captions say of the time: by their words where they have times, else by themselves."""
    last = max((cue.end for cue in cues), default=0.0)
    if has_word_times(cues):
        words, _ = words_of(cues, last + 1.0, language)
        phrases: list[Phrase] = []
        for before, word in pairwise((None, *words)):
            if word is None:
                continue
            if before is not None and phrases and word.start - before.end < 0.25:
                phrases[-1] = replace(phrases[-1], said=word.end, shown=word.end)
            else:
                phrases.append(Phrase(word.start, word.end, word.end))
        return phrases
    return [
        Phrase(line.start, min(line.end, line.start + sum(slow(text, language) for text, _ in line.words)), line.end)
        for line in lines_of(cues, last + 1.0)
    ]


def _is_off(fit: Fit) -> bool:
    return (abs(fit.shift) >= _LEAST_SHIFT_S or fit.scale != 1.0) and fit.gain >= _BETTER


def _moved(cue: Cue, fit: Fit) -> Cue:
    """Captions that would begin before the clip begin with it; those that end before it are dropped later."""

    def at(time: float) -> float:
        return time * fit.scale + fit.shift

    pieces = tuple((max(0.0, at(time)), text) for time, text in cue.pieces)
    return Cue(max(0.0, at(cue.start)) if at(cue.end) > 0 else at(cue.start), at(cue.end), cue.text, pieces)


def _told(fit: Fit) -> str:
    moved = f"moved by {fit.shift:+.2f} s" if abs(fit.shift) >= 0.01 else ""
    stretched = f"stretched by {fit.scale:.4f} (another frame rate)" if fit.scale != 1.0 else ""
    return f"The captions were {' and '.join(part for part in (stretched, moved) if part)} to fit the sound."
