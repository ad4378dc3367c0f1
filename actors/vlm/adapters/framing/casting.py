"""Who of the people in a shot matters, and whom a crop that has no room for all of them shows when."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from actors.vlm.adapters.framing.camera import GRID
from actors.vlm.adapters.people.tracks import Track

__all__ = ["BOTH", "LEAST", "covered", "lasting", "length", "main_of", "shown", "sides", "together", "weight"]

LEAST = 3.0
"""Seconds that a mode, and a cut to another person, last at least."""
COST = 5.0
"""What a cut within a shot has to gain: 2 for a second of speech of the one who is shown."""
SPEECH = 2.0
"""What a second of speech of the one who is shown is worth; being there is worth 1."""
HALF, HEARD = 0.75, 0.5
"""Shares of that for two who are shown one above the other: of being there, of speech."""
BOTH = -1
"""Instead of the index of one: two, one above the other."""
ALIKE = 0.55
"""Share of the largest face's width from which another one matters as well."""
PRESENT = 0.4
"""Share of the shot that a face must be in sight to matter besides others."""
SOON = 1.0
"""Seconds between two writings that belong together."""
BRIDGED = 1.5
"""Seconds around a sighting in which somebody is still there."""
APART = 0.15
"""Share of the picture's width between two people who can be shown one above the other."""
AT_ONCE = 0.6
"""Share of the shot that two people must be there at once for that."""

Span = tuple[float, float]


def covered(spans: Iterable[Span], start: float, end: float) -> float:
    """Share of the time from `start` to `end` that lies in one of the spans."""
    total, reached = 0.0, start
    for first, last in sorted(spans):
        total += max(0.0, min(last, end) - max(first, reached))
        reached = max(reached, last)
    return total / max(end - start, 1e-6)


def lasting(spans: Iterable[Span]) -> list[Span]:
    """The spans with what follows soon on them as one, those of at least LEAST seconds, in order."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start - out[-1][1] < SOON:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return [(start, end) for start, end in out if end - start >= LEAST]


def length(spans: Iterable[Span], start: float = 0.0, end: float = 1e9) -> float:
    """Seconds of the spans from `start` to `end`."""
    return sum(max(0.0, min(last, end) - max(first, start)) for first, last in spans)


def weight(track: Track) -> float:
    """Large and long in sight."""
    return float((track.width * len(track.seen)) ** 0.5)


def main_of(tracks: Sequence[Track], start: float, end: float) -> list[Track]:
    """Those who matter: the largest and longest in sight, whoever speaks, and those who are nearly as large."""
    if not tracks:
        return []
    first = max(tracks, key=weight)
    return [
        track
        for track in tracks
        if track is first
        or length(track.speaking) >= 1.0
        or (track.width >= ALIKE * first.width and covered(_there(track), start, end) >= PRESENT)
    ]


def together(tracks: Sequence[Track], start: float, end: float) -> list[tuple[float, float, float, float]]:
    """For every half second in which somebody is there: its time, the left and right end of all, their mean eyes."""
    out = []
    for t in _grid(start, end, 2 * GRID):
        faces = [track.at(t) for track in tracks if _is_there(track, t)]
        if faces:
            left, right = min(f.x - f.w / 2 for f in faces), max(f.x + f.w / 2 for f in faces)
            out.append((t, left, right, sum(f.eye_line for f in faces) / len(faces)))
    return out


def sides(tracks: Sequence[Track], start: float, end: float) -> tuple[Track, Track] | None:
    """The left one and the right one, where there are two who stay on their sides of the picture."""
    if len(tracks) != 2:
        return None
    left, right = sorted(tracks, key=lambda track: track.at((track.start + track.end) / 2).x)
    both = [t for t in _grid(start, end) if _is_there(left, t) and _is_there(right, t)]
    apart = all(right.at(t).x - left.at(t).x >= APART for t in both)
    return (left, right) if apart and len(both) * GRID >= AT_ONCE * (end - start) else None


def shown(tracks: Sequence[Track], start: float, end: float, most: int) -> list[tuple[float, float, int]]:
    """Whom to show when: spans with the index of a track, or BOTH of two who stay on their sides.

    The sequence that shows the most speech and presence, less COST for every cut (Viterbi's algorithm): one who speaks
    for long is shown alone, two whose turns are short, or of whom nobody knows who speaks, are shown both. At most
    `most` cuts, none sooner than LEAST after another: a cut costs more until that is so.
    """
    times = _grid(start, end)
    values = _values(tracks, times, both=sides(tracks, start, end) is not None)
    cost = COST
    while True:
        turns = [(a, b, who if who < len(tracks) else BOTH) for a, b, who in _runs(_best(values, cost), times, end)]
        if len(turns) == 1 or (len(turns) <= most + 1 and all(b - a >= LEAST for a, b, _ in turns)):
            return turns
        cost *= 1.5


def _best(values: Sequence[Sequence[float]], cost: float) -> list[int]:
    totals, back = list(values[0]), []
    for row in values[1:]:
        top = max(range(len(totals)), key=totals.__getitem__)
        came = [i if totals[i] >= totals[top] - cost else top for i in range(len(totals))]
        totals = [totals[j] - (cost if i != j else 0.0) + row[i] for i, j in enumerate(came)]
        back.append(came)
    path = [max(range(len(totals)), key=totals.__getitem__)]
    for came in reversed(back):
        path.append(came[path[-1]])
    return path[::-1]


def _runs(who: Sequence[int], times: Sequence[float], end: float) -> list[tuple[float, float, int]]:
    starts = [n for n in range(len(who)) if n == 0 or who[n] != who[n - 1]]
    ends = [*(times[n] for n in starts[1:]), end]
    return [(times[n], until, who[n]) for n, until in zip(starts, ends, strict=True)]


def _values(tracks: Sequence[Track], times: Sequence[float], *, both: bool) -> list[list[float]]:
    """What it is worth, at each of the times, to show each of them for one step, and both."""
    widths = [track.width for track in tracks]
    sizes = [(width / max(widths)) ** 0.5 for width in widths]
    there = [[_is_there(t, at) * size * GRID for at in times] for t, size in zip(tracks, sizes, strict=True)]
    speech = [[on * SPEECH * GRID for on in _spoken(track, times)] for track in tracks]
    out = []
    for seen, heard in zip(zip(*there, strict=True), zip(*speech, strict=True), strict=True):
        alone = [a + b for a, b in zip(seen, heard, strict=True)]
        out.append([*alone, HALF * sum(seen) + HEARD * sum(heard)] if both else alone)
    return out


def _spoken(track: Track, times: Sequence[float]) -> list[bool]:
    """Whether somebody speaks at each of the times."""
    on = [False] * len(times)
    for first, last in track.speaking:
        a, b = bisect_left(times, first), bisect_left(times, last)
        on[a:b] = [True] * (b - a)
    return on


def _grid(start: float, end: float, step: float = GRID) -> list[float]:
    return [start + n * step for n in range(max(1, int((end - start) / step)))]


def _there(track: Track) -> list[Span]:
    return [(t - BRIDGED, t + BRIDGED) for t, _ in track.seen]


def _is_there(track: Track, t: float) -> bool:
    return min(abs(t - near) for near in track.around(t)) <= BRIDGED
