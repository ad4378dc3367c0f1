"""Regions of text: lines that are there for a while, such as burnt-in captions, lower thirds, slides and titles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actors.vlm.adapters.pictures.letters import Line, lines_of
from actors.vlm.adapters.pictures.looks import LOOK, Pace
from actors.vlm.adapters.pictures.titles import titles_of
from contracts.sight import Area

if TYPE_CHECKING:
    from actors.vlm.adapters.pictures.picture import Picture

__all__ = ["TextFinder"]

EVERY = 0.5
"""Seconds between two looks."""
RARE = 8
"""Looks without any text after which half of them are enough."""
MARGIN = 0.35
"""Times the height of a line that outlines and long letters go beyond it."""
SEEN = 2
"""Looks in which a region must be found, and"""
MOSTLY = 0.5
"""the share of the looks between its first and its last one."""
PATIENCE = 1.1
"""Seconds after which a region that is not found is gone."""
GROWS = 2.0
"""Times its height by which a region may grow while it is followed; text that moves on is another one."""


@dataclass
class _Region:
    """Text that is followed; the box grows with it. Shares of the picture."""

    box: Line
    high: float
    appeared: float
    """The last look before it was seen; it began behind that one."""
    start: float
    end: float
    seen: int = 1


class TextFinder:
    """Looks twice a second, and follows what it finds."""

    def __init__(self) -> None:
        self._pace = Pace(EVERY)
        self._going: list[_Region] = []
        self._done: list[_Region] = []
        self._end = 0.0
        self._before = 0.0
        self._empty = 0

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        self._end = picture.t
        if not self._pace.due(picture.t):
            return
        self._empty += 1
        if self._empty > RARE and self._empty % 2:
            return
        gray = picture.gray(LOOK)
        height, width = gray.shape
        for block in [*_blocks(lines_of(gray)), *titles_of(gray)]:
            self._follow(_shares(block, width, height), picture.t)
            self._empty = 0
        self._before = picture.t
        self._done += [region for region in self._going if picture.t - region.end > PATIENCE]
        self._going = [region for region in self._going if picture.t - region.end <= PATIENCE]

    def finish(self) -> list[Area]:
        """In order of time. A region is told from the look before its first one to the look after its last one."""
        regions = [region for region in [*self._done, *self._going] if self._lasts(region)]
        return [_area(region, self._end) for region in sorted(regions, key=lambda region: region.start)]

    def _lasts(self, region: _Region) -> bool:
        looks = round((region.end - region.start) / EVERY) + 1
        return region.seen >= min(SEEN, int(self._end / EVERY) + 1) and region.seen >= MOSTLY * looks

    def _follow(self, box: Line, t: float) -> None:
        for region in self._going:
            hull = _hull(region.box, box)
            if _same(region.box, box) and hull.height <= GROWS * max(region.high, box.height):
                region.seen += t > region.end
                region.box, region.end = hull, t
                return
        self._going.append(_Region(box, box.height, self._before, t, t))


def _blocks(lines: list[Line]) -> list[Line]:
    """Lines with their margins; those that touch are one block."""
    blocks: list[Line] = []
    for line in sorted(lines, key=lambda line: line.top):
        room = MARGIN * line.height
        block = Line(line.left - room, line.top - room, line.right + room, line.bottom + room)
        while (other := next((b for b in blocks if _touch(b, block)), None)) is not None:
            blocks.remove(other)
            block = _hull(other, block)
        blocks.append(block)
    return blocks


def _touch(one: Line, other: Line) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


def _hull(one: Line, other: Line) -> Line:
    return Line(
        min(one.left, other.left), min(one.top, other.top), max(one.right, other.right), max(one.bottom, other.bottom)
    )


def _same(one: Line, other: Line) -> bool:
    """Whether both stand at the same height, one above the other's place for the most part."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    narrow = min(one.right - one.left, other.right - other.left)
    return across >= 0.4 * narrow and down >= 0.5 * max(one.height, other.height)


def _shares(box: Line, width: int, height: int) -> Line:
    return Line(
        max(0.0, box.left / width),
        max(0.0, box.top / height),
        min(1.0, box.right / width),
        min(1.0, box.bottom / height),
    )


def _area(region: _Region, end: float) -> Area:
    box = region.box
    return Area(
        kind="text",
        start=round(region.appeared, 3),
        end=round(min(end, region.end + EVERY), 3),
        x=round(box.left, 4),
        y=round(box.top, 4),
        width=round(box.right - box.left, 4),
        height=round(box.bottom - box.top, 4),
    )
