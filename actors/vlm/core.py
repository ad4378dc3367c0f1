"""Which spans of a clip can stand alone: borders, candidate spans, a visible score, the best set without overlap.

The score is a weighted sum of eight parts, each from 0 to 1 (WEIGHTS); a part that the clip cannot have (loudness
without sound, speech without a transcript) is absent and its weight goes to the others. The set is chosen by weighted
interval scheduling (Kleinberg and Tardos, Algorithm Design, section 6.1) with a fixed count.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from actors.vlm.ports import STEP, Sight
from contracts.media import Moment, ScorePart, Transcript

__all__ = ["DEFAULT_WANTED", "METHOD", "choose"]

METHOD = "local/1"
DEFAULT_WANTED = 4
OFFERED = 8
"""Moments offered where the length allows, so that a rule or a person has a choice."""
LONGEST, IDEAL, NORMAL, SHORTEST, LEAST = 60.0, (20.0, 45.0), 15.0, 5.0, 1.0
"""Seconds: longest moment, ideal range, shortest one where there is room, shortest, shortest clip worth a moment."""
MINIMA = (NORMAL, 12.5, 10.0, 8.5, 7.0, 6.0, SHORTEST)
WEIGHTS = {
    "hook": 0.20, "completeness": 0.20, "energy": 0.15, "pace": 0.10, "length": 0.10, "face": 0.10, "motion": 0.08,
    "novelty": 0.07,
}  # fmt: skip
PAD_BEFORE, PAD_AFTER = 0.15, 0.3
"""Seconds left before the first word and after the last one, where nobody speaks."""
PAUSE, GAP, HOOK_S = 0.35, 2.0, 3.0
"""Seconds: a pause between words, a stretch without speech, the time in which a viewer stays or leaves."""
BORDER = {"sentence": 1.0, "edge": 0.8, "cut": 0.8, "pause": 0.4, "quiet": 0.4, "word": 0.1}
"""How well a moment starts or ends at a border of this kind."""
MOST_SPANS, MOST_ENDS = 20_000, 20
HOOKS, NUMBERS, DANGLING = (
    frozenset(words.split())
    for words in (
        """why how what never nobody nothing secret actually but however wrong mistake truth instead except worst
        best stop warum wie was nie niemand geheimnis aber falsch fehler wahrheit pourquoi comment jamais personne
        mais erreur nunca nadie secreto pero verdad porque cómo""",
        """two three four five six seven eight nine ten hundred thousand million billion half double twice percent first
        zwei drei vier fünf zehn hundert tausend deux trois quatre cinq dix cent mille
        dos tres cuatro cinco diez cien""",
        """and but or so because which that then also he she it they them his her their this these those there
        und oder aber weil er sie es et ou mais donc il elle ils y o pero él ella""",
    )
)
"""Words that hold a viewer, count something, or point back to what was said (English, German, French, Spanish)."""
_CLOSING = "'\"\u201d\u2019)]"
_END = re.compile(rf"[.?!\u2026\u3002\uff01\uff1f][{re.escape(_CLOSING)}]*$")
_BARE = re.compile(r"^\W+|\W+$")
_UNSPACED = ("zh", "ja", "th", "yue", "lo", "km", "my")


@dataclass(frozen=True)
class _Word:
    start: float
    end: float
    text: str
    opens: bool
    closes: bool


@dataclass(frozen=True)
class _Border:
    """A time at which a span may start or end; `word` is the index of the first word behind it."""

    t: float
    kind: str
    word: int


@dataclass(frozen=True)
class _Span:
    start: _Border
    end: _Border
    score: float

    @property
    def length(self) -> float:
        return self.end.t - self.start.t


def choose(
    sight: Sight, transcript: Transcript | None, *, duration: float, wanted: int, title: str
) -> tuple[Moment, ...]:
    """The best moments, best first; none overlaps another, none starts or ends inside a word.

    `duration`: seconds of the clip as promised; the shorter of it and what was seen counts. `wanted`: how many are
    needed; more are offered where there is room. `title`: of the clip, for moments in which nothing is said.
    """
    whole = min(duration, sight.duration) if sight.duration else duration
    clip = _Clip(sight, transcript, whole, wanted, title)
    if whole < LEAST:
        return ()
    if whole <= SHORTEST:
        chosen = [clip.whole()]
    else:
        chosen = _needed(clip, wanted)
        if len(chosen) < OFFERED and whole >= wanted * NORMAL:
            chosen += _best(_free(clip.spans(NORMAL, words=False), chosen), OFFERED - len(chosen))
    moments = [clip.moment(span) for span in chosen or ([clip.whole()] if whole <= LONGEST else [])]
    return tuple(sorted(moments, key=lambda m: (-m.score, m.start)))


def _needed(clip: _Clip, wanted: int) -> list[_Span]:
    """The best set of `wanted` spans. Where they do not fit, the minimum shrinks; then any word is a border."""
    fullest: list[_Span] = []
    for words in (False, True):
        for least in MINIMA:
            if least > SHORTEST and least * wanted > clip.duration:
                continue
            found = _best(clip.spans(least, words=words), wanted)
            if len(found) == wanted:
                return found
            if len(found) > len(fullest):
                fullest = found
    return fullest


def _free(spans: Sequence[_Span], taken: Sequence[_Span]) -> list[_Span]:
    """The spans that overlap none of `taken`."""
    held = sorted((span.start.t, span.end.t) for span in taken)
    starts = [start for start, _ in held]

    def free(span: _Span) -> bool:
        before = bisect_left(starts, span.end.t) - 1
        return before < 0 or held[before][1] <= span.start.t

    return [span for span in spans if free(span)]


def _best(spans: Sequence[_Span], count: int) -> list[_Span]:
    """`count` spans that do not overlap, with the largest sum of scores; as many as fit, if fewer do."""
    spans = sorted(spans, key=lambda s: (s.end.t, s.start.t))
    ends = [span.end.t for span in spans]
    before = [bisect_right(ends, span.start.t, hi=index) for index, span in enumerate(spans)]
    rows = [[0.0] * (len(spans) + 1)]
    while len(rows) <= count:
        last, row = rows[-1], [-math.inf]
        for index, span in enumerate(spans):
            row.append(max(row[-1], last[before[index]] + span.score))
        if row[-1] == -math.inf:
            break
        rows.append(row)
    chosen, index = [], len(spans)
    for row in reversed(rows[1:]):
        while row[index] == row[index - 1]:
            index -= 1
        chosen.append(spans[index - 1])
        index = before[index - 1]
    return chosen


class _Curve:
    """Means of a curve over any span in constant time."""

    def __init__(self, values: Sequence[float]) -> None:
        self.values = values
        self._sums = [0.0, *accumulate(values)]
        ordered = sorted(values)
        self.low = ordered[len(ordered) // 10] if ordered else 0.0
        self.high = ordered[len(ordered) * 9 // 10] if ordered else 0.0

    def mean(self, start: float, end: float) -> float:
        first = min(len(self.values), max(0, int(start / STEP)))
        last = min(len(self.values), max(first + 1, math.ceil(end / STEP)))
        return (self._sums[last] - self._sums[first]) / (last - first) if last > first else 0.0


class _Clip:
    """A clip with everything about it that is asked often, worked out once."""

    def __init__(self, sight: Sight, transcript: Transcript | None, duration: float, wanted: int, title: str) -> None:
        self.duration, self.title = duration, title
        self.words = _spoken(transcript, duration) if transcript else []
        self.joint = "" if transcript and (transcript.language or "").split("-")[0] in _UNSPACED else " "
        self.cuts = [shot.start for shot in sight.shots[1:] if shot.start < duration]
        self.loudness = _Curve([point.lufs for point in sight.loudness])
        self.audible = self.loudness.high > -60
        self.motion, self.face = _Curve(sight.motion), _Curve([min(1.0, value) for value in sight.faces])
        # Seconds between borders where nobody speaks; coarser in very long clips, so that ten hours stay quick.
        self._grid = max(duration / 4000, min(2.5, max(0.5, duration / max(1, wanted) / 6)))
        self._spacing = max(duration / 4000, min(2.5, max(0.25, duration / 2400)))
        self._rises: dict[float, float] = {}
        self._spans: dict[tuple[float, bool], list[_Span]] = {}
        self._rarity = _rarities(self.words)
        self._rare = [0.0, *accumulate(self._rarity)]
        self.starts, self.ends = self._borders()
        self._opening = {border.word: self._hook(border) for border in self.starts}

    # Borders

    def _borders(self) -> tuple[list[_Border], list[_Border]]:
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

    def _end(self, index: int, said: float, after: float) -> _Border:
        room = after - said if index == len(self.words) else (after - said) / 2
        t = said + min(PAD_AFTER, room)
        cut = self._cut_between(said, t)
        return _Border(t if cut is None else cut, self._kind(self.words[index - 1].closes, after - said), index)

    def _start(self, index: int, said: float, after: float) -> _Border:
        room = after - said if index == 0 else (after - said) / 2
        t = after - min(PAD_BEFORE, room)
        cut = self._cut_between(t, after)
        return _Border(t if cut is None else cut, self._kind(self.words[index].opens, after - said), index)

    def _kind(self, sentence: bool, pause: float) -> str:
        if sentence:
            return "sentence"
        return "pause" if pause >= PAUSE else "word"

    def _cut_between(self, low: float, high: float) -> float | None:
        """A cut inside a pad: better to start or end there than to flash the shot beyond it."""
        index = bisect_right(self.cuts, low)
        return self.cuts[index] if index < len(self.cuts) and self.cuts[index] < high else None

    def _quiet(self, index: int, low: float, high: float) -> list[_Border]:
        """Borders where nobody speaks: cuts, the edges of the clip, and between far ones the quietest instants."""
        low = low + PAD_AFTER if index else low
        high = high - PAD_BEFORE if index < len(self.words) else high
        marks = [(t, "cut") for t in self.cuts[bisect_left(self.cuts, low) : bisect_right(self.cuts, high)]]
        marks = ([(0.0, "edge")] if index == 0 else []) + marks
        marks += [(high, "edge")] if index == len(self.words) else []
        out: list[_Border] = []
        at = low
        for t, kind in [*marks, (high, "")]:
            while t - at > 2 * self._grid:
                at = self._calmest(at + self._grid / 2, at + 1.5 * self._grid)
                out.append(_Border(at, "quiet", index))
            if kind and (not out or t - out[-1].t >= self._spacing or kind == "edge"):
                out.append(_Border(t, kind, index))
            at = max(at, t)
        return out

    def _calmest(self, low: float, high: float) -> float:
        curve = self.loudness if self.audible else self.motion
        times = [low + i * STEP for i in range(max(1, int((high - low) / STEP)))]
        return min(times, key=lambda t: (round(curve.mean(t, t + STEP), 1), abs(t - (low + high) / 2)))

    # Candidate spans

    def spans(self, least: float, *, words: bool) -> list[_Span]:
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
            spans = [_Span(start, end, self._score(start, end)) for end in ends[first:last:step]]
            if len(spans) > per_start and len(starts) * MOST_ENDS > MOST_SPANS:
                spans = sorted(spans, key=lambda s: (-s.score, s.end.t))[:per_start]
            out += spans
        self._spans[least, words] = out
        return out

    def whole(self) -> _Span:
        """All of the clip."""
        start, end = _Border(0.0, "edge", 0), _Border(self.duration, "edge", len(self.words))
        self._opening.setdefault(0, self._hook(start))
        return _Span(start, end, self._score(start, end))

    # Score

    def _score(self, start: _Border, end: _Border) -> float:
        total = weights = 0.0
        for name, value in self._values(start, end).items():
            if value is not None:
                total += WEIGHTS[name] * value
                weights += WEIGHTS[name]
        return total / weights

    def _values(self, start: _Border, end: _Border) -> dict[str, float | None]:
        length, said = end.t - start.t, end.word - start.word
        speech = bool(self.words)
        return {
            "hook": self._opening[start.word][0] if speech and said else (0.0 if speech else None),
            "completeness": (self._opens(start) + BORDER[end.kind]) / 2,
            "energy": self._energy(start.t, end.t) if self.audible else None,
            "pace": _ramp(said / length, 0.3, 2.0, 3.6, 6.0) if speech else None,
            "length": _ramp(length, 2.0, *IDEAL, 1.5 * LONGEST),
            "face": self.face.mean(start.t, end.t) if self.face.values else None,
            "motion": min(1.0, self.motion.mean(start.t, end.t) / max(0.05, self.motion.high))
            if self.motion.values
            else None,
            "novelty": self._novelty(start.word, end.word) if said > 0 else None,
        }

    def _opens(self, start: _Border) -> float:
        dangling = start.word < len(self.words) and _bare(self.words[start.word].text) in DANGLING
        return BORDER[start.kind] * (0.4 if dangling and start.kind == "sentence" else 1.0)

    def _energy(self, start: float, end: float) -> float:
        spread = max(3.0, self.loudness.high - self.loudness.low)
        level = (self.loudness.mean(start, end) - self.loudness.low) / spread
        rise = self._rises.get(start)
        if rise is None:
            rise = self.loudness.mean(start, start + HOOK_S) - self.loudness.mean(max(0.0, start - HOOK_S), start)
            self._rises[start] = rise
        return 0.75 * _unit(level) + 0.25 * _unit(rise / 12)

    def _novelty(self, first: int, last: int) -> float:
        mean = (self._rare[last] - self._rare[first]) / (last - first)
        return _unit(0.5 + 4 * (mean - self._rare[-1] / len(self.words)))

    def _hook(self, border: _Border) -> tuple[float, tuple[str, ...]]:
        """How the first three seconds hold a viewer (0 to 1), and by what."""
        found: dict[str, float] = {}
        sentence = ""
        for word in self.words[border.word : border.word + 40]:
            early = word.start - border.t < HOOK_S
            if not early and sentence:
                break
            bare = _bare(word.text)
            if early and (bare in NUMBERS or any(c.isdigit() for c in bare)):
                found["a number"] = 0.4
            if early and bare in HOOKS:
                found.setdefault(f"“{bare}”", 0.5)
            if not sentence and word.closes:
                sentence = word.text
        if sentence.rstrip(_CLOSING).endswith(("?", "\uff1f", "\u061f")):
            found = {"a question": 0.7, **found}
        return min(1.0, sum(found.values())), tuple(found)[:2]

    # Words for people

    def moment(self, span: _Span) -> Moment:
        """The span as it is offered, with every part of its score and the reason in words."""
        values = self._values(span.start, span.end)
        total = sum(WEIGHTS[name] for name, value in values.items() if value is not None)
        parts = tuple(
            ScorePart(
                name=name,
                value=None if value is None else round(value, 3),
                weight=0.0 if value is None else round(WEIGHTS[name] / total, 4),
                why=self._why(name, value, span),
            )
            for name, value in values.items()
        )
        best = sorted(
            (p for p in parts if (p.value or 0) >= 0.5 and p.name != "length"), key=lambda p: -(p.value or 0) * p.weight
        )
        reasons = ", ".join(part.why for part in best[:3]) or "nothing stands out, but it can stand alone"
        words = self.words[span.start.word : span.end.word]
        return Moment(
            start=round(span.start.t, 3),
            end=round(span.end.t, 3),
            score=round(span.score, 4),
            reason=f"{reasons[0].upper()}{reasons[1:]}; {span.length:.0f} s from {_clock(span.start.t)}.",
            title=self._title(span),
            text=self.joint.join(word.text for word in words),
            parts=parts,
        )

    def _why(self, name: str, value: float | None, span: _Span) -> str:
        start, end = span.start.t, span.end.t
        if value is None:
            return {"energy": "there is no sound", "novelty": "nothing is said here"}.get(
                name, "not known for this clip"
            )
        if name == "hook":
            return (
                f"opens with {_listed(list(self._opening[span.start.word][1]))}"
                if value
                else "no hook in the first 3 s"
            )
        if name == "completeness":
            return f"starts {_AT[span.start.kind]} and ends {_AT[span.end.kind]}"
        if name == "energy":
            usual = self.loudness.mean(0, self.duration)
            return f"sound at {self.loudness.mean(start, end):.0f} LUFS where the clip has {usual:.0f}"
        if name == "pace":
            return f"{(span.end.word - span.start.word) / span.length:.1f} words a second"
        if name == "length":
            return f"{span.length:.1f} s long"
        if name == "face":
            return f"a face in {100 * value:.0f} % of the pictures"
        if name == "motion":
            times = self.motion.mean(start, end) / max(1e-9, self.motion.mean(0, self.duration))
            return f"{times:.1f} times the clip's usual motion"
        return f"{'rarer' if value > 0.5 else 'more common'} words than in the rest"

    def _title(self, span: _Span) -> str:
        """The strongest sentence: informative, with a hook, of 4 to 14 words. Else the clip's title and the time."""
        best, sentence, first = (-1.0, ""), [], span.start.word
        for index in range(span.start.word, span.end.word):
            sentence.append(self.words[index].text)
            if self.words[index].closes or index == span.end.word - 1:
                hook = self._hook(_Border(self.words[first].start, "sentence", first))[0]
                rare = (self._rare[index + 1] - self._rare[first]) / (index + 1 - first)
                worth = 0.5 * hook + rare + _ramp(len(sentence), 1, 4, 14, 40)
                best = max(best, (worth, self.joint.join(sentence)), key=lambda pair: pair[0])
                sentence, first = [], index + 1
        when = f" at {_clock(span.start.t)}"
        return _trimmed(best[1].rstrip(" .,;:"), 80) or _trimmed(self.title, 80 - len(when)) + when


