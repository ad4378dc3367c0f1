"""Speed ramps: a segment with the look `speed_ramp` as pieces of constant speed, and everything else on the new clock.

The segment begins and ends at its own speed and is slowest in its middle. Sound is slowed down with the picture.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from actors.renderer.core.schedule import Cut, Schedule
from contracts.timeline import Overlay, Segment, Timeline

__all__ = ["RAMP", "RAMP_SAYS", "Clock", "expanded", "field_before", "look_cuts"]

RAMP = "speed_ramp"
RAMP_SAYS = "slows down towards its middle, picture and sound, and comes back to its own speed"
STEPS = 6
"""Pieces of the slow part; with one before and one after it, a segment becomes eight."""
SLOWEST = 0.5
"""Speed in the middle at strength 1, against that of the segment; half as much slower at strength 0.5."""
EDGE = 0.2
"""Share of the segment at either end that keeps its speed."""
SHORTEST = 0.4
"""Seconds of the slow part at full speed below which nobody would see it."""
MOST_SEGMENTS = 2000
LEAST_SPEED = 0.25
_TOUCHING = 1e-6


@dataclass(frozen=True)
class Clock:
    """Old seconds to new ones: linear between the knots, at full pace outside of them; strictly rising."""

    old: tuple[float, ...]
    new: tuple[float, ...]

    def at(self, t: float) -> float:
        """The new time of an old one."""
        if t <= self.old[0]:
            return t
        if t >= self.old[-1]:
            return t - self.old[-1] + self.new[-1]
        n = bisect_right(self.old, t) - 1
        share = (t - self.old[n]) / (self.old[n + 1] - self.old[n])
        return self.new[n] + share * (self.new[n + 1] - self.new[n])


def expanded(timeline: Timeline) -> Timeline:
    """The timeline without `speed_ramp`: each segment that has it in pieces, the first with its transition.

    Words, overlays, voices and effects keep their place in what is shown; music runs on as it is. A segment whose
    part between transitions is too short for a ramp keeps its speed. Without ramps the timeline itself is given back.
    """
    divided = _divided(timeline)
    if divided is None:
        return timeline
    knots: list[tuple[float, float]] = [(0.0, 0.0)]
    old = new = 0.0
    for segment, pieces in zip(timeline.segments, divided, strict=True):
        before = segment.transition.seconds if segment.transition else 0.0
        old, new = old - before, new - before
        ends = list(accumulate(piece.duration for piece in pieces))
        knots += [
            (old + (piece.end - segment.start) / segment.speed, new + end)
            for piece, end in zip(pieces[:-1], ends[:-1], strict=True)
        ]
        old, new = old + segment.duration, new + ends[-1]
    segments = tuple(piece for pieces in divided for piece in pieces)
    return _on_clock(timeline, segments, Clock(*(tuple(side) for side in zip(*knots, strict=True))))


def field_before(timeline: Timeline, field: str | None) -> str | None:
    """The path that a field of `expanded(timeline)` has in the timeline itself: `segments.9.looks.0.name` there may be
    `segments.2.looks.1.name` here."""
    parts = (field or "").split(".")
    divided = _divided(timeline)
    if divided is None or len(parts) < 2 or parts[0] != "segments" or not parts[1].isdigit():
        return field
    origins = [n for n, pieces in enumerate(divided) for _ in pieces]
    if int(parts[1]) >= len(origins):
        return field
    number = origins[int(parts[1])]
    parts[1] = str(number)
    if len(parts) > 3 and parts[2] == "looks" and parts[3].isdigit():
        kept = [n for n, use in enumerate(timeline.segments[number].looks) if use.name != RAMP]
        parts[3] = str(kept[int(parts[3])])
    return ".".join(parts)


def _divided(timeline: Timeline) -> list[list[Segment]] | None:
    """Each segment in its pieces; None where there is no ramp at all."""
    ramps = sum(_ramp_of(segment) is not None for segment in timeline.segments)
    if not ramps:
        return None
    steps = min(STEPS, (MOST_SEGMENTS - len(timeline.segments)) // ramps - 1)
    followers = (*timeline.segments[1:], None)
    return [
        _pieces(
            segment,
            segment.transition.seconds if segment.transition else 0.0,
            follower.transition.seconds if follower and follower.transition else 0.0,
            steps,
        )
        for segment, follower in zip(timeline.segments, followers, strict=True)
    ]


def _ramp_of(segment: Segment) -> float | None:
    """The strength of its ramp; None where it has none. Of several the last counts."""
    return next((use.strength for use in reversed(segment.looks) if use.name == RAMP), None)


def _pieces(segment: Segment, before: float, after: float, steps: int) -> list[Segment]:
    """The segment in pieces that follow one another without a gap. `before`, `after`: seconds of its transitions."""
    strength = _ramp_of(segment)
    if strength is None:
        return [segment]
    plain = segment.model_copy(update={"looks": tuple(use for use in segment.looks if use.name != RAMP)})
    first = segment.start + max(before * segment.speed, EDGE * (segment.end - segment.start))
    last = segment.end - max(after * segment.speed, EDGE * (segment.end - segment.start))
    if strength == 0 or steps < 1 or last - first < SHORTEST * segment.speed:
        return [plain]
    borders = [segment.start, *(first + (last - first) * n / steps for n in range(steps)), last, segment.end]
    speeds = [1.0, *(_pace(n, steps, strength) for n in range(steps)), 1.0]
    return [
        plain.model_copy(
            update={
                "start": start,
                "end": end,
                "speed": max(LEAST_SPEED, segment.speed * pace),
                "transition": segment.transition if n == 0 else None,
            }
        )
        for n, ((start, end), pace) in enumerate(zip(pairwise(borders), speeds, strict=True))
    ]


def _pace(step: int, steps: int, strength: float) -> float:
    """A raised cosine, sampled at the middle of each step: down and up again without a kink."""
    return 1 - strength * (1 - SLOWEST) * math.sin(math.pi * (step + 0.5) / steps) ** 2


def _on_clock(timeline: Timeline, segments: tuple[Segment, ...], clock: Clock) -> Timeline:
    def moved(thing: Any, *names: str) -> Any:
        times = {name: getattr(thing, name) for name in names}
        return thing.model_copy(update={name: clock.at(t) for name, t in times.items() if t is not None})

    captions, sound = timeline.captions, timeline.sound
    words = tuple(moved(word, "start", "end") for word in captions.words)
    overlays: tuple[Overlay, ...] = tuple(moved(overlay, "start", "end") for overlay in timeline.overlays)
    heard = {
        "voices": tuple(moved(voice, "at") for voice in sound.voices),
        "effects": tuple(moved(effect, "at") for effect in sound.effects),
    }
    return timeline.model_copy(
        update={
            "segments": segments,
            "captions": captions.model_copy(update={"words": words}),
            "overlays": overlays,
            "sound": sound.model_copy(update=heard),
        }
    )


def look_cuts(segments: Sequence[Segment], schedule: Schedule) -> Mapping[Cut, Cut]:
    """For every cut the one that its looks shall see: all pieces of a source that runs on through them, as one.

    Else a slow zoom over a ramp would begin anew with each piece. Pieces belong together where the source goes on,
    at whatever speed, without a transition, in the same looks: to divide a segment changes nothing.
    """
    groups: list[list[Cut]] = []
    for cut in schedule.cuts:
        if groups and _goes_on(segments[groups[-1][-1].index], segments[cut.index]):
            groups[-1].append(cut)
        else:
            groups.append([cut])
    found: dict[Cut, Cut] = {}
    for group in groups:
        first, last = group[0], group[-1]
        whole = Cut(first.index, first.first, last.last, first.blend, first.start, first.step)
        found |= dict.fromkeys(group, whole)
    return found


def _goes_on(before: Segment, after: Segment) -> bool:
    same = before.source == after.source and before.looks == after.looks and after.transition is None
    return same and abs(after.start - before.end) < _TOUCHING
