"""A timeline on the frame grid: which segment is seen on which pictures, and which second of its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from contracts.style import ShapeName
from contracts.timeline import Canvas, Segment, Timeline

__all__ = ["Cut", "Schedule", "beats_of", "schedule", "size_of", "too_late"]


@dataclass(frozen=True)
class Cut:
    """Segment `index` on pictures `first` to `last` (exclusive).

    On the `blend` pictures from `first` on, the cut before is seen as well, which ends with them.
    """

    index: int
    first: int
    last: int
    blend: int
    start: float
    """Second of the source on picture `first`."""
    step: float
    """Seconds of the source from one picture to the next."""

    @property
    def frames(self) -> int:
        """How many pictures it is seen on."""
        return self.last - self.first

    def source_time(self, frame: int) -> float:
        """Second of the source on picture `frame` of the timeline."""
        return self.start + (frame - self.first) * self.step


@dataclass(frozen=True)
class Schedule:
    """Every cut, in order, none of them empty; together they leave no picture out."""

    cuts: tuple[Cut, ...]
    frames: int
    fps: int


def schedule(timeline: Timeline) -> Schedule:
    """Rounded once for each border, so that errors do not add up: `frames` is round(duration * fps), at least 1."""
    fps = timeline.canvas.fps
    total = max(1, round(timeline.duration * fps))
    cuts: list[Cut] = []
    for segment, number, (first, last), blend in _placed(timeline.segments, fps, total):
        if first < last:
            cuts.append(Cut(number, first, last, blend if cuts else 0, segment.start, segment.speed / fps))
    return Schedule(tuple(cuts), total, fps)


def _placed(segments: Sequence[Segment], fps: int, total: int) -> list[tuple[Segment, int, tuple[int, int], int]]:
    """Each segment with its number, its pictures, and how many of them it shares with the one before."""
    begins, cursor = [], 0.0
    for segment in segments:
        cursor -= segment.transition.seconds if segment.transition else 0.0
        begins.append(cursor)
        cursor += segment.duration
    starts = [min(total - 1, round(begin * fps)) for begin in begins]
    placed = []
    before = 0
    for number, (start, after) in enumerate(pairwise([*starts, total])):
        follower = segments[number + 1] if number + 1 < len(segments) else None
        shared = round(follower.transition.seconds * fps) if follower and follower.transition else 0
        # Rounding must not bring a third segment onto a picture: it ends before the one after the next begins.
        last = min(total, after + shared, starts[number + 2] if number + 2 < len(starts) else total)
        last = max(last, after)
        placed.append((segments[number], number, (start, last), max(0, before - start)))
        before = last
    return placed


def beats_of(timeline: Timeline, cut: Cut, fps: int) -> tuple[float, ...]:
    """When emphasised words begin, in seconds from the first picture of a cut; those before it are left out."""
    begin, end = cut.first / fps, cut.last / fps
    words = timeline.captions.words
    starts = (words[place].start for place in timeline.captions.emphasis)
    return tuple(sorted(start - begin for start in starts if begin <= start < end))


def too_late(timeline: Timeline) -> tuple[str, ...]:
    """A remark on every voice and effect that begins when the short is over, which nobody hears."""
    sound, end = timeline.sound, timeline.duration
    begins = {f"sound.voices.{n}": voice.at for n, voice in enumerate(sound.voices)}
    begins |= {f"sound.effects.{n}": effect.at for n, effect in enumerate(sound.effects)}
    return tuple(
        f"{field} is never heard: it begins at {at:.2f} s, and the short ends at {end:.2f} s"
        for field, at in begins.items()
        if at >= end
    )


def size_of(canvas: Canvas, shape: ShapeName | None) -> tuple[int, int]:
    """Width and height of a shape in pixels, both even: its shorter side is that of the canvas."""
    if shape is None:
        return canvas.width, canvas.height
    across, down = (int(part) for part in shape.split(":"))
    unit = min(canvas.width, canvas.height) / min(across, down)
    return round(across * unit / 2) * 2, round(down * unit / 2) * 2