_AT = {
    "sentence": "with a sentence", "edge": "at the edge of the clip", "cut": "at a cut",
    "pause": "at a pause", "quiet": "where it is calm", "word": "between two words",
}  # fmt: skip


def _spoken(transcript: Transcript, duration: float) -> list[_Word]:
    """The words inside the clip in order of time, with the borders of their sentences."""
    opens = {sentence.first for sentence in transcript.sentences}
    closes = {sentence.last for sentence in transcript.sentences}
    out = []
    for index, word in enumerate(transcript.words):
        if word.start >= duration or not word.text:
            continue
        ends = index in closes if closes else bool(_END.search(word.text))
        begins = index in opens if opens else index == 0 or bool(_END.search(transcript.words[index - 1].text))
        out.append(_Word(word.start, min(max(word.start, word.end), duration), word.text, begins, ends))
    return sorted(out, key=lambda word: (word.start, word.end))


def _rarities(words: Sequence[_Word]) -> list[float]:
    """How rare each word is in this clip, from 0 (always there) to 1 (said once): log(n / count) / log(n)."""
    bare = [_bare(word.text) for word in words]
    counts, total = Counter(bare), math.log(max(2, len(bare)))
    return [math.log(max(2, len(bare)) / counts[word]) / total if len(word) > 2 else 0.0 for word in bare]


def _bare(text: str) -> str:
    return _BARE.sub("", text.lower())


def _ramp(value: float, zero: float, low: float, high: float, end: float) -> float:
    """0 up to `zero`, rising to 1 at `low`, 1 until `high`, falling to 0 at `end`."""
    if value < low:
        return _unit((value - zero) / (low - zero))
    return 1.0 if value <= high else _unit((end - value) / (end - high))


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))


def _listed(items: Sequence[str]) -> str:
    return ", ".join(items[:-1]) + " and " + items[-1] if len(items) > 1 else "".join(items)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    hours = f"{whole // 3600}:{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return f"{hours}:{whole % 60:02d}"


def _trimmed(text: str, most: int) -> str:
    """At most `most` characters, cut at a word border."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return (head[: head.rfind(" ")] if " " in head else head).rstrip(" ,;:-") + "…"
