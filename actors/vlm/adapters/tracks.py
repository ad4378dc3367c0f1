"""Who is who from one look to the next: sightings linked into tracks, of faces and of what moves.

Faces are looked for twice a second and are missed now and then, most of all while they move. So a face is expected
where its last two sightings lead (constant velocity), may be as far as somebody can run in the meantime, and where it
is not found while something moves away from its last place, it is taken to be what moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from actors.vlm.adapters.faces import Box
from actors.vlm.adapters.motion import Motion

__all__ = ["NEAR", "PATIENCE", "Faces", "Sighting", "face_track", "motion_track"]

Faces = Sequence[tuple[float, tuple[Box, ...]]]
"""The faces that were found, for every time at which they were looked for."""

NEAR = 0.12
"""Share of the picture within which a detection is the same target."""
FAST = 0.36
"""Shares of the picture that a target may go in a second: somebody who crosses it in three."""
FORGETS = 1.2
"""Seconds after which a target that was not seen is looked for where it was last, and nowhere else."""
ALIKE = 1.6
"""How many times as wide a face may be as the same one half a second before."""
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
class _Track:
    seen: list[tuple[float, Box]]

    def distance(self, t: float, box: Box) -> float | None:
        """How far the box is from where this face is expected at `t`; None where it cannot be this face."""
        (since, last), past = self.seen[-1], t - self.seen[-1][0]
        off = _apart(last.x, last.y, box)
        if past > FORGETS:
            return off if off < NEAR else None
        if len(self.seen) > 1 and since - self.seen[-2][0] <= FORGETS:
            before = self.seen[-2]
            ahead = past / (since - before[0])
            led = _apart(last.x + ahead * (last.x - before[1].x), last.y + ahead * (last.y - before[1].y), box)
            if led < NEAR or off < NEAR:
                return led
        alike = 1 / ALIKE < box.w / last.w < ALIKE
        return off if off < (max(NEAR, FAST * past) if alike else NEAR) else None


def _apart(x: float, y: float, box: Box) -> float:
    return max(abs(x - box.x), abs(y - box.y))


def face_track(looked: Faces, moving: Sequence[Sighting]) -> list[Sighting]:
    """The track of the face that is largest and longest in sight, and of what moves where it is missed.

    A face seen once is taken for a mistake. `moving`: the motion of the same shot, as `motion_track` gives it.
    """
    tracks = _linked(looked)
    least = max(2, round(0.2 * len(looked)))
    lasting = [track.seen for track in tracks if len(track.seen) >= least]
    if not lasting:
        return []
    best = max(lasting, key=lambda seen: sum(box.w * box.h for _, box in seen) ** 0.5 * len(seen) ** 0.5)
    return _filled([Sighting(t, box.x, box.y) for t, box in best], moving)


def _linked(looked: Faces) -> list[_Track]:
    """Every face of every look belongs to one track; the nearest pairs find each other first."""
    tracks: list[_Track] = []
    for t, boxes in looked:
        pairs = [(track.distance(t, box), i, j) for i, track in enumerate(tracks) for j, box in enumerate(boxes)]
        taken: dict[int, int] = {}
        for _, i, j in sorted((off, i, j) for off, i, j in pairs if off is not None):
            if j not in taken and i not in taken.values():
                taken[j] = i
        for j, box in enumerate(boxes):
            if j in taken:
                tracks[taken[j]].seen.append((t, box))
            else:
                tracks.append(_Track([(t, box)]))
    return tracks


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
