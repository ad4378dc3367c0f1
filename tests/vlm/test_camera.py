"""The camera's path over sightings as the detectors give them, twice a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from actors.vlm.adapters.framing.camera import THIN
from actors.vlm.adapters.framing.direction import direct
from actors.vlm.adapters.people.faces import Face
from actors.vlm.adapters.people.tracks import tracks_of
from actors.vlm.adapters.pictures.motion import Motion
from contracts.sight import Framing

Place = Callable[[float], float]
HALF = 81 / 512
"""Half of the width that a 9:16 crop shows of a 16:9 picture."""
Faces = list[tuple[float, tuple[Face, ...]]]


def walk(since: float, until: float, start: float, end: float) -> Place:
    """Stands at `start`, walks from `since` to `until`, stands at `end`."""
    return lambda t: float(np.interp(t, [since, until], [start, end]))


def seen(seconds: float, *places: Place, size: float = 0.1, every: float = 0.5, wobble: float = 0.0) -> Faces:
    """Faces that are found in every picture, largest first."""
    rng = np.random.default_rng(5)
    return [
        (t, tuple(Face(place(t) + wobble * float(rng.normal()), 0.4, size, 1.8 * size) for place in places))
        for t in np.arange(0, seconds, every).tolist()
    ]


def moves(seconds: float, place: Place) -> list[Motion]:
    """Motion that surrounds the place while it changes."""
    times = np.arange(0, seconds, 0.2).tolist()
    return [
        Motion(t, t + 0.2, 2.0, (place(t) + place(t + 0.2)) / 2, 0.5, 1.0 if place(t) != place(t + 0.2) else 0.0)
        for t in times
    ]


def path(framing: Framing, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Times and x of the path, 25 times a second."""
    times = np.arange(0, seconds, 0.04)
    return times, np.interp(times, [p.t for p in framing.points], [p.x for p in framing.points])


def farthest(framing: Framing, place: Place, seconds: float) -> float:
    """The largest distance between the subject and the middle of the crop."""
    times, xs = path(framing, seconds)
    aims = np.clip([place(t) for t in times], HALF, 1 - HALF)
    return float(np.abs(xs - aims).max())


def turns(framing: Framing, seconds: float) -> int:
    """How often the camera turns round."""
    steps = np.diff(path(framing, seconds)[1])
    signs = np.sign(steps[np.abs(steps) > 0.0004])
    return int((np.diff(signs) != 0).sum())


def follow(seconds: float, faces: Faces | None = None, motion: Sequence[Motion] = ()) -> Framing:
    return direct([(0.0, seconds)], [tracks_of(faces or [])], motion)


@pytest.mark.parametrize("distance", [0.2, 0.336, 0.5])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("phase", [0.0, 0.2, 0.4])
def test_a_face_that_crosses_the_picture_fast_stays_in_the_crop(distance: float, backwards: bool, phase: float) -> None:
    a, b = (0.75, 0.75 - distance) if backwards else (0.25, 0.25 + distance)
    place = walk(4 + phase, 5.6 + phase, a, b)
    framing = follow(10, seen(10, place))
    assert farthest(framing, place, 10) < HALF
    assert turns(framing, 10) == 0


def test_a_slow_face_is_followed_without_a_turn() -> None:
    place = walk(1, 11, 0.25, 0.75)
    framing = follow(12, seen(12, place, wobble=0.008))
    assert farthest(framing, place, 12) < HALF / 2
    assert turns(framing, 12) == 0


@pytest.mark.parametrize("step", [-0.045, 0.045])
def test_a_large_face_is_kept_within_the_middle_four_fifths_of_the_crop(step: float) -> None:
    place, size = walk(8, 10, 0.5, 0.5 + step), 0.2
    times, xs = path(follow(20, seen(20, place, size=size)), 20)
    farthest_edge = max(abs(x - place(t)) + size / 2 for t, x in zip(times, xs, strict=True))
    assert farthest_edge <= 0.8 * HALF + THIN


@pytest.mark.parametrize("period", [3.0, 4.0, 6.0])
def test_a_face_that_sways_for_a_minute_does_not_sway_the_camera(period: float) -> None:
    sways = follow(60, seen(60, lambda t: 0.5 + 0.1 * float(np.sin(2 * np.pi * t / period)), size=0.08))
    assert turns(sways, 60) <= 0.13 * 60


def test_a_face_that_nods_moves_nothing() -> None:
    framing = follow(12, seen(12, lambda t: 0.4 + 0.03 * float(np.sin(3 * t))))
    _, xs = path(framing, 12)
    assert np.ptp(xs) < 0.01


def test_a_face_that_is_found_elsewhere_for_a_moment_moves_nothing() -> None:
    faces = seen(10, lambda t: 0.7 if 4 <= t < 5 else 0.3)
    _, xs = path(follow(10, faces), 10)
    assert np.ptp(xs) < 0.01


def test_two_faces_that_cross_keep_their_names() -> None:
    near, far = walk(2, 8, 0.2, 0.8), walk(2, 8, 0.8, 0.2)
    both: Faces = [
        (t, (Face(near(t), 0.4, 0.14, 0.25), Face(far(t), 0.45, 0.1, 0.18))) for t in np.arange(0, 10, 0.5).tolist()
    ]
    framing = follow(10, both)
    assert farthest(framing, near, 10) < HALF
    assert turns(framing, 10) == 0


def test_two_like_faces_that_cross_fast_keep_their_names() -> None:
    left, right = walk(3, 5.5, 0.2, 0.8), walk(3, 5.5, 0.8, 0.2)
    framing = follow(10, seen(10, left, right))
    assert min(farthest(framing, place, 10) for place in (left, right)) < HALF
    assert turns(framing, 10) == 0


def test_two_faces_of_which_one_is_missed_at_times_do_not_pull_the_camera_back_and_forth() -> None:
    faces: Faces = [
        (t, (Face(0.3 if int(2 * t) % 3 else 0.7, 0.4, 0.1, 0.18),)) for t in np.arange(0, 12, 0.5).tolist()
    ]
    _, xs = path(follow(12, faces), 12)
    assert np.ptp(xs) < 0.02


@pytest.mark.parametrize("distance", [0.2, 0.336, 0.5])
def test_a_thing_that_moves_fast_stays_in_the_crop(distance: float) -> None:
    place = walk(4, 5.6, 0.25, 0.25 + distance)
    framing = follow(10, [], moves(10, place))
    assert farthest(framing, place, 10) < HALF
    assert turns(framing, 10) == 0


def test_a_face_that_turns_away_and_walks_is_followed_by_its_motion() -> None:
    place = walk(4, 6, 0.25, 0.7)
    turned = [(t, boxes if t < 4.2 else ()) for t, boxes in seen(10, place)]
    framing = follow(10, turned, moves(10, place))
    assert farthest(framing, place, 10) < HALF


def test_somebody_who_passes_behind_a_face_that_is_missed_for_a_moment_takes_nothing_along() -> None:
    passer = walk(4, 7, 0.05, 0.95)
    faces = [(t, () if 4.2 < t < 6.8 else boxes) for t, boxes in seen(12, lambda t: 0.35)]
    _, xs = path(follow(12, faces, moves(12, passer)), 12)
    assert np.ptp(xs) < 0.02
