"""The score of every span that a clip offers: a weighted sum of visible parts, each from 0 to 1."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from itertools import groupby

from actors.vlm.core.borders import BORDER, Border, borders
from actors.vlm.core.bursts import bursts
from actors.vlm.core.curve import Curve, covered, ramp, unit
from actors.vlm.core.delivery import Delivery
from actors.vlm.core.scenes import Scenes
from actors.vlm.core.speech import Speech
from actors.vlm.core.standing import Standing
from actors.vlm.core.words import spoken
from actors.vlm.ports import Sight
from contracts.media import Transcript

__all__ = ["HOOK_S", "LENGTHS", "WEIGHTS", "ScoredClip", "Span"]

LENGTHS, IDEAL, HOOK_S = (15.0, 60.0), (20.0, 45.0), 3.0
"""Seconds: shortest and longest moment where there is room, ideal range, the time in which a viewer stays or leaves."""
WEIGHTS = {
    "question": 0.08, "number": 0.03, "contrast": 0.05, "rise": 0.04, "energy": 0.05, "pace": 0.04, "novelty": 0.05,
    "delivery": 0.11, "face": 0.03, "speaker": 0.04, "motion": 0.03, "reaction": 0.07, "completeness": 0.20,
    "landing": 0.13, "length": 0.05,
}  # fmt: skip
UNSPOKEN = {
    "rise": 0.10, "energy": 0.14, "face": 0.10, "speaker": 0.04, "motion": 0.16, "reaction": 0.12, "completeness": 0.14,
    "landing": 0.12, "length": 0.08,
}  # fmt: skip
"""The weights where nothing is said in the whole clip."""
WITHIN = 0.6
"""What a whole sentence is worth as a border where the speaker goes on without a pause."""
LATER = 0.35
"""What a question, a number or a contrast is worth behind the first three seconds."""
SHORTEST = 5.0
"""Seconds of the shortest moment of all."""
MOST_BORDERS, MOST_ENDS, FEWEST_ENDS, MOST_SCORED, MOST_SPANS = 10_000, 14, 5, 50_000, 24_000
"""Borders of a clip, ends that are tried with a start, spans that are scored and compared: ten hours stay quick."""
QUIETEST = 24.0
"""LU below the loud parts: what is softer counts as silence."""


@dataclass(frozen=True, slots=True)
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

    def __init__(
        self, sight: Sight, transcript: Transcript | None, duration: float, wanted: int, title: str,
        lengths: tuple[float, float] = LENGTHS,
    ) -> None:  # fmt: skip
        self.duration, self.title, self.lengths = duration, title, lengths
        self.speech = Speech(spoken(transcript, duration) if transcript else [], duration)
        raw = Curve([point.lufs for point in sight.loudness])
        self.audible = bool(raw.values) and raw.high > -60
        heard = bursts(self.speech.words, raw, sight.sounds, duration) if self.audible else ()
        self.scenes = Scenes(sight, duration, heard)
        self.delivery = Delivery(self.speech, raw.mean if self.audible else None, sight.people)
        self.loudness = Curve([max(value, raw.high - QUIETEST) for value in raw.values]) if self.audible else raw
        self.motion, self.face = Curve(sight.motion), Curve([min(1.0, value) for value in sight.faces])
        self.speaker = covered(((s.start, s.end) for p in sight.people for s in p.speaking), duration)
        self.reaction = covered(((a, b) for a, b, _ in self.scenes.reactions), duration)
        self.voices = covered(((s.start, s.end) for s in sight.sounds if s.kind == "speech"), duration)
        calm = self.loudness if self.audible else self.motion
        self.standing = Standing(self.speech, self.reaction.mean)
        self._borders = partial(borders, self.standing, self.scenes, calm, duration, wanted)
        present = self._present()
        weights = WEIGHTS if self.speech.words else UNSPOKEN
        total = sum(weight for name, weight in weights.items() if name in present)
        self.weights = {name: weight / total for name, weight in weights.items() if name in present}
        self._spans: dict[int, list[Span]] = {}
        self._openings: dict[float, int] = {}

    def _present(self) -> set[str]:
        """The parts that this clip can have."""
        talks, present = bool(self.speech.words), {"completeness", "landing", "length"}
        present |= {"question", "number", "pace", "novelty", "delivery"} if talks else set()
        present |= {"contrast"} if self.speech.known else set()
        present |= {"rise", "energy"} if self.audible else set()
        present |= {"reaction"} if self.scenes.reactions else set()
        curves = {"face": self.face.values, "motion": self.motion.values, "speaker": any(self.speaker.values)}
        return present | {name for name, there in curves.items() if there}

    # Candidate spans

    def spans(self, level: int) -> list[Span]:
        """Candidates of SHORTEST to the longest seconds, between borders up to this level."""
        if level not in self._spans:
            found = list(self._scored(level))
            if len(found) > MOST_SPANS:
                found = _best_of_each_start(found, self.lengths[0])
            self._spans[level] = found
        return self._spans[level]

    def _scored(self, level: int) -> Iterator[Span]:
        starts, ends = (_best_spread(some, level) for some in self._borders(words=level == 2))
        times = [border.t for border in ends]
        landing = [self._weighed(self._at_end(border)) for border in ends]
        most = min(MOST_ENDS, max(FEWEST_ENDS, MOST_SCORED // max(1, len(starts))))
        for start in starts:
            first, last = bisect_left(times, start.t + SHORTEST), bisect_right(times, start.t + self.lengths[1])
            opening = self._weighed(self._at_start(start))
            usual = bisect_left(times, start.t + self.lengths[0], first, last)
            few: Sequence[int] = range(first, last)
            if last - first > most:
                best = nlargest(most, range(usual, last), key=landing.__getitem__)
                few = sorted({first, min(usual, last - 1), *range(first, usual, 4), *best})
            for index in few:
                score = opening + landing[index] + self._weighed(self._between(start, ends[index]))
                yield Span(start, ends[index], score)

    def whole(self) -> Span:
        """All of the clip."""
        start, end = Border(0.0, "edge", 0), Border(self.duration, "edge", len(self.speech.words))
        return Span(start, end, self._weighed(self.values(start, end)))

    # Score

    def _weighed(self, parts: dict[str, float]) -> float:
        weights = self.weights
        return sum(weights[name] * value for name, value in parts.items() if name in weights)

    def values(self, start: Border, end: Border) -> dict[str, float]:
        """Each part of the score, from 0 to 1; those without a weight the clip cannot have."""
        parts = dict.fromkeys(WEIGHTS, 0.0)
        for some in (self._at_start(start), self._at_end(end), self._between(start, end)):
            for name, value in some.items():
                parts[name] += value
        return parts

    def _at_start(self, start: Border) -> dict[str, float]:
        opens = 0.35 * BORDER[start.kind] * (1 - 0.8 * start.flaw.size) * self._rested(start.word)
        return {"completeness": opens, "rise": self._rise(start.t)}

    def _at_end(self, end: Border) -> dict[str, float]:
        closes = 0.35 * BORDER[end.kind] * (1 - 0.8 * end.flaw.size) * self._rested(end.word)
        return {"completeness": closes, "landing": self._landing(end)}

    def _between(self, start: Border, end: Border) -> dict[str, float]:
        first, last, length, there = start.word, end.word, end.t - start.t, self.weights
        parts = {"length": ramp(length, 2.0, *IDEAL, 90.0), "completeness": 0.3 * 0.4 ** self.changes(start, end)}
        if "face" in there:
            parts["face"] = self.face.mean(start.t, end.t)
        if "speaker" in there:
            parts["speaker"] = self.speaker.mean(start.t, end.t)
        if "reaction" in there:
            parts["reaction"] = unit(self.reaction.mean(start.t, end.t) * length / 3)
        if "motion" in there:
            spread = max(0.1, self.motion.high - self.motion.low)
            moving = 0.75 * self.motion.mean(start.t, end.t) + 0.25 * self.motion.mean(start.t, start.t + HOOK_S)
            parts["motion"] = unit((moving - self.motion.low) / spread)
        if "energy" in there:
            parts["energy"] = unit(0.5 + self.louder(start.t, end.t) / 10)
        return parts | self._said(start, end) if last > first else parts

    def _said(self, start: Border, end: Border) -> dict[str, float]:
        speech, first, last = self.speech, start.word, end.word
        rare = (speech.rare[last] - speech.rare[first]) / (last - first)
        pace = (last - first) / (end.t - start.t) / speech.usual_rate
        parts = {
            "novelty": unit(0.5 + 4 * (rare - speech.rare[-1] / len(speech.words))),
            "pace": ramp(pace, 0.2, 0.9, 1.5, 3.0),
            "delivery": unit(sum(self.told(start, end))),
        }
        opening = self.opening(start)
        for name, sums in (("question", speech.asked), ("number", speech.counts), ("contrast", speech.turns)):
            # A contrast to what was said before is no hook for those who have not heard it.
            since = min(opening, first + 2) if name == "contrast" and start.flaw.size else first
            parts[name] = 1.0 if sums[opening] > sums[since] else LATER * (sums[last] > sums[first])
        return parts

    def told(self, start: Border, end: Border) -> tuple[float, float, float]:
        """How much louder, quicker and closer the words of a span are told than what is around it, each from 0 to 1."""
        return self.delivery.contrast(self.speech.place[start.word], self.speech.place[end.word - 1])

    def louder(self, start: float, end: float) -> float:
        """LU over the clip's mean."""
        return self.loudness.mean(start, end) - self.loudness.mean(0, self.duration)

    def changes(self, start: Border, end: Border) -> int:
        """How often the subject changes inside a span."""
        if end.word <= start.word:
            return 0
        first, last = self.speech.place[start.word], self.speech.place[end.word - 1]
        return self.standing.subjects[last + 1] - self.standing.subjects[first + 1]

    def opening(self, start: Border) -> int:
        """The index behind the last word that begins in the first seconds of a span."""
        known = self._openings.get(start.t)
        if known is None:
            words, known = self.speech.words, start.word
            while known < len(words) and words[known].start < start.t + HOOK_S:
                known += 1
            self._openings[start.t] = known
        return known

    def _rise(self, t: float) -> float:
        """How much louder the first seconds are than the clip, and than what was before."""
        if not self.audible:
            return 0.0
        first = self.loudness.mean(t, t + HOOK_S)
        usual = self.loudness.mean(0, self.duration)
        before = self.loudness.mean(t - 2 * HOOK_S, t) if t >= 2 * HOOK_S else usual
        return 0.5 * unit((first - usual) / 6) + 0.5 * unit((first - before) / 8)

    def _landing(self, end: Border) -> float:
        """How well a span ends: on laughter, on a finished thought, in a pause, in a voice that falls."""
        if end.reaction and end.kind == "sentence":
            return 1.0
        closed = BORDER[end.kind] * (1 - end.flaw.size)
        calm = closed if end.kind in {"fade", "cut", "edge", "quiet"} else self._calm(end)
        if not self.audible:
            return 0.5 * closed + 0.3 * calm
        fall = self.loudness.mean(end.t - 8, end.t - 2) - self.loudness.mean(end.t - 1.5, end.t)
        return 0.4 * closed + 0.3 * calm + 0.1 * unit(0.4 + fall / 10)

    def _calm(self, end: Border) -> float:
        """How much of a break is behind a span: all of it where the subject changes, or the clip ends."""
        rest = self._break(end.word)
        return 0.7 * unit(end.pause / 1.2) if rest is None else rest

    def _rested(self, word: int) -> float:
        return WITHIN + (1 - WITHIN) * (self._break(word) or 0.0)

    def _break(self, word: int) -> float | None:
        """How much of a break is before a word, from 0 to 1; None: it stands within a sentence."""
        number = self.speech.place[word]
        if number == len(self.speech.sentences) or self.speech.sentences[number].first == word:
            return self.standing.breaks[number]
        return None


def _best_spread(usable: Sequence[Border], level: int) -> list[Border]:
    """The borders up to a level; of too many the best ones, spread evenly over the clip."""
    usable = [border for border in usable if border.level <= level]
    step = len(usable) / MOST_BORDERS
    if step <= 1:
        return usable
    groups = (usable[int(i * step) : int((i + 1) * step)] for i in range(MOST_BORDERS))
    return [max(group, key=lambda border: BORDER[border.kind] - border.flaw.size) for group in groups]


def _best_of_each_start(spans: Sequence[Span], usual: float) -> list[Span]:
    """The two best spans of each start, and its shortest ones, so that a set of many still fits."""
    out: list[Span] = []
    for _, group in groupby(spans, key=lambda span: span.start.t):
        of_start = list(group)
        long = next((span for span in of_start if span.length >= usual), of_start[0])
        kept = [of_start[0], long, *nlargest(2, of_start, key=lambda span: span.score)]
        out += {span.end.t: span for span in kept}.values()
    return out
