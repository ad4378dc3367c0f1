"""Who is who from look to look, and who of them speaks: over plain numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.vlm.adapters.people.faces import Face, Faces
from actors.vlm.adapters.people.persons import faces_of, people_of, persons
from actors.vlm.adapters.people.speaking import STEP, speaking
from actors.vlm.adapters.people.tracks import tracks_of
from actors.vlm.adapters.people.watch import PeopleSeen

shares = st.floats(0, 1)
faces = st.builds(Face, shares, shares, st.floats(0.02, 0.6), st.floats(0.02, 0.6), st.floats(0.5, 1))
looks = st.lists(st.lists(faces, max_size=4), max_size=30).map(
    lambda found: [(n / 2, tuple(f)) for n, f in enumerate(found)]
)
Samples = list[tuple[float, float]]


def talk(seconds: float, *turns: tuple[float, float], seed: int = 1) -> list[float]:
    """The envelope of a voice that speaks in these spans, in syllables, over the hiss of a room."""
    rng = np.random.default_rng(seed)
    times = np.arange(0, seconds, STEP)
    voice = sum((times >= a) & (times < b) for a, b in turns)
    return [float(level) for level in 0.0005 + voice * rng.uniform(0.02, 0.2, times.size)]


def mouth(envelope: list[float], *turns: tuple[float, float], noise: float = 0.01) -> Samples:
    """A mouth that opens with the sound in these spans, looked at twelve times a second."""
    rng = np.random.default_rng(2)
    times = np.arange(0.02, len(envelope) * STEP, 0.083).tolist()
    moves = [any(a <= t < b for a, b in turns) * 2 * envelope[min(len(envelope) - 1, int(t / STEP))] for t in times]
    return [(t, move + float(rng.uniform(0, noise))) for t, move in zip(times, moves, strict=True)]


def test_of_two_people_the_one_whose_mouth_moves_with_the_sound_speaks() -> None:
    sound = talk(30, (1, 9), (10, 14), (15, 28))
    left, right = speaking([mouth(sound, (1, 9), (15, 28)), mouth(sound, (10, 14))], sound)
    assert [(round(a), round(b)) for a, b in left] == [(1, 9), (15, 28)]
    assert [(round(a), round(b)) for a, b in right] == [(10, 14)]


def test_a_voice_without_a_face_is_nobodys() -> None:
    sound = talk(20, (1, 19))
    assert speaking([mouth(sound), mouth(sound)], sound) == [[], []]


def test_a_mouth_that_chews_while_somebody_else_speaks_says_nothing() -> None:
    rng = np.random.default_rng(4)
    sound = talk(40, (1, 39))
    chews = [(n / 12, 0.15 + 0.1 * float(np.sin(n * 1.9)) + 0.02 * float(rng.normal())) for n in range(480)]
    assert speaking([chews], sound) == [[]]


def test_nobody_speaks_in_silence_or_without_sound() -> None:
    lively = mouth(talk(10, (0, 10)), (0, 10))
    assert speaking([lively], [0.0] * 100) == [[]]
    assert speaking([lively], []) == [[]]
    assert speaking([], [0.5] * 100) == []


@given(
    st.lists(st.lists(st.tuples(st.floats(0, 12), st.floats(0, 3)), max_size=60).map(sorted), max_size=4),
    st.lists(st.floats(0, 1), max_size=100),
)
def test_nobody_speaks_at_once_or_beyond_the_sound(mouths: list[Samples], sound: list[float]) -> None:
    spans = [span for person in speaking(mouths, sound) for span in person]
    assert all(0 <= a < b <= len(sound) * STEP + 1e-6 for a, b in spans)
    ordered = sorted(spans)
    assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(ordered))


@given(looks)
def test_no_face_belongs_to_two_people(looked: list[tuple[float, tuple[Face, ...]]]) -> None:
    tracks = tracks_of(looked)
    for track in tracks:
        times = [t for t, _ in track.seen]
        assert times == sorted(set(times))
    for t, found in looked:
        at = [face for track in tracks for when, face in track.seen if when == t]
        assert len(at) <= len(found)
        assert all(face in found for face in at)


@given(looks, st.floats(-1, 20))
def test_where_somebody_is_between_two_looks_is_between_them(
    looked: list[tuple[float, tuple[Face, ...]]], t: float
) -> None:
    for track in tracks_of(looked):
        xs = [face.x for _, face in track.seen]
        assert min(xs) - 1e-9 <= track.at(t).x <= max(xs) + 1e-9
        before, after = track.around(t)
        assert before <= after


def test_a_face_that_is_missed_for_seconds_keeps_its_name() -> None:
    looked = [(n / 2, () if 6 < n < 16 else (Face(0.3, 0.4, 0.1, 0.2),)) for n in range(30)]
    (track,) = tracks_of(looked)
    assert (track.start, track.end) == (0.0, 14.5)


def test_the_only_face_keeps_its_name_while_the_camera_pans_fast() -> None:
    place = np.interp(np.arange(0, 6, 0.5), [2, 3], [0.2, 0.8])
    (track,) = tracks_of([(n / 2, (Face(float(x), 0.4, 0.1, 0.2),)) for n, x in enumerate(place)])
    assert len(track.seen) == 12


def test_a_face_goes_where_its_picture_was_followed_to() -> None:
    """Two like faces change sides between two looks: only what was seen in between tells which is which."""
    left, right = Face(0.4, 0.4, 0.1, 0.2), Face(0.6, 0.4, 0.1, 0.2)
    led = {(0.0, left): right, (0.0, right): left}
    one, other = tracks_of([(0.0, (left, right)), (0.5, (left, right))], led)
    assert [face.x for _, face in one.seen] == [0.4, 0.6]
    assert [face.x for _, face in other.seen] == [0.6, 0.4]


@pytest.mark.parametrize(
    "found",
    [
        [(Face(0.5, 0.5, 0.1, 0.1),), (), (), (), ()],  # once
        [(Face(0.5, 0.5, 0.1, 0.1, 0.6),)] * 5,  # never surely
        [(Face(0.5, 0.5, 0.1, 0.1),), *[()] * 12, (Face(0.5, 0.5, 0.1, 0.1),)],  # hardly ever
    ],
)
def test_what_is_seen_seldom_or_never_surely_is_nobody(found: list[tuple[Face, ...]]) -> None:
    looked = [(n / 2, each) for n, each in enumerate(found)]
    assert tracks_of(looked) == []
    assert all(not left for _, left in faces_of(looked, [[]]))


def test_people_are_told_by_shot_with_what_they_say() -> None:
    sound = talk(20, (1, 8), (12, 19))
    left, right = Face(0.3, 0.4, 0.1, 0.2), Face(0.7, 0.4, 0.1, 0.2)
    looked: Faces = [(n / 2, (left, right) if n < 20 else (right,)) for n in range(40)]
    lips = {left: mouth(sound, (1, 8)), right: mouth(sound, (12, 19))}
    mouths = {
        (t, face): [sample for sample in lips[face] if t <= sample[0] < t + 0.5] for t, seen in looked for face in seen
    }
    shots = [(0.0, 10.0), (10.0, 20.0)]
    one, two, three = persons(people_of(shots, PeopleSeen(looked, mouths), sound))
    assert [person.id for person in (one, two, three)] == ["person-1", "person-2", "person-3"]
    assert [(round(s.start), round(s.end)) for s in one.speaking] == [(1, 8)]
    assert two.speaking == ()
    assert [(round(s.start), round(s.end)) for s in three.speaking] == [(12, 19)]
    assert [(point.t, point.x) for point in one.points] == [(0.0, 0.25), (9.5, 0.25)]
