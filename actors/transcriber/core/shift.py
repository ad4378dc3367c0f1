"""Whether captions belong to a sound, and by how much they are off. Pure.

What captions say of the time (where words are said, where phrases begin) is compared with what the sound says (where a
voice is, where one begins after a pause) at many shifts: the phi coefficient of the two, as `ffsubsync` and `alass`
compare them, over the hundredths of seconds in which the sound tells anything. How good the best shift is, is told in
standard deviations of the coefficient at shifts that cannot be right, with the captions turned around in a circle.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import fmean, pstdev

from actors.transcriber.core.envelope import RATE, Envelope, bits

__all__ = ["MOST_S", "SCALES", "Fit", "Phrase", "best_fit", "contradicted"]

MOST_S = 10.0
"""Seconds by which captions are moved at most."""
SCALES = (25 / (24000 / 1001), 25 / 24, 1001 / 1000, 1000 / 1001, 24 / 25, (24000 / 1001) / 25)
"""Lengths of captions of another frame rate against those of the film's own: PAL, NTSC and cinema."""
CHANCE = 6.0
"""What captions of other talks reach by chance; see tests/transcriber/test_fitting.py."""
_CHANCE_OF_FEW = 4.5
"""The same, where captions are few: right ones that are early and late by half a second reach little more."""
_DRIFTS = 4.0
"""By how much a scale has to be better than none."""
_STEP = 5
_NEAR, _FAR = round(MOST_S * RATE), round((MOST_S + 2) * RATE)
_SHORTEST = 2 * _FAR + 10 * RATE
"""Sound below this has too few shifts that cannot be right."""
_LEAST_DRIFT_S = 0.5
_ABOUT, _ROUGHLY = 0.1, 0.6
"""Seconds around the begin of a phrase: of captions that are exact, and of those that are now early, now late."""
_EXACT = 2.0
"""By how much exact begins have to fit better than rough ones to be believed: else their best shift is any of many."""
_PAUSE = 0.2
_GAP_S, _GAPS, _GAP_SHARE = 0.5, 12, 0.05
_MANY, _LEAST_PHRASES = 30, 20
_WHOLE = 0.8
"""Share of the speech from which on captions count as all of it: a few of a long talk are not told by their pauses."""
_CLEAR = 0.8

_Score = Callable[[int], float]
"""How well captions fit at a shift, in standard deviations above chance."""


@dataclass(frozen=True)
class Phrase:
    """A caption, in seconds: when it begins, when what it says is over at the latest, and until when it is shown."""

    start: float
    said: float
    shown: float


@dataclass(frozen=True)
class Fit:
    """Captions fit best when their times are multiplied by `scale` and `shift` seconds are added.

    `score`: standard deviations above chance; `gain`: by how much they fit better so than without the shift.
    """

    score: float
    shift: float
    scale: float
    gain: float


def best_fit(phrases: Sequence[Phrase], sound: Envelope) -> Fit | None:
    """How captions fit; None where the sound or the captions are too short or too even to tell."""
    if len(sound.levels) < _SHORTEST or len(phrases) < 3 or not sound.voices:
        return None
    heard = _Heard.of(sound)
    plain = heard.compare(phrases, 1.0)
    if plain is None:
        return None
    best = plain
    for scale in SCALES:
        if abs(scale - 1) * sound.duration < _LEAST_DRIFT_S:
            continue
        scaled = heard.compare(phrases, scale)
        if scaled is not None and scaled.score > max(best.score, plain.score + _DRIFTS):
            best = scaled
    return best


