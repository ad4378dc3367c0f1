"""On which pictures of the timeline an overlay is seen, and how strongly."""

from __future__ import annotations

from dataclasses import dataclass

from actors.renderer.core import Schedule
from runtime.errors import Reject

__all__ = ["Presence", "presence"]


@dataclass(frozen=True)
class Presence:
    """Pictures `first` to `last` (exclusive); none where they are equal. `rise`: pictures that it takes to come."""

    first: int
    last: int
    rise: float = 0.0
    remark: str = ""

    def share(self, number: int) -> float:
        """How strongly it is seen on a picture, from 0 (not at all) to 1."""
        if not self.first <= number < self.last:
            return 0.0
        return min(1.0, (number - self.first + 1) / (self.rise + 1), (self.last - number) / (self.rise + 1))


def presence(start: float, end: float | None, fade: float, schedule: Schedule, field: str) -> Presence:
    """The presence of an overlay from `start` to `end` (none: the end of the short). Times are seconds.

    Raises `Reject` for an end that is not after the start; what begins after the short is said as a remark.
    """
    if end is not None and end <= start:
        raise Reject(
            f"The overlay ends at {end:g} s and starts at {start:g} s",
            advice="Give an end after its start, or none for the end of the short",
            field=f"{field}.end",
        )
    fps, frames = schedule.fps, schedule.frames
    first = round(start * fps)
    last = frames if end is None else min(frames, max(first + 1, round(end * fps)))
    if first >= frames:
        return Presence(frames, frames, remark=f"{field} starts at {start:g} s, when the short is over: it is not seen")
    return Presence(first, last, min(fade * fps, (last - first) / 2))
