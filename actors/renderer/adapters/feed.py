"""Source pictures for a schedule: each run of cuts of one source is decoded once, and only where it is seen."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from actors.renderer.adapters.source import Reading, shown_at, video_frames
from actors.renderer.core import Cut, Schedule
from contracts.timeline import Segment

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["BrokenOff", "Feed", "Shown"]

HOLD = 0.5
"""Seconds for which the last picture of a source that ends too early is held."""
AT_ONCE = 3
"""Runs that may be seen on one picture, and one more: two at most, in a transition."""
NEAR = 4.0
"""Seconds of a source that are rather decoded than jumped over: about what lies between two keyframes."""


class BrokenOff(Exception):
    """The source of segment `index` ends before it does, at second `end`."""

    def __init__(self, index: int, end: float) -> None:
        super().__init__(index, end)
        self.index, self.end = index, end


@dataclass(frozen=True)
class Shown:
    """One source picture on one picture of the timeline."""

    cut: Cut
    frame: VideoFrame
    reading: Reading


@dataclass
class _Run:
    """Cuts of one source that follow one another closely, decoded in one go."""

    source: Path
    cuts: list[Cut]
    reading: Reading = field(default_factory=Reading)

    def pictures(self, max_pixels: int) -> Generator[Shown, None, None]:
        end = max(cut.source_time(cut.last) for cut in self.cuts)
        decoded = video_frames(self.source, self.cuts[0].start, end, max_pixels, self.reading)
        moments = (moment for _, moment in self._seen())
        for (cut, moment), timed in zip(self._seen(), shown_at(decoded, moments), strict=False):
            if timed.last and not self.reading.complete and moment > self.reading.until + HOLD:
                raise BrokenOff(cut.index, self.reading.until)
            yield Shown(cut, timed.frame, self.reading)

    def _seen(self) -> Iterator[tuple[Cut, float]]:
        """The cut and the second of the source for each picture."""
        for cut in self.cuts:
            for frame in range(cut.first, cut.last):
                yield cut, cut.source_time(frame)


class Feed:
    """What is seen on every picture of a schedule. Sources are local files."""

    def __init__(self, segments: Sequence[Segment], schedule: Schedule, max_pixels: int) -> None:
        self._runs = _runs(segments, schedule.cuts)
        self._schedule = schedule
        self._max_pixels = max_pixels
        self._open: dict[int, Generator[Shown, None, None]] = {}

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What was learnt about each run of a source."""
        return tuple(run.reading for run in self._runs)

    def __iter__(self) -> Generator[tuple[Shown, ...], None, None]:
        """For every picture what is seen on it: one source picture, in a transition two, the older first.

        Ends early where a source has no picture at all. Raises `BrokenOff`, and `Reject` for what can't be read.
        """
        first = 0
        try:
            for number in range(self._schedule.frames):
                while self._runs[first].cuts[-1].last <= number:
                    first += 1
                near = range(first, min(first + AT_ONCE, len(self._runs)))
                shown = tuple(self._next(place, number) for place in near if _covers(self._runs[place], number))
                if None in shown:
                    return
                yield tuple(each for each in shown if each is not None)
        finally:
            for pictures in self._open.values():
                pictures.close()

    def _next(self, place: int, number: int) -> Shown | None:
        if place not in self._open:
            self._open[place] = self._runs[place].pictures(self._max_pixels)
        picture = next(self._open[place], None)
        if number + 1 == self._runs[place].cuts[-1].last:
            self._open.pop(place).close()
        return picture


def _covers(run: _Run, number: int) -> bool:
    return run.cuts[0].first <= number < run.cuts[-1].last


def _runs(segments: Sequence[Segment], cuts: Sequence[Cut]) -> list[_Run]:
    runs = [_Run(Path(segments[cuts[0].index].source), [cuts[0]])]
    for before, cut in pairwise(cuts):
        gap = cut.start - before.source_time(before.last)
        same = segments[cut.index].source == segments[before.index].source
        if same and cut.blend == 0 and -0.5 * before.step <= gap <= NEAR:
            runs[-1].cuts.append(cut)
        else:
            runs.append(_Run(Path(segments[cut.index].source), [cut]))
    return runs
