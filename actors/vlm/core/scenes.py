"""What a clip shows and sounds like besides words: cuts, fades, laughter and applause."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from actors.vlm.ports import Sight

__all__ = ["Scenes"]

REACTIONS, UNNAMED = ("laughter", "applause"), "reaction"
BELONGS, LONGEST_REACTION = 1.2, 10.0
"""Seconds: from the last word to the laughter that it causes, and for how long people are listened to laughing."""
FADES, LONGEST_FADE = 0.8, 3.0
"""Seconds: between the last word and a fade that belongs to it, and how long that fade may take."""


class Scenes:
    """Cuts and fades as places to start and to end, and how people react.

    `bursts`: spans in which something is heard that may be a reaction; it is called that.
    """

    def __init__(self, sight: Sight, duration: float, bursts: Iterable[tuple[float, float]] = ()) -> None:
        fades = sorted((f for f in sight.fades if f.start < f.end <= duration), key=lambda f: f.start)
        begins = [fade.start for fade in fades]
        clean = []
        for shot in sight.shots[1:]:
            during = bisect_left(begins, shot.start) - 1
            if 0 < shot.start < duration and not (during >= 0 and shot.start < fades[during].end):
                clean.append((shot.start, "cut"))
        self.starts = sorted([*clean, *((f.end, "fade") for f in fades if f.kind in {"in", "dissolve"})])
        self.ends = sorted(
            [*clean, *((f.end if f.kind == "out" else f.start, "fade") for f in fades if f.kind != "in")]
        )
        self._outs = [(fade.start, fade.end) for fade in fades if fade.kind == "out"]
        named = [(s.start, s.end, s.kind) for s in sight.sounds if s.kind in REACTIONS and s.start < duration]
        unnamed = [(start, end, UNNAMED) for start, end in bursts]
        self.reactions = sorted((start, min(end, duration), kind) for start, end, kind in (*named, *unnamed))
        self._begins = [start for start, _, _ in self.reactions]

    def last_start(self, low: float, high: float) -> float | None:
        """The last cut, or end of a fade, in [low, high): better to start there than to flash the picture before it."""
        index = bisect_left(self.starts, (high, "")) - 1
        return self.starts[index][0] if index >= 0 and self.starts[index][0] >= low else None

    def first_end(self, low: float, high: float) -> float | None:
        """The first cut, or border of a fade, in (low, high)."""
        index = bisect_right(self.ends, (low, "~"))
        return self.ends[index][0] if index < len(self.ends) and self.ends[index][0] < high else None

    def faded_out(self, said: float, high: float) -> float | None:
        """When the picture is dark, before `high`, if it begins to fade about when the last word is over."""
        for start, end in self._outs[bisect_left(self._outs, (said - FADES, 0.0)) :]:
            if start > said + FADES:
                break
            if said < end <= min(high, start + LONGEST_FADE):
                return end
        return None

    def reaction_after(self, said: float, limit: float) -> tuple[float, str]:
        """Until when, at most `limit`, people laugh or clap about what was said until `said`, and which; or ("")."""
        until, kind = said, ""
        first = bisect_left(self._begins, said - LONGEST_REACTION)
        for start, end, heard in self.reactions[first : bisect_right(self._begins, said + LONGEST_REACTION)]:
            if end > until + 0.2 and start <= until + BELONGS:
                until, kind = min(end, said + LONGEST_REACTION), heard
        if until > limit:
            until = limit
        return (until, kind) if kind and until > said else (said, "")
