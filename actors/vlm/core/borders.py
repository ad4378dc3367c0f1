"""Where a moment may start and end: around sentences and pauses, and where nobody speaks at cuts and calm instants."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from actors.vlm.core.curve import Curve
from actors.vlm.core.scenes import Scenes
from actors.vlm.core.speech import PAUSE, SILENCE
from actors.vlm.core.standing import NONE, Flaw, Standing
from actors.vlm.ports import STEP

__all__ = ["BORDER", "Border", "borders"]

PAD_BEFORE, PAD_AFTER = 0.15, 0.3
"""Seconds left before the first word and after the last one, where nobody speaks."""
REACH = 0.8
"""Seconds from a word to a cut at which it is better to start or end."""
NEAR = 5.0
"""Seconds within which what is said behind a silent start, or before a silent end, must stand alone."""
BORDER = {"sentence": 1.0, "fade": 1.0, "edge": 0.8, "cut": 0.8, "pause": 0.4, "quiet": 0.4, "word": 0.1}
"""How well a moment starts or ends at a border of this kind."""
_MIDDLE = Flaw(1.0, "starts or ends within a sentence")


@dataclass(frozen=True, slots=True)
class Border:
    """A time at which a span may start or end; `word` is the index of the first word behind it.

    `pause`: seconds without speech around it. `reaction`: what is heard between the last word and it.
    """

    t: float
    kind: str
    word: int
    flaw: Flaw = NONE
    pause: float = 0.0
    reaction: str = ""

    @property
    def level(self) -> int:
        """0: stands alone; 1: at a pause, within a shot, or with something missing; 2: between any two words."""
        return 2 if self.kind == "word" else int(self.kind in {"pause", "quiet"} or self.flaw.size >= 1)


def borders(
    standing: Standing, scenes: Scenes, calm: Curve, duration: float, wanted: int, *, words: bool
) -> tuple[list[Border], list[Border]]:
    """Where a span may start, and where it may end, in order of time.

    `calm`: low where a cut disturbs the least. `words`: between any two words too.
    """
    return _Finder(standing, scenes, calm, duration, wanted).borders(words=words)


class _Finder:
    def __init__(self, standing: Standing, scenes: Scenes, calm: Curve, duration: float, wanted: int) -> None:
        self.standing, self.speech, self.words, self.scenes = standing, standing.speech, standing.speech.words, scenes
        self.calm, self.duration = calm, duration
        # Seconds between borders where nobody speaks; coarser in very long clips, so that ten hours stay quick.
        self._grid = max(duration / 4000, min(2.5, max(0.5, duration / max(1, wanted) / 6)))
        self._spacing = max(duration / 4000, min(2.5, max(0.25, duration / 2400)))

    def borders(self, *, words: bool) -> tuple[list[Border], list[Border]]:
        """Where a span may start, and where it may end, in order of time."""
        starts, ends, said = [], [], 0.0
        for index in range(len(self.words) + 1):
            after = self.words[index].start if index < len(self.words) else self.duration
            if index and (words or self._may_end(index, after - said)):
                ends.append(self._end(index, said, after))
            if index < len(self.words) and (words or self._may_start(index, after - said)):
                starts.append(self._start(index, said, after))
            if after - said >= SILENCE or not self.words:
                starts += self._quiet(index, said, after, self.scenes.starts, start=True)
                ends += self._quiet(index, said, after, self.scenes.ends, start=False)
            if index < len(self.words):
                said = self.words[index].end
        return sorted(starts, key=_order), sorted(ends, key=_order)

    # Around words

    def _may_start(self, index: int, pause: float) -> bool:
        """Whether a border before this word is more than one between any two words."""
        first = self.speech.sentences[self.speech.place[index]].first
        return pause >= PAUSE or first == index or self.words[index - 1].filler

    def _may_end(self, index: int, pause: float) -> bool:
        return pause >= PAUSE or self.speech.sentences[self.speech.place[index - 1]].last == index - 1

    def _start(self, index: int, said: float, after: float) -> Border:
        """Before a word. Fillers at the head of a sentence may be left out."""
        number, pause = self.speech.place[index], after - said
        sentence = self.speech.sentences[number]
        begins = all(self.words[before].filler for before in range(sentence.first, index))
        whole = begins and (number == 0 or self.speech.sentences[number - 1].full)
        flaw = self.standing.needs[number] if whole else _MIDDLE
        if whole and self.words[index].filler and not flaw.size:
            flaw = Flaw(0.3, f"starts with \u201c{self.words[index].text}\u201d")
        cut = self.scenes.last_start(max(said, after - REACH), after)
        t = after - min(PAD_BEFORE, pause if index == 0 else pause / 2) if cut is None else cut
        return Border(t, self._kind(whole, pause), index, flaw, pause)

    def _end(self, index: int, said: float, after: float) -> Border:
        """Behind a word, with the laughter and applause that follow it."""
        number, pause, last = self.speech.place[index - 1], after - said, index == len(self.words)
        sentence = self.speech.sentences[number]
        whole = sentence.last == index - 1 and sentence.full
        flaw = self.standing.opens[number] if whole else _MIDDLE
        room = pause if last else pause / 2
        until, reaction = self.scenes.reaction_after(said, after if last else after - min(PAD_BEFORE, room))
        if reaction:
            return Border(until, self._kind(whole, pause), index, flaw, pause, reaction)
        cut = self.scenes.faded_out(said, after) or self.scenes.first_end(said, min(after, said + REACH))
        t = said + min(PAD_AFTER, room) if cut is None else cut
        return Border(t, self._kind(whole, pause), index, flaw, pause)

    def _kind(self, whole: bool, pause: float) -> str:
        if whole:
            return "sentence"
        return "pause" if pause >= PAUSE else "word"

    # Where nobody speaks

    def _quiet(
        self, index: int, said: float, after: float, marks: Sequence[tuple[float, str]], *, start: bool
    ) -> list[Border]:
        """Cuts, fades, the edges of the clip, and between far ones the quietest instants."""
        first, last = index == 0, index == len(self.words)
        low, high = (said if first else said + PAD_AFTER), (after if last else after - PAD_BEFORE)
        times = marks[bisect_left(marks, (low, "")) : bisect_right(marks, (high, "~"))]
        times = [*([(0.0, "edge")] if first else []), *times, *([(high, "edge")] if last else [])]
        number = self.speech.place[index if start else index - 1] if self.words else 0
        out: list[Border] = []
        at = low
        for t, kind in [*times, (high, "")]:
            while t - at > 2 * self._grid:
                at = self._calmest(at + self._grid / 2, at + 1.5 * self._grid)
                out.append(Border(at, "quiet", index))
            if kind and (not out or t - out[-1].t >= self._spacing or kind == "edge"):
                out.append(Border(t, kind, index))
            at = max(at, t)
        return [self._beside_speech(border, number, start=start) for border in out]

    def _beside_speech(self, border: Border, number: int, *, start: bool) -> Border:
        """What is said next, or was said last, must stand alone too if it is near."""
        if start:
            near = border.word < len(self.words) and self.words[border.word].start - border.t < NEAR
        else:
            near = border.word > 0 and border.t - self.words[border.word - 1].end < NEAR
        if not near:
            return border
        sentence = self.speech.sentences[number]
        if start:
            whole = sentence.first == border.word and (number == 0 or self.speech.sentences[number - 1].full)
            flaw = self.standing.needs[number] if whole else _MIDDLE
        else:
            whole = sentence.last == border.word - 1 and sentence.full
            flaw = self.standing.opens[number] if whole else _MIDDLE
        return replace(border, flaw=flaw)

    def _calmest(self, low: float, high: float) -> float:
        times = [low + i * STEP for i in range(max(1, int((high - low) / STEP)))]
        return min(times, key=lambda t: (round(self.calm.mean(t, t + STEP), 1), abs(t - (low + high) / 2)))


def _order(border: Border) -> tuple[float, float]:
    return border.t, -BORDER[border.kind]
