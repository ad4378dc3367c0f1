"""Who is who from one look to the next: sightings linked into tracks, of faces and of what moves.

Faces are looked for twice a second and are missed now and then, most of all while they move. So a face is expected
where its last two sightings lead (constant velocity), may be as far as somebody can run in the meantime, and where it
is not found while something moves away from its last place, it is taken to be what moves.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from actors.vlm.adapters.people.faces import Face
from actors.vlm.adapters.people.watch import Led
from actors.vlm.adapters.pictures.motion import Motion

__all__ = ["NEAR", "PATIENCE", "Sighting", "Track", "motion_track", "sightings", "tracks_of"]

NEAR = 0.12
"""Share of the picture within which a detection is the same target."""
FAST = 0.36
"""Shares of the picture that a target may go in a second: somebody who crosses it in three."""
RUSHING = 0.7
"""Shares of the picture that the only face may go in a second, by itself or because the camera pans."""
SAME = 1.35
"""How many times as wide the only face may be as at the look before."""
FORGETS = 1.2
"""Seconds after which a target that was not seen is looked for where it was last, and nowhere else."""
GONE = 60.0
"""Seconds after which whoever comes is somebody else."""
ALIKE = 1.6
"""How many times as wide a face may be as the same one half a second before."""
SURE = 0.7
"""Score that a face must have once to be somebody."""
SELDOM = 0.2
"""Share of the looks between its first and its last one in which a face must be found."""
PATIENCE = 3
"""Detections that a new target must be there for."""
WINDOW = 0.4
"""Seconds of motion that make one detection."""
LEAST_MASS = 0.05
"""Motion below this is noise (mean luma change over the picture, after the threshold)."""


@dataclass(frozen=True)
class Sighting:
    """Where a target was at a time; shares of the picture."""

    t: float
    x: float
    y: float


@dataclass
class Track:
    """Somebody's face through one shot: where it was seen, in order of time, and when it speaks."""

    seen: list[tuple[float, Face]]
    speaking: list[tuple[float, float]] = field(default_factory=list)

    @property
    def start(self) -> float:
        """When it was seen first, in seconds."""
        return self.seen[0][0]

    @property
    def end(self) -> float:
        """When it was seen last."""
        return self.seen[-1][0]

    @property
    def width(self) -> float:
        """Its median width, as a share of the picture."""
        return median(face.w for _, face in self.seen)

    def within(self, start: float, end: float) -> Track | None:
        """What of it is from `start` to `end`; None where it is not seen there."""
        seen = [each for each in self.seen if start - 1e-3 <= each[0] < end - 1e-3]
        speaking = [(max(start, a), min(end, b)) for a, b in self.speaking if a < end and b > start]
        return Track(seen, speaking) if seen else None

    def around(self, t: float) -> tuple[float, float]:
        """The times of the last sighting up to `t` and of the first one from there on, as far as there are any."""
        after = bisect_left(self.seen, t, key=_time)
        return self.seen[max(0, after - 1)][0], self.seen[min(after, len(self.seen) - 1)][0]

    def at(self, t: float) -> Face:
        """The face at `t`: between two sightings on the straight line, before and after as at the nearest one."""
        after = min(max(1, bisect_left(self.seen, t, key=_time)), len(self.seen) - 1)
        (since, a), (until, b) = self.seen[after - 1], self.seen[after]
        share = min(1.0, max(0.0, (t - since) / (until - since))) if until > since else 0.0
        x, y, w, h = (p + share * (q - p) for p, q in zip(a[:4], b[:4], strict=True))
        return Face(x, y, w, h, eyes=a.eye_line + share * (b.eye_line - a.eye_line))

    def distance(self, t: float, face: Face, followed: Face | None) -> float | None:
        """How far the face is from where this one is expected at `t`; None where it cannot be this one.

        `followed`: where it was followed to, picture by picture.
        """
        (since, last), past = self.seen[-1], t - self.seen[-1][0]
        if followed is not None and past <= FORGETS:
            near = _apart(followed.x, followed.y, face)
            led = self.distance(t, face, None)
            return near if near < face.w / 2 else 1 + led if led is not None else None
        off = _apart(last.x, last.y, face)
        if past > FORGETS:
            return off if off < NEAR else None
        if len(self.seen) > 1 and since - self.seen[-2][0] <= FORGETS:
            before = self.seen[-2]
            ahead = past / (since - before[0])
            led = _apart(last.x + ahead * (last.x - before[1].x), last.y + ahead * (last.y - before[1].y), face)
            if led < NEAR or off < NEAR:
                return led
        alike = 1 / ALIKE < face.w / last.w < ALIKE
        return off if off < (max(NEAR, FAST * past) if alike else NEAR) else None


def _time(seen: tuple[float, Face]) -> float:
    return seen[0]


