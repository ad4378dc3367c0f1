"""Talks made by a rule: voices as bursts of noise with known words under them, and the captions of such a talk."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

from actors.transcriber.core import Cue, Envelope
from actors.transcriber.core.envelope import RATE
from actors.transcriber.core.syllables import seconds_of

__all__ = ["Talk", "captions_of", "moved", "talk"]

_TEXT = """
the a of river machine people answer quiet every morning temperature engineer why because small changes we tried it
again nobody told us story numbers library without single book imagine spoonful soil bacteria patience
"""
_WORDS = _TEXT.split()
_VOICE, _PAUSE = 120, 20  # half decibels above -100 dBFS


@dataclass(frozen=True)
class Talk:
    """Sentences of (text, start, end), and the sound that they make."""

    sentences: list[list[tuple[str, float, float]]]
    sound: Envelope

    @property
    def duration(self) -> float:
        return self.sound.duration

    @property
    def words(self) -> list[tuple[str, float, float]]:
        return [word for sentence in self.sentences for word in sentence]


@lru_cache(maxsize=100)
def talk(seed: int, seconds: float = 120.0, *, pause_level: int = _PAUSE, language: str = "en") -> Talk:
    """A talk of one speaker, who is not quite steady, with pauses between sentences and some commas."""
    rng = random.Random(seed)
    speed, at = rng.uniform(0.75, 1.3), rng.uniform(0.2, 3.0)
    sentences: list[list[tuple[str, float, float]]] = []
    while at < seconds - 6:
        sentence = []
        for n in range(length := rng.randint(3, 14)):
            text = rng.choice(_WORDS)
            lasts = seconds_of(text, language) * speed * rng.lognormvariate(0, 0.2)
            comma = n + 1 < length and rng.random() < 0.15
            mark = "." if n + 1 == length else "," if comma else ""
            sentence.append((text + mark, at, at + lasts))
            at += lasts + (rng.uniform(0.15, 0.35) if comma else 0.0)
        sentences.append(sentence)
        at += rng.uniform(0.2, 1.2) * (3.0 if rng.random() < 0.1 else 1.0)
    return Talk(sentences, Envelope(_levels(sentences, seconds, rng, pause_level)))


def _levels(sentences: list[list[tuple[str, float, float]]], seconds: float, rng: random.Random, quiet: int) -> bytes:
    levels = bytearray(max(0, min(255, round(rng.gauss(quiet, 3)))) for _ in range(round(seconds * RATE)))
    for sentence in sentences:
        for _, start, end in sentence:
            for n in range(round(start * RATE), min(round(end * RATE), len(levels))):
                levels[n] = max(0, min(255, round(rng.gauss(_VOICE, 8))))
    return bytes(levels)


def captions_of(talk: Talk, seed: int = 0, *, sloppy: float = 0.15, longest: int = 9) -> list[Cue]:
    """Captions as people write them: a line at a time, a little early or late, shown a little too long."""
    rng = random.Random(seed)
    spans: list[tuple[float, float, str]] = []
    for sentence in talk.sentences:
        for n in range(0, len(sentence), longest):
            part = sentence[n : n + longest]
            start = max(0.0, part[0][1] + rng.uniform(-sloppy, sloppy))
            spans.append((start, part[-1][2] + rng.uniform(0.0, 0.4), " ".join(text for text, _, _ in part)))
    starts = [*(start for start, _, _ in spans[1:]), talk.duration]
    return [
        Cue(start, max(start + 0.1, min(end, following)), text)
        for (start, end, text), following in zip(spans, starts, strict=True)
    ]


def moved(cues: list[Cue], by: float, scale: float = 1.0) -> list[Cue]:
    """The captions `by` seconds later; those that would begin before 0 are gone, as in a file that was cut."""
    return [Cue(cue.start * scale + by, cue.end * scale + by, cue.text) for cue in cues if cue.start * scale + by >= 0]
