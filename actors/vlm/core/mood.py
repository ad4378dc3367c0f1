"""The mood of a moment, and how a moment of that mood is shown.

What speaks for each mood is added up; the parts are shares from 0 to 1, and what speaks the most wins. Without anything
that stands out a moment is serious where somebody speaks, and calm where nobody does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from actors.vlm.core.curve import Curve, ramp
from actors.vlm.core.languages import bare
from actors.vlm.core.moods import DIRECTIONS, WORDS
from actors.vlm.ports import Sight
from contracts.sight import Moment, Mood

__all__ = ["directed", "mood_of"]

LEAST = 0.45
"""What must speak for a mood at least."""
HOOK_S = 3.0


def directed(moments: Sequence[Moment], moods: Sequence[Mood | None], sight: Sight) -> tuple[Moment, ...]:
    """The moments, each with its direction: by the mood that a model has named, else by what is seen and heard."""
    found = []
    for moment, named in zip(moments, moods, strict=True):
        mood, why = (named, f"{moment.judged_by} calls it {named}") if named else mood_of(moment, sight)
        found.append(moment.model_copy(update={"direction": DIRECTIONS[mood].model_copy(update={"why": why})}))
    return tuple(found)


def mood_of(moment: Moment, sight: Sight) -> tuple[Mood, str]:
    """The mood of a moment, and why."""
    signs = _Signs(moment, sight)
    sums = {mood: sum(weight * part(signs) for weight, part, _ in parts) for mood, parts in EVIDENCE.items()}
    best = max(sums, key=lambda mood: (sums[mood], mood))
    if sums[best] < LEAST:
        return ("serious", "somebody speaks and nothing stands out") if moment.text else ("calm", "nothing stands out")
    strongest = sorted(EVIDENCE[best], key=lambda each: -each[0] * each[1](signs))
    return best, " and ".join(why for weight, part, why in strongest[:2] if weight * part(signs) >= 0.15)


@dataclass(frozen=True)
class _Signs:
    """What a moment shows of itself; shares from 0 to 1."""

    moment: Moment
    sight: Sight

    def said(self, mood: Mood) -> float:
        """Words of a mood: full from three on, or where they are a tenth of all."""
        count = sum(word in WORDS[mood] for word in self._words)
        return min(1.0, max(count / 3, 10 * count / max(10, len(self._words))))

    def heard(self, kind: str) -> float:
        """A sound of this kind: full from three seconds on; music from half of the moment on."""
        spans = [
            min(each.end, self.moment.end) - max(each.start, self.moment.start)
            for each in self.sight.sounds
            if each.kind == kind and each.start < self.moment.end and each.end > self.moment.start
        ]
        return min(1.0, sum(spans) / (self._seconds / 2 if kind == "music" else 3.0))

    @cached_property
    def lively(self) -> float:
        """Quick speech, movement and cuts."""
        pace = ramp(len(self._words) / self._seconds, 1.5, 3.6, 9.0, 12.0)
        moved = Curve(self.sight.motion).mean(self.moment.start, self.moment.end) if self.sight.motion else 0.0
        inside = sum(self.moment.start < shot.start < self.moment.end for shot in self.sight.shots)
        parts = [min(1.0, 2 * moved), ramp(60 * inside / self._seconds, 3.0, 20.0, 1e6, 2e6)]
        return fmean([*parts, pace] if self._words else parts)

    @cached_property
    def rising(self) -> float:
        """Its middle is louder than its beginning."""
        if not self._loud.values:
            return 0.0
        start, end = self.moment.start, self.moment.end
        rise = self._loud.mean(start + self._seconds / 2, end) - self._loud.mean(start, min(end, start + HOOK_S))
        return ramp(rise, 2.0, 10.0, 80.0, 90.0)

    @cached_property
    def loud(self) -> float:
        """Louder than the clip."""
        if not self._loud.values:
            return 0.0
        spread = max(3.0, self._loud.high - self._loud.low)
        return min(1.0, max(0.0, (self._loud.mean(self.moment.start, self.moment.end) - self._loud.low) / spread))

    @cached_property
    def bright(self) -> float:
        """Light of its shots, by their length."""
        shown = [
            (min(shot.end, self.moment.end) - max(shot.start, self.moment.start), shot.brightness)
            for shot in self.sight.shots
            if shot.start < self.moment.end and shot.end > self.moment.start
        ]
        seconds = sum(length for length, _ in shown)
        return sum(length * light for length, light in shown) / seconds if seconds else 0.5

    @cached_property
    def dark(self) -> float:
        """Hardly any light."""
        return ramp(0.5 - self.bright, 0.1, 0.35, 1.0, 2.0)

    @cached_property
    def quiet(self) -> float:
        """Neither lively nor loud."""
        return max(0.0, 1 - 1.5 * self.lively - 0.3 * self.loud)

    @cached_property
    def turning(self) -> float:
        """Its hook or its words turn something around."""
        return next((part.value or 0.0 for part in self.moment.parts if part.name == "contrast"), 0.0)

    @property
    def _seconds(self) -> float:
        return self.moment.end - self.moment.start

    @cached_property
    def _words(self) -> list[str]:
        return [bare(word) for word in self.moment.text.split()]

    @cached_property
    def _loud(self) -> Curve:
        return Curve([point.lufs for point in self.sight.loudness])


_Part = tuple[float, Callable[[_Signs], float], str]
EVIDENCE: dict[Mood, tuple[_Part, ...]] = {
    "energetic": (
        (1.0, lambda s: s.lively, "it is quick and full of movement"),
        (0.25, lambda s: s.heard("music"), "music plays"),
        (0.15, lambda s: s.loud, "it is loud"),
    ),
    "funny": (
        (1.0, lambda s: s.heard("laughter"), "people laugh"),
        (0.7, lambda s: s.said("funny"), "its words are funny"),
    ),
    "dramatic": (
        (0.5, lambda s: s.rising, "it grows louder"),
        (0.4, lambda s: s.said("dramatic"), "its words are strong"),
        (0.3, lambda s: s.turning, "it turns something around"),
    ),
    "serious": (
        (0.8, lambda s: s.said("serious"), "its words are serious"),
        (0.2, lambda s: s.quiet, "it is quiet"),
    ),
    "uplifting": (
        (0.8, lambda s: s.heard("applause"), "people applaud"),
        (0.8, lambda s: s.said("uplifting"), "its words give hope"),
        (0.1, lambda s: s.bright, "it is bright"),
    ),
    "calm": (
        (0.5, lambda s: s.quiet if not s.moment.text else 0.5 * s.quiet, "it is quiet"),
        (0.6, lambda s: s.said("calm"), "its words are calm"),
        (0.2, lambda s: s.heard("music") * s.quiet, "soft music plays"),
    ),
    "sad": (
        (0.9, lambda s: s.said("sad"), "its words are sad"),
        (0.15, lambda s: s.dark, "it is dark"),
    ),
    "tense": (
        (0.8, lambda s: s.said("tense"), "its words are of danger"),
        (0.25, lambda s: s.rising, "it grows louder"),
        (0.15, lambda s: s.dark, "it is dark"),
    ),
}
"""What speaks for each mood: weight, share, and the reason in words."""
