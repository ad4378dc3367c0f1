"""Which words are shown together, in which lines, and on which frames. Times are seconds; widths of any unit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, zip_longest

from actors.renderer.core.glue import atoms, dangling, ends_sentence
from actors.renderer.core.words import Said, SpokenWord
from contracts.text import CLAUSE_ENDS, columns, joined, spaced

__all__ = ["CaptionState", "Page", "Room", "caption_pages", "caption_states", "lines_of"]

MAX_PAUSE = 0.6
LINGER = 0.35
BRIDGED = 0.25
"""Seconds without captions that are too short to be anything but a flicker."""
SHORTEST = 0.3
INFINITE = math.inf

PAGE_COST, DANGLING_COST, SENTENCE_COST, CLAUSE_COST, PAUSE_COST, SHORT_COST = 0.3, 1.2, 5.0, 0.9, 0.6, 9.0
"""What a page costs against an empty one (1): each page, an article at its end, the end of a sentence or a clause or a
pause of a quarter of a second inside, and being seen too briefly."""


@dataclass(frozen=True)
class Room:
    """How much fits on a page: the width of a line, that of a space, lines, and words."""

    width: float = 20
    space: float = 1
    lines: int = 1
    words: int = 4


@dataclass(frozen=True)
class Page:
    """Words that are shown together."""

    words: tuple[SpokenWord, ...]
    end: float
    lines: tuple[int, ...] = ()
    """Number of words in each line, from the top."""
    first: int = 0
    """Place of its first word among all words."""

    @property
    def start(self) -> float:
        """When it appears."""
        return self.words[0].start

    @property
    def text(self) -> str:
        """Its words as a line."""
        return joined([word.text for word in self.words])

    @property
    def spaces(self) -> tuple[bool, ...]:
        """For each word, whether a space stands before it."""
        return _spaces([word.text for word in self.words])


@dataclass(frozen=True)
class CaptionState:
    """Frames `first` to `last` (exclusive) show `page` with word `active` lit; None: no word is being said."""

    first: int
    last: int
    page: int
    active: int | None


def caption_pages(
    words: Sequence[Said],
    duration: float,
    room: Room = Room(),
    widths: Sequence[float] | None = None,  # frozen
) -> tuple[Page, ...]:
    """The words in pages: the cheapest division (see the costs above), found by dynamic programming.

    Pages end at pauses over 0.6 s and, where they are not too short then, with sentences. Quantities are never parted
    (`glue.atoms`); no page is wider than its room but for a single quantity. A page stays a moment after its last
    word, into the next one where the gap would be a flicker. `widths`: of each word; absent: its columns of text.
    """
    said = [SpokenWord(word.text, word.start, word.end) for word in words]
    sizes = list(widths) if widths is not None else [float(columns(word.text)) for word in said]
    spaces = _spaces([word.text for word in said])
    groups = _divided(said, sizes, spaces, room, duration)
    pages = []
    for (first, last), following in zip_longest(groups, groups[1:]):
        limit = said[following[0]].start if following else duration
        end = min(said[last - 1].end + LINGER, limit)
        end = limit if following and limit - end < BRIDGED else end
        lines = lines_of(said[first:last], sizes[first:last], spaces[first:last], room)
        pages.append(Page(tuple(said[first:last]), max(end, said[last - 1].end), lines, first))
    return tuple(pages)


def _spaces(texts: Sequence[str]) -> tuple[bool, ...]:
    return (False, *(spaced(before, text) for before, text in pairwise(texts))) if texts else ()


def _divided(
    said: Sequence[SpokenWord], sizes: Sequence[float], spaces: Sequence[bool], room: Room, duration: float
) -> list[tuple[int, int]]:
    """First and last (exclusive) word of every page."""
    groups = atoms([word.text for word in said])
    best: list[tuple[float, int]] = [(0.0, 0)]
    for stop in range(1, len(groups) + 1):
        found = (INFINITE, stop - 1)
        for start in range(stop - 1, -1, -1):
            first, last = groups[start][0], groups[stop - 1][1]
            if stop - start > 1 and not _may_join(said, groups, start, stop, room):
                break
            lines = lines_of(said[first:last], sizes[first:last], spaces[first:last], room)
            if stop - start > 1 and not lines:
                break
            price = best[start][0] + _price(said, sizes, (first, last), lines, room, duration)
            if price < found[0]:
                found = (price, start)
        best.append(found)
    pages: list[tuple[int, int]] = []
    stop = len(groups)
    while stop:
        start = best[stop][1]
        pages.append((groups[start][0], groups[stop - 1][1]))
        stop = start
    return pages[::-1]


def _may_join(said: Sequence[SpokenWord], groups: Sequence[tuple[int, int]], start: int, stop: int, room: Room) -> bool:
    """Whether the first group of a page may stand with the ones behind it."""
    behind = groups[start + 1][0]
    return (
        groups[stop - 1][1] - groups[start][0] <= room.words and said[behind].start - said[behind - 1].end <= MAX_PAUSE
    )


def _price(
    said: Sequence[SpokenWord],
    sizes: Sequence[float],
    span: tuple[int, int],
    lines: Sequence[int],
    room: Room,
    duration: float,
) -> float:
    first, last = span
    filled = min(1.0, sum(sizes[first:last]) / (room.width * room.lines), 1.0)
    filled = max(filled, (last - first) / room.words)
    price = PAGE_COST + (1 - filled) ** 2
    for n in range(first, last - 1):
        word = said[n].text
        price += SENTENCE_COST if ends_sentence(word) else CLAUSE_COST if word.endswith(CLAUSE_ENDS) else 0.0
        price += PAUSE_COST if said[n + 1].start - said[n].end > BRIDGED else 0.0
    if last < len(said) and dangling(said[last - 1].text) and said[last].start - said[last - 1].end <= MAX_PAUSE:
        price += DANGLING_COST
    if last < len(said) and not ends_sentence(said[last - 1].text) and said[last - 1].text[-1:] not in ",;:":
        price += 0.05  # a break where the language has one is better than any other
    until = said[last].start if last < len(said) else duration
    seen = min(until, said[last - 1].end + LINGER) - said[first].start
    return price + SHORT_COST * max(0.0, 1 - seen / SHORTEST)


def lines_of(said: Sequence[Said], sizes: Sequence[float], spaces: Sequence[bool], room: Room) -> tuple[int, ...]:
    """Number of words in each line: as few lines as hold them, nearly even, no quantity parted.

    Empty where it takes more lines than there may be. A word that is wider than a line has one of its own.
    """
    gaps = [room.space * space for space in spaces]
    ends = [0, *accumulate(size + gap for size, gap in zip(sizes, gaps, strict=True))]

    def wide(first: int, last: int) -> float:
        return ends[last] - ends[first] - (gaps[first] if first < last else 0.0)

    count = len(said)
    if wide(0, count) <= room.width or count == 1:
        return (count,) if count == 1 or wide(0, count) <= room.width else ()
    groups = atoms([word.text for word in said])
    if len(groups) == 1:
        return (count,)
    borders = [group[0] for group in groups] + [count]
    return _broken(said, borders, wide, room)


def _broken(
    said: Sequence[Said], borders: Sequence[int], wide: Callable[[int, int], float], room: Room
) -> tuple[int, ...]:
    """The division with the least sum of squares of what lines leave free; an article at an end of line costs too."""
    for most in range(2, room.lines + 1):
        table: dict[tuple[int, int], tuple[float, tuple[int, ...]]] = {(0, 0): (0.0, ())}
        for row in range(1, most + 1):
            for stop in range(1, len(borders)):
                options = []
                for start in range(stop):
                    if (start, row - 1) not in table:
                        continue
                    width = wide(borders[start], borders[stop])
                    if width > room.width and stop - start > 1:
                        continue
                    lean = stop < len(borders) - 1 and dangling(said[borders[stop] - 1].text)
                    free = (max(0.0, 1 - width / room.width)) ** 2 + (0.08 if lean else 0.0)
                    cost, lines = table[start, row - 1]
                    options.append((cost + free, (*lines, borders[stop] - borders[start])))
                if options:
                    table[stop, row] = min(options)
        if (found := table.get((len(borders) - 1, most))) is not None:
            return found[1]
    return ()


def caption_states(pages: Sequence[Page], fps: float, frames: int) -> tuple[CaptionState, ...]:
    """What is shown on which frames. A word is lit until the next of its page begins, the last one until it ends."""
    states: list[CaptionState] = []
    for number, page in enumerate(pages):
        borders = [round(word.start * fps) for word in page.words]
        said = max(round(page.words[-1].end * fps), borders[-1] + 1)
        last = min(max(round(page.end * fps), said), frames)
        if number + 1 < len(pages):
            last = min(last, round(pages[number + 1].start * fps))
        for active, (first, stop) in enumerate(pairwise([*borders, said])):
            if first < min(stop, last):
                states.append(CaptionState(first, min(stop, last), number, active))
        if said < last:
            states.append(CaptionState(said, last, number, None))
    return tuple(states)
