"""From captions to words to sentences: choosing, cleaning, dividing, spreading in time."""

from __future__ import annotations

from actors.transcriber.core.cues import Cue, within, words_of
from actors.transcriber.core.order import CAPTIONS, Captions, best_first, kind_of, steps
from actors.transcriber.core.sentences import sentences_of
from actors.transcriber.core.text import cleaned, divided

__all__ = [
    "CAPTIONS",
    "Captions",
    "Cue",
    "best_first",
    "cleaned",
    "divided",
    "kind_of",
    "sentences_of",
    "steps",
    "within",
    "words_of",
]
