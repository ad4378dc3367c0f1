"""The people of a clip, shot by shot: tracks of faces, with the spans in which they speak."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from actors.vlm.adapters.people.faces import Faces
from actors.vlm.adapters.people.speaking import STEP, speaking
from actors.vlm.adapters.people.tracks import Track, tracks_of
from actors.vlm.adapters.people.watch import Mouths, PeopleSeen
from contracts.media import Stretch
from contracts.sight import Person, PersonPoint

__all__ = ["faces_of", "people_of", "persons"]

STRAIGHT = 0.004
"""Share of the picture by which a point may be off the line between its neighbours to be left out."""


def people_of(spans: Sequence[tuple[float, float]], seen: PeopleSeen, envelope: Sequence[float]) -> list[list[Track]]:
    """The people in each of the shots `spans`. `envelope`: amplitude of the sound (0 to 1) every STEP; empty: none."""
    out = []
    for start, end in spans:
        first, last = (bisect_left(seen.faces, t - 1e-3, key=lambda look: look[0]) for t in (start, end))
        tracks = tracks_of(seen.faces[first:last], seen.led)
        begin = int(start / STEP)
        mouths = [_mouth(track, seen.mouths, begin * STEP, end) for track in tracks]
        for track, spoken in zip(tracks, speaking(mouths, envelope[begin : int(end / STEP)]), strict=True):
            track.speaking = [(max(start, begin * STEP + a), min(end, begin * STEP + b)) for a, b in spoken]
        out.append(tracks)
    return out


def _mouth(track: Track, mouths: Mouths, since: float, end: float) -> list[tuple[float, float]]:
    samples = (sample for seen in track.seen for sample in mouths.get(seen, ()))
    return [(t - since, amount) for t, amount in samples if t < end]


def faces_of(looked: Faces, people: Sequence[Sequence[Track]]) -> Faces:
    """The looks without what is taken for mistakes of the detector."""
    known = {seen for tracks in people for track in tracks for seen in track.seen}
    return [(t, tuple(face for face in faces if (t, face) in known)) for t, faces in looked]


def persons(people: Sequence[Sequence[Track]]) -> tuple[Person, ...]:
    """The same as a contract, numbered through the clip."""
    tracks = [track for shot in people for track in shot]
    return tuple(_person(f"person-{number}", track) for number, track in enumerate(tracks, 1))


def _person(name: str, track: Track) -> Person:
    points = [
        PersonPoint(
            t=round(t, 3),
            x=round(max(0.0, face.x - face.w / 2), 4),
            y=round(max(0.0, face.y - face.h / 2), 4),
            width=round(min(1.0, face.x + face.w / 2) - max(0.0, face.x - face.w / 2), 4),
            height=round(min(1.0, face.y + face.h / 2) - max(0.0, face.y - face.h / 2), 4),
        )
        for t, face in track.seen
    ]
    speaking = tuple(Stretch(start=round(start, 3), end=round(end, 3)) for start, end in track.speaking)
    return Person(id=name, points=tuple(_thinned(points)), speaking=speaking)


def _thinned(points: list[PersonPoint]) -> list[PersonPoint]:
    """Without those that lie on the straight line from the last one kept to the next one."""
    kept = points[:1]
    for here, after in pairwise(points[1:]):
        before = kept[-1]
        share = (here.t - before.t) / (after.t - before.t)
        off = (
            abs(a + share * (b - a) - now)
            for a, now, b in zip(_places(before), _places(here), _places(after), strict=True)
        )
        if max(off) > STRAIGHT:
            kept.append(here)
    return kept + points[1:][-1:]


def _places(point: PersonPoint) -> tuple[float, float, float, float]:
    return point.x, point.y, point.width, point.height