def contradicted(fit: Fit, phrases: Sequence[Phrase], sound: Envelope) -> bool:
    """Whether a sound that is clear about its pauses has none of the pauses of captions that are clear about theirs.

    Nothing is contradicted by music, noise, few words, or captions without gaps.
    """
    gaps = [b.start - a.shown for a, b in pairwise(phrases) if b.start - a.shown >= _GAP_S]
    clear = sound.clear.bit_count() >= _CLEAR * len(sound.levels)
    telling = clear and sum(gaps) >= _GAP_SHARE * sound.duration
    if len(phrases) >= _MANY:
        return telling and len(gaps) >= _GAPS and fit.score < CHANCE
    said, heard = sum(p.said - p.start for p in phrases), sum(voice.end - voice.start for voice in sound.voices)
    whole = len(phrases) >= _LEAST_PHRASES and len(gaps) >= len(phrases) / 4 and said >= _WHOLE * heard
    return telling and whole and fit.score < _CHANCE_OF_FEW


@dataclass(frozen=True)
class _Heard:
    """What a sound of `n` hundredths says: bits of voices, of voices that begin, and of the `tells` that tell."""

    voice: int
    begins: int
    known: int
    tells: int
    n: int

    @classmethod
    def of(cls, sound: Envelope) -> _Heard:
        voices = sound.voices
        n = len(sound.levels)
        begins, end = [], -1.0
        for voice in voices:
            if voice.start - end >= _PAUSE:
                begins.append((voice.start - _ABOUT, voice.start + _ABOUT))
            end = voice.end
        # The silence before the first word and after the last one would speak for any captions that begin late.
        said = _marked([(voices[0].start - 0.3, voices[-1].end + 0.3)], n)
        known = sound.known & said
        return cls(sound.voice & known, _marked(begins, n) & known, known, known.bit_count(), n)

    def compare(self, phrases: Sequence[Phrase], scale: float) -> Fit | None:
        """The best shift: told by rough begins of phrases, which sloppy captions have too; by exact ones if exact."""
        said = self._score(_marked([(p.start * scale, p.said * scale) for p in phrases], self.n), self.voice)
        rough, exact = (
            self._score(_marked([(p.start * scale - w, p.start * scale + w) for p in phrases], self.n), self.begins)
            for w in (_ROUGHLY, _ABOUT)
        )
        if said is None or rough is None or exact is None:
            return None
        roughly, exactly = _both(said, rough), _both(said, exact)
        best, fine = _best(roughly), _best(exactly)
        score = max(roughly(best), exactly(fine))
        if exactly(fine) >= roughly(best) + _EXACT:
            return Fit(score, fine / RATE, scale, exactly(fine) - exactly(0))
        return Fit(score, best / RATE, scale, roughly(best) - roughly(0))

    def _score(self, told: int, heard: int) -> _Score | None:
        """Of a shift: how far its coefficient is above those that cannot be right; None where these are all alike."""
        far = range(_FAR, self.n - _FAR, max(_STEP * 5, (self.n - 2 * _FAR) // 300))
        count = heard.bit_count()
        chances = [self._phi(told, heard, count, k) for k in far]
        mean, spread = fmean(chances), pstdev(chances)
        return cache(lambda k: (self._phi(told, heard, count, k) - mean) / spread) if spread else None

    def _phi(self, told: int, heard: int, b: int, shift: int) -> float:
        """The phi coefficient of two rows of bits, the first one turned by `shift`. `b`: bits of the second one."""
        shift %= self.n
        turned = ((told << shift) | (told >> (self.n - shift))) & self.known
        n, both, a = self.tells, (turned & heard).bit_count(), turned.bit_count()
        spread = a * (n - a) * b * (n - b)
        return (n * both - a * b) / math.sqrt(spread) if spread > 0 else 0.0


def _both(one: _Score, other: _Score) -> _Score:
    return lambda k: (one(k) + other(k)) / math.sqrt(2)


def _best(score: _Score) -> int:
    coarse = max(range(-_NEAR, _NEAR + 1, _STEP), key=score)
    return max(range(max(-_NEAR, coarse - _STEP), min(_NEAR, coarse + _STEP) + 1), key=score)


def _marked(spans: Sequence[tuple[float, float]], n: int) -> int:
    marks = bytearray(n)
    for start, end in spans:
        a, b = max(0, round(start * RATE)), min(n, round(end * RATE))
        marks[a:b] = b"\x01" * max(0, b - a)
    return bits(bytes(marks))
