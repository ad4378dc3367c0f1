"""The score of every span that a clip offers.

A weighted sum of eight parts, each from 0 to 1 (WEIGHTS); a part that the clip cannot have (loudness without sound,
speech without a transcript) is absent and its weight goes to the others.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

from actors.vlm.core.borders import BORDER, Border, borders
from actors.vlm.core.curve import Curve, ramp, unit
from actors.vlm.core.words import CLOSING, DANGLING, HOOKS, NUMBERS, bare, rarities, spoken
from actors.vlm.ports import Sight
from contracts.media import Transcript

__all__ = ["LONGEST", "WEIGHTS", "ScoredClip", "Span"]

LONGEST, IDEAL, HOOK_S = 60.0, (20.0, 45.0), 3.0
"""Seconds: longest moment, ideal range, the time in which a viewer stays or leaves."""
WEIGHTS = {
    "hook": 0.20, "completeness": 0.20, "energy": 0.15, "pace": 0.10, "length": 0.10, "face": 0.10, "motion": 0.08,
    "novelty": 0.07,
}  # fmt: skip
MOST_SPANS, MOST_ENDS = 20_000, 20


@dataclass(frozen=True)
class Span:
    """A candidate, with its score from 0 to 1."""

    start: Border
    end: Border
    score: float

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end.t - self.start.t


class ScoredClip:
    """A clip with everything about it that is asked often, worked out once."""

    def __init__(self, sight: Sight, transcript: Transcript | None, duration: float, wanted: int, title: str) -> None:
        self.duration, self.title = duration, title
        self.words = spoken(transcript, duration) if transcript else []
        cuts = [shot.start for shot in sight.shots[1:] if shot.start < duration]
        self.loudness = Curve([point.lufs for point in sight.loudness])
        self.audible = self.loudness.high > -60
        self.motion, self.face = Curve(sight.motion), Curve([min(1.0, value) for value in sight.faces])
        self._rises: dict[float, float] = {}
        self._spans: dict[tuple[float, bool], list[Span]] = {}
        self.rare = [0.0, *accumulate(rarities(self.words))]
        calm = self.loudness if self.audible else self.motion
        self.starts, self.ends = borders(self.words, cuts, calm, duration, wanted)
        self.opening = {border.word: self.hook(border) for border in self.starts}

    # Candidate spans

    def spans(self, least: float, *, words: bool) -> list[Span]:
        """Candidates from `least` to LONGEST seconds; `words`: any gap between two words is a border too."""
        known = self._spans.get((least, words))
        if known is not None:
            return known
        starts = [b for b in self.starts if words or b.kind != "word"]
        ends = [b for b in self.ends if words or b.kind != "word"]
        times = [border.t for border in ends]
        per_start = max(2, min(MOST_ENDS, MOST_SPANS // max(1, len(starts))))
        out = []
        for start in starts:
            first, last = bisect_left(times, start.t + least - 1e-9), bisect_right(times, start.t + LONGEST)
            step = max(1, math.ceil((last - first) / MOST_ENDS))
            spans = [Span(start, end, self._score(start, end)) for end in ends[first:last:step]]
            if len(spans) > per_start and len(starts) * MOST_ENDS > MOST_SPANS:
                spans = sorted(spans, key=lambda s: (-s.score, s.end.t))[:per_start]
            out += spans
        self._spans[least, words] = out
        return out

    def whole(self) -> Span:
        """All of the clip."""
        start, end = Border(0.0, "edge", 0), Border(self.duration, "edge", len(self.words))
        self.opening.setdefault(0, self.hook(start))
        return Span(start, end, self._score(start, end))

    # Score

    def _score(self, start: Border, end: Border) -> float:
        total = weights = 0.0
        for name, value in self.values(start, end).items():
            if value is not None:
                total += WEIGHTS[name] * value
                weights += WEIGHTS[name]
        return total / weights

    def values(self, start: Border, end: Border) -> dict[str, float | None]:
        """Each part of the score, from 0 to 1; None for those that the clip cannot have."""
        length, said = end.t - start.t, end.word - start.word
        speech = bool(self.words)
        return {
            "hook": self.opening[start.word][0] if speech and said else (0.0 if speech else None),
            "completeness": (self._opens(start) + BORDER[end.kind]) / 2,
            "energy": self._energy(start.t, end.t) if self.audible else None,
            "pace": ramp(said / length, 0.3, 2.0, 3.6, 6.0) if speech else None,
            "length": ramp(length, 2.0, *IDEAL, 1.5 * LONGEST),
            "face": self.face.mean(start.t, end.t) if self.face.values else None,
            "motion": min(1.0, self.motion.mean(start.t, end.t) / max(0.05, self.motion.high))
            if self.motion.values
            else None,
            "novelty": self._novelty(start.word, end.word) if said > 0 else None,
        }

    def _opens(self, start: Border) -> float:
        dangling = start.word < len(self.words) and bare(self.words[start.word].text) in DANGLING
        return BORDER[start.kind] * (0.4 if dangling and start.kind == "sentence" else 1.0)

    def _energy(self, start: float, end: float) -> float:
        spread = max(3.0, self.loudness.high - self.loudness.low)
        level = (self.loudness.mean(start, end) - self.loudness.low) / spread
        rise = self._rises.get(start)
        if rise is None:
            rise = self.loudness.mean(start, start + HOOK_S) - self.loudness.mean(max(0.0, start - HOOK_S), start)
            self._rises[start] = rise
        return 0.75 * unit(level) + 0.25 * unit(rise / 12)

    def _novelty(self, first: int, last: int) -> float:
        mean = (self.rare[last] - self.rare[first]) / (last - first)
        return unit(0.5 + 4 * (mean - self.rare[-1] / len(self.words)))

    def hook(self, border: Border) -> tuple[float, tuple[str, ...]]:
        """How the first three seconds hold a viewer (0 to 1), and by what."""
        found: dict[str, float] = {}
        sentence = ""
        for word in self.words[border.word : border.word + 40]:
            early = word.start - border.t < HOOK_S
            if not early and sentence:
                break
            text = bare(word.text)
            if early and (text in NUMBERS or any(c.isdigit() for c in text)):
                found["a number"] = 0.4
            if early and text in HOOKS:
                found.setdefault(f"“{text}”", 0.5)
            if not sentence and word.closes:
                sentence = word.text
        if sentence.rstrip(CLOSING).endswith(("?", "\uff1f", "\u061f")):
            found = {"a question": 0.7, **found}
        return min(1.0, sum(found.values())), tuple(found)[:2]
