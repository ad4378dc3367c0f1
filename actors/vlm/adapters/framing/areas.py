"""Where faces are in the picture, as spans that captions can keep clear of."""

from __future__ import annotations

from collections.abc import Sequence

from actors.vlm.adapters.people.faces import Face
from contracts.sight import Area

__all__ = ["face_areas"]

REACH = 0.3
"""Seconds around a look for which a face is where it was seen: a little over half of the time between two."""
STILL = 0.03
"""Share of the picture by which a face may move and still be in the same area."""


def face_areas(looked: Sequence[tuple[float, tuple[Face, ...]]], duration: float) -> tuple[Area, ...]:
    """An area for each face while it hardly moves, in order of time. `looked`: the faces at every time looked for."""
    done: list[Area] = []
    going: list[Area] = []
    for t, faces in looked:
        going, before = [], going
        for found in (_area(t, face, duration) for face in faces):
            same = next((area for area in before if area.end >= found.start and _near(area, found)), None)
            if same is not None:
                before.remove(same)
            going.append(_both(same, found) if same is not None else found)
        done += before
    return tuple(sorted([*done, *going], key=lambda area: (area.start, area.x)))


def _area(t: float, face: Face, duration: float) -> Area:
    left, top = max(0.0, face.x - face.w / 2), max(0.0, face.y - face.h / 2)
    return Area(
        kind="face",
        start=round(max(0.0, t - REACH), 3),
        end=round(min(duration, t + REACH), 3),
        x=round(left, 4),
        y=round(top, 4),
        width=round(min(1.0, face.x + face.w / 2) - left, 4),
        height=round(min(1.0, face.y + face.h / 2) - top, 4),
    )


def _near(one: Area, other: Area) -> bool:
    return abs(one.x - other.x) < STILL and abs(one.y - other.y) < STILL and abs(one.width - other.width) < 2 * STILL


def _both(one: Area, other: Area) -> Area:
    """From the beginning of one to the end of the other, holding both."""
    left, top = min(one.x, other.x), min(one.y, other.y)
    return one.model_copy(
        update={
            "end": other.end,
            "x": left,
            "y": top,
            "width": round(max(one.x + one.width, other.x + other.width) - left, 4),
            "height": round(max(one.y + one.height, other.y + other.height) - top, 4),
        }
    )
