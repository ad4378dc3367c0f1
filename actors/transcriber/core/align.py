"""Words of captions fitted to the energy of the sound. Pure.

Dynamic programming over the borders of words (Viterbi on segments of explicit duration: Ostendorf, Digalakis
and Kimball, “From HMMs to segment models”, 1996), with energy in place of an acoustic model: a word wants to be as long
as its syllables at the speed of its speaker, a pause wants to lie between two words and rather behind a comma, a voice
wants to be inside of one, and a caption wants to begin about when it is shown. Where the sound does not tell voices
from pauses only the captions and the syllables count.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from actors.transcriber.core.cues import Line, spread
from actors.transcriber.core.envelope import RATE, Envelope
from actors.transcriber.core.syllables import seconds_of
from contracts.media import Word
from contracts.text import CLAUSE_ENDS, CLOSING, SENTENCE_ENDS

__all__ = ["aligned"]

# Costs are negative log likelihoods up to a constant; times are hundredths of a second.
_LENGTH_SPREAD = 0.4  # of the logarithm of a word's length
_PAUSE_INSIDE = 0.05  # for each hundredth of silence in a word
_VOICE_OUTSIDE = 0.06  # for each hundredth of voice in none
_GAP, _GAP_BEHIND_MARK = 2.0, -0.3
_NO_GAP_BEHIND_STOP = 0.7
_SHOWN_SPREAD = 20.0
_SHOWN_MOST = 8.0
_GRID = 8
_DRAWN_OUT = 1.25
_WINDOW, _WINDOW_SHARE, _WIDEST = 60, 0.3, 200
_LONGEST_PASSAGE = 60  # words
_BREAK = 150
_PAD = 120
_SLOWEST, _FASTEST = 2.0, 0.5
_STOPS = frozenset(SENTENCE_ENDS + CLAUSE_ENDS)
_INFINITE = float("inf")


def aligned(lines: Sequence[Line], sound: Envelope, language: str | None = None) -> list[Word]:
    """The words of captions, in their order, with times fitted to the sound. `language`: a BCP 47 tag."""
    words: list[Word] = []
    free = 0
    for passage in _passages(lines):
        found = _Passage.of(passage, sound, language, free).solved()
        words += found
        free = max([free, *(math.ceil(word.end * RATE) for word in found)])
    return words


def _passages(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Captions that follow each other closely, and not too many of them."""
    passage: list[Line] = []
    count = 0
    for line in lines:
        if passage and (count >= _LONGEST_PASSAGE or (line.start - passage[-1].end) * RATE >= _BREAK):
            yield passage
            passage, count = [], 0
        passage.append(line)
        count += len(line.words)
    if passage:
        yield passage


@dataclass(frozen=True)
class _Border:
    """Where one word ends and the next begins: the times that come into question, and what is known of it."""

    times: list[int]
    shown: int | None  # when the caption is shown that begins here
    over: int | None  # when the caption is over that ends here
    marked: bool  # behind a comma
    stopped: bool  # behind a full stop


@dataclass(frozen=True)
class _Sound:
    """A part of the sound: sums of its voices and of its pauses, from its begin on."""

    begin: int
    voice: list[int]
    pause: list[int]
    edges: list[int]

    @classmethod
    def of(cls, sound: Envelope, begin: int, end: int) -> _Sound:
        voice, known = sound.marks(begin, end)
        silent = bytes(k & ~v & 1 for v, k in zip(voice, known, strict=True))
        told = bytes(k & v for v, k in zip(voice, known, strict=True))
        edges = [begin + i for i in range(1, len(voice)) if voice[i] != voice[i - 1]]
        return cls(begin, [0, *accumulate(told)], [0, *accumulate(silent)], edges)

    def voiced(self, a: int, b: int) -> int:
        return self.voice[self._at(b)] - self.voice[self._at(a)]

    def silent(self, a: int, b: int) -> int:
        return self.pause[self._at(b)] - self.pause[self._at(a)]

    def _at(self, time: int) -> int:
        place = time - self.begin
        return 0 if place < 0 else place if place < len(self.voice) else -1


