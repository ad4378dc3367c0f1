"""From captions to words to sentences: choosing, cleaning, dividing, spreading in time, fitting to the sound."""

from __future__ import annotations

from actors.transcriber.core.cues import Cue, within, words_of
from actors.transcriber.core.envelope import Envelope
from actors.transcriber.core.fitting import Fitted, UnfitError, fitted
from actors.transcriber.core.languages import with_languages
from actors.transcriber.core.order import CAPTIONS, Captions, kind_of, steps, wanted
from actors.transcriber.core.sentences import sentences_of
from actors.transcriber.core.silences import fillers_of, silences_of
from actors.transcriber.core.text import cleaned, divided

__all__ = [
    "CAPTIONS",
    "Captions",
    "Cue",
    "Envelope",
    "Fitted",
    "UnfitError",
    "cleaned",
    "divided",
    "fillers_of",
    "fitted",
    "kind_of",
    "sentences_of",
    "silences_of",
    "steps",
    "wanted",
    "with_languages",
    "within",
    "words_of",
]