def _apart(x: float, y: float, face: Face) -> float:
    return max(abs(x - face.x), abs(y - face.y))


def tracks_of(looked: Sequence[tuple[float, tuple[Face, ...]]], led: Led | None = None) -> list[Track]:
    """Everybody who is in sight for a while in one shot, in order of appearance, left before right.

    `led`: for a face of a look, where it was followed to by the time of the next one.

    A face that is seen once in three looks or more, or never surely, is taken for a mistake of the detector; so is one
    that is seen in less than a fifth of the looks between its first and its last.
    """
    times = [t for t, _ in looked]
    kept = []
    for track in _linked(looked, led or {}):
        within = bisect_right(times, track.end) - bisect_left(times, track.start)
        seen, sure = len(track.seen), max(face.score for _, face in track.seen)
        if sure >= SURE and seen >= min(2, len(times) - 1) and seen >= SELDOM * within:
            kept.append(track)
    return sorted(kept, key=lambda track: (track.start, track.seen[0][1].x))


def _linked(looked: Sequence[tuple[float, tuple[Face, ...]]], led: Led) -> list[Track]:
    """Every face of every look belongs to one track; the nearest pairs find each other first."""
    tracks: list[Track] = []
    recent: list[Track] = []
    for t, faces in looked:
        recent = [track for track in recent if t - track.end <= GONE]
        live = [track for track in recent if t - track.end <= FORGETS]
        if len(faces) == len(live) == 1 and _alone(live[0], t, faces[0]):
            live[0].seen.append((t, faces[0]))
            continue
        pairs = [
            (track.distance(t, face, led.get(track.seen[-1])), i, j)
            for i, track in enumerate(recent)
            for j, face in enumerate(faces)
        ]
        taken: dict[int, int] = {}
        for _, i, j in sorted((off, i, j) for off, i, j in pairs if off is not None):
            if j not in taken and i not in taken.values():
                taken[j] = i
        for j, face in enumerate(faces):
            if j in taken:
                recent[taken[j]].seen.append((t, face))
            else:
                recent.append(Track([(t, face)]))
                tracks.append(recent[-1])
    return tracks


def _alone(track: Track, t: float, face: Face) -> bool:
    """The only face is the only one that was there, however fast it or the camera moved."""
    since, last = track.seen[-1]
    return 1 / SAME < face.w / last.w < SAME and _apart(last.x, last.y, face) < max(NEAR, RUSHING * (t - since))


def sightings(track: Track, moving: Sequence[Sighting]) -> list[Sighting]:
    """Where this face was, and what moves where it is missed. `moving`: `motion_track` of the same shot."""
    return _filled([Sighting(t, face.x, face.eye_line) for t, face in track.seen], moving)


def _filled(found: list[Sighting], moving: Sequence[Sighting]) -> list[Sighting]:
    """With the motion that leads from a sighting to the next one, or away from the last one, at the face's height."""
    out: list[Sighting] = []
    for here, after in [*pairwise(found), (found[-1], None)]:
        out.append(here)
        chain = _chain(here, [m for m in moving if here.t < m.t and (after is None or m.t < after.t)])
        arrives = after is None or abs(chain[-1].x - after.x) < 1.5 * NEAR
        if arrives and max(abs(m.x - here.x) for m in chain) > NEAR:
            out += [Sighting(m.t, m.x, here.y) for m in chain[1:]]
    return out


def _chain(here: Sighting, moving: Sequence[Sighting]) -> list[Sighting]:
    """The motion that begins at a sighting and goes on without a leap; the sighting first."""
    chain = [here]
    for m in moving:
        past = m.t - chain[-1].t
        if past > FORGETS:
            break
        if abs(m.x - chain[-1].x) < max(NEAR, FAST * past):
            chain.append(m)
    return chain


def motion_track(motion: Sequence[Motion]) -> list[Sighting]:
    """One sighting for every WINDOW in which something moved: the mean place, by mass. Empty where nothing lasts."""
    windows: dict[int, list[Motion]] = {}
    for m in motion:
        windows.setdefault(int(m.since / WINDOW), []).append(m)
    out = []
    for window in windows.values():
        mass = sum(m.mass for m in window)
        if mass >= LEAST_MASS * len(window):
            t, x, y = (sum(m.mass * value(m) for m in window) / mass for value in (_middle, _x, _y))
            out.append(Sighting(t, x, y))
    lasts = any(c.t - a.t < PATIENCE * WINDOW + 0.1 for a, c in zip(out, out[PATIENCE - 1 :], strict=False))
    return out if lasts else []


def _middle(motion: Motion) -> float:
    return (motion.since + motion.t) / 2


def _x(motion: Motion) -> float:
    return motion.x


def _y(motion: Motion) -> float:
    return motion.y