@dataclass(frozen=True)
class _Passage:
    lines: list[Line]
    sound: _Sound
    language: str | None
    lengths: list[float]  # of its words, at the speed of its speaker
    borders: list[_Border]

    @classmethod
    def of(cls, lines: list[Line], envelope: Envelope, language: str | None, free: int) -> _Passage:
        first, last = round(lines[0].start * RATE), round(lines[-1].end * RATE)
        sound = _Sound.of(envelope, max(free, first - _PAD), max(free, min(last + _PAD, len(envelope.levels))))
        raw = [_hundredths(text, language) for line in lines for text, _ in line.words]
        heard = sound.voiced(first - _PAD // 4, last + _PAD // 4)
        speed = min(max(heard / sum(raw), _FASTEST), _SLOWEST) if heard > 0.3 * sum(raw) else 1.0
        lengths = [length * speed for length in raw]
        return cls(lines, sound, language, lengths, list(_borders(lines, sound, lengths)))

    def solved(self) -> list[Word]:
        """The best way; as the captions say where there is none."""
        path = self._best()
        if path is None:
            return [word for line in self.lines for word in spread(line.words, line.start, line.end, self.language)]
        texts = [text for line in self.lines for text in line.words]
        words: list[Word] = []
        run = 0
        for n in range(len(texts)):
            ends = n + 1 == len(texts) or path[n + 1][0] != path[n][1] or self.borders[n + 1].shown is not None
            if ends:
                words += spread(texts[run : n + 1], path[run][0] / RATE, path[n][1] / RATE, self.language)
                run = n + 1
        return words

    def _best(self) -> list[tuple[int, int]] | None:
        """Begin and end of each word."""
        sound = self.sound
        starts = self._first()
        backs: list[tuple[list[int], list[int]]] = []
        for n, length in enumerate(self.lengths):
            border = self.borders[n + 1]
            ends, came = self._ended(starts, self.borders[n].times, border, length)
            if min(ends, default=_INFINITE) == _INFINITE:
                return None
            if n + 1 < len(self.lengths):
                starts, left = self._begun(ends, border)
                backs.append((came, left))
            else:
                tail = [
                    cost + _VOICE_OUTSIDE * sound.voiced(t, border.times[-1])
                    for cost, t in zip(ends, border.times, strict=True)
                ]
                at = tail.index(min(tail))
                return self._traced(backs, came, at)
        return None

    def _first(self) -> list[float]:
        border = self.borders[0]
        return [self._shown(border, t) + _VOICE_OUTSIDE * self.sound.voiced(border.times[0], t) for t in border.times]

    def _shown(self, border: _Border, time: int) -> float:
        return 0.0 if border.shown is None else min(((time - border.shown) / _SHOWN_SPREAD) ** 2 / 2, _SHOWN_MOST)

    def _ended(
        self, starts: list[float], times: list[int], border: _Border, length: float
    ) -> tuple[list[float], list[int]]:
        """Least costs of a word that ends at each time of its border, and the begin that it then has."""
        at, pause = self.sound._at, self.sound.pause
        before = [cost - _PAUSE_INSIDE * pause[at(t)] for t, cost in zip(times, starts, strict=True)]
        ends: list[float] = []
        came: list[int] = []
        reach = int(4 * length + 20)  # whole, as times are: in `end - reach` a fraction could be rounded away
        lasting = [0.0, *[(math.log(n / length) / _LENGTH_SPREAD) ** 2 / 2 for n in range(1, reach + 1)]]
        for end in border.times:
            first, behind = bisect_left(times, end - reach), bisect_right(times, end - 3)
            costs = [cost + lasting[end - t] for t, cost in zip(times[first:behind], before[first:behind], strict=True)]
            least = min(costs, default=_INFINITE)
            back = first + costs.index(least) if costs else -1
            best = least + _PAUSE_INSIDE * pause[at(end)]
            if border.over is not None and end > border.over:
                best += min(((end - border.over) / _SHOWN_SPREAD) ** 2 / 2, _SHOWN_MOST)
            ends.append(best)
            came.append(back)
        return ends, came

    def _begun(self, ends: list[float], border: _Border) -> tuple[list[float], list[int]]:
        """Least costs of the next word that begins at each time of the border, and the end of the word before it."""
        gap = _GAP_BEHIND_MARK if border.marked else _GAP
        voice, at = self.sound.voice, self.sound._at
        starts: list[float] = []
        left: list[int] = []
        best, back = _INFINITE, -1
        for i, (time, end) in enumerate(zip(border.times, ends, strict=True)):
            voiced = _VOICE_OUTSIDE * voice[at(time)]
            apart, close = best + voiced + gap, end + (_NO_GAP_BEHIND_STOP if border.stopped else 0.0)
            cost, came = (close, i) if close <= apart else (apart, back)
            starts.append(cost + self._shown(border, time))
            left.append(came)
            if end - voiced < best:
                best, back = end - voiced, i
        return starts, left

    def _traced(self, backs: list[tuple[list[int], list[int]]], came: list[int], at: int) -> list[tuple[int, int]]:
        path: list[tuple[int, int]] = []
        for n in range(len(self.lengths) - 1, -1, -1):
            begin = came[at]
            path.append((self.borders[n].times[begin], self.borders[n + 1].times[at]))
            if n:
                came, left = backs[n - 1]
                at = left[begin]
        return path[::-1]


def _hundredths(text: str, language: str | None) -> float:
    """Mean length of a word; drawn out before a mark, as phrases end (Klatt, 1976)."""
    length = max(seconds_of(text, language), 0.05) * RATE
    return length * _DRAWN_OUT if _last(text) in _STOPS else length


def _last(text: str) -> str:
    """The mark behind a word, a space if there is none."""
    return text.rstrip(CLOSING)[-1:] or " "


def _borders(lines: list[Line], sound: _Sound, lengths: list[float]) -> Iterator[_Border]:
    """Times around where a border is expected: a grid, and every edge of a voice."""
    n = 0
    before: Line | None = None
    for line in lines:
        start, end = round(line.start * RATE), round(line.end * RATE)
        share = lengths[n : n + len(line.words)]
        expected = _expected(share, start, end, sound)
        for i, time in enumerate(expected):
            text = line.words[i - 1][0] if i else (before.words[-1][0] if before else "")
            window = min(_WINDOW + _WINDOW_SHARE * min(time - start, max(0, end - time)), _WIDEST)
            if i < len(share):
                over = round(before.end * RATE) if before and not i else None
                yield _border(time, window, sound, start if not i else None, over, text)
        n += len(line.words)
        before = line
    if before is not None:
        end = round(before.end * RATE)
        yield _border(expected[-1], _WINDOW * 1.5, sound, None, end, before.words[-1][0])


def _border(time: float, window: float, sound: _Sound, shown: int | None, over: int | None, text: str) -> _Border:
    low = max(sound.begin, round(time - window))
    high = max(low, round(time + window))
    edges = sound.edges[bisect_left(sound.edges, low) : bisect_right(sound.edges, high)]
    mark = _last(text)
    times = sorted({*range(low, high + 1, _GRID), *edges})
    return _Border(times, shown, over, mark in _STOPS, mark in SENTENCE_ENDS)


def _expected(lengths: list[float], start: int, end: int, sound: _Sound) -> list[float]:
    """Borders of a caption's words if they share out its voices; where there are too few of them, its time."""
    total = sum(lengths)
    voiced = sound.voiced(start, end)
    sums = [0.0, *accumulate(lengths)]
    if voiced < 0.4 * total:
        until = min(end, start + 1.3 * total)
        return [start + (until - start) * done / total for done in sums]
    base = sound.voice[sound._at(start)]
    times: list[float] = []
    for done in sums:
        found = bisect_left(sound.voice, base + voiced * done / total)
        times.append(min(max(float(sound.begin + found), float(start)), float(end)))
    return times
