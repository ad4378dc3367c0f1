"""Where a moment may start and end: around sentences and pauses, and where nobody speaks at cuts and calm instants."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from actors.vlm.core.curve import Curve
from actors.vlm.core.words import Word
from actors.vlm.ports import STEP

__all__ = ["BORDER", "Border", "borders"]

PAD_BEFORE, PAD_AFTER = 0.15, 0.3
"""Seconds left before the first word and after the last one, where nobody speaks."""
PAUSE, GAP = 0.35, 2.0
"""Seconds: a pause between words, a stretch without speech."""
BORDER = {"sentence": 1.0, "edge": 0.8, "cut": 0.8, "pause": 0.4, "quiet": 0.4, "word": 0.1}
"""How well a moment starts or ends at a border of this kind."""


@dataclass(frozen=True)
class Border:
    """A time at which a span may start or end; `word` is the index of the first word behind it."""

    t: float
    kind: str
    word: int


def borders(
    words: Sequence[Word], cuts: Sequence[float], calm: Curve, duration: float, wanted: int
) -> tuple[list[Border], list[Border]]:
    """Where a span may start, and where it may end, in order of time. `calm`: low where a cut disturbs the least."""
    return _Finder(words, cuts, calm, duration, wanted).borders()


class _Finder:
    def __init__(self, words: Sequence[Word], cuts: Sequence[float], calm: Curve, duration: float, wanted: int) -> None:
        self.words, self.cuts, self.calm, self.duration = words, cuts, calm, duration
        # Seconds between borders where nobody speaks; coarser in very long clips, so that ten hours stay quick.
        self._grid = max(duration / 4000, min(2.5, max(0.5, duration / max(1, wanted) / 6)))
        self._spacing = max(duration / 4000, min(2.5, max(0.25, duration / 2400)))

    def borders(self) -> tuple[list[Border], list[Border]]:
        """Where a span may start, and where it may end, in order of time."""
        starts, ends, said = [], [], 0.0
        for index in range(len(self.words) + 1):
            after = self.words[index].start if index < len(self.words) else self.duration
            if after >= said:
                if index:
                    ends.append(self._end(index, said, after))
                if index < len(self.words):
                    starts.append(self._start(index, said, after))
                if after - said >= GAP or not self.words:
                    for border in self._quiet(index, said, after):
                        starts.append(border)
                        ends.append(border)
            if index < len(self.words):
                said = max(said, self.words[index].end)
        order = lambda border: (border.t, -BORDER[border.kind])  # noqa: E731  # one key for two sorts
        return sorted(starts, key=order), sorted(ends, key=order)

    def _end(self, index: int, said: float, after: float) -> Border:
        room = after - said if index == len(self.words) else (after - said) / 2
        t = said + min(PAD_AFTER, room)
        cut = self._cut_between(said, t)
        return Border(t if cut is None else cut, self._kind(self.words[index - 1].closes, after - said), index)

    def _start(self, index: int, said: float, after: float) -> Border:
        room = after - said if index == 0 else (after - said) / 2
        t = after - min(PAD_BEFORE, room)
        cut = self._cut_between(t, after)
        return Border(t if cut is None else cut, self._kind(self.words[index].opens, after - said), index)

    def _kind(self, sentence: bool, pause: float) -> str:
        if sentence:
            return "sentence"
        return "pause" if pause >= PAUSE else "word"

    def _cut_between(self, low: float, high: float) -> float | None:
        """A cut inside a pad: better to start or end there than to flash the shot beyond it."""
        index = bisect_right(self.cuts, low)
        return self.cuts[index] if index < len(self.cuts) and self.cuts[index] < high else None

    def _quiet(self, index: int, low: float, high: float) -> list[Border]:
        """Borders where nobody speaks: cuts, the edges of the clip, and between far ones the quietest instants."""
        low = low + PAD_AFTER if index else low
        high = high - PAD_BEFORE if index < len(self.words) else high
        marks = [(t, "cut") for t in self.cuts[bisect_left(self.cuts, low) : bisect_right(self.cuts, high)]]
        marks = ([(0.0, "edge")] if index == 0 else []) + marks
        marks += [(high, "edge")] if index == len(self.words) else []
        out: list[Border] = []
        at = low
        for t, kind in [*marks, (high, "")]:
            while t - at > 2 * self._grid:
                at = self._calmest(at + self._grid / 2, at + 1.5 * self._grid)
                out.append(Border(at, "quiet", index))
            if kind and (not out or t - out[-1].t >= self._spacing or kind == "edge"):
                out.append(Border(t, kind, index))
            at = max(at, t)
        return out

    def _calmest(self, low: float, high: float) -> float:
        times = [low + i * STEP for i in range(max(1, int((high - low) / STEP)))]
        return min(times, key=lambda t: (round(self.calm.mean(t, t + STEP), 1), abs(t - (low + high) / 2)))
