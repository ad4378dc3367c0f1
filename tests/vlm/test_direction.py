"""Which mode a shot is shown in, whom the crop follows, and what no camera does whatever it sees."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.vlm.adapters.framing.camera import turns_of
from actors.vlm.adapters.framing.casting import LEAST
from actors.vlm.adapters.framing.direction import direct
from actors.vlm.adapters.people.faces import Face
from actors.vlm.adapters.people.tracks import Track
from actors.vlm.adapters.pictures.motion import Motion
from contracts.media import Stretch
from contracts.sight import Area, Framing, FramingPoint

HALF = 81 / 512
"""Half of the width that a 9:16 crop shows of a 16:9 picture."""
Spans = list[tuple[float, float]]


def stays(x: float, until: float, *, since: float = 0.0, w: float = 0.1, speaking: Spans | None = None) -> Track:
    """Somebody who sits at `x`."""
    times = [since + n / 2 for n in range(round((until - since) * 2))]
    return Track([(t, Face(x, 0.4, w, 1.8 * w)) for t in times], speaking or [])


def one_shot(*people: Track, seconds: float = 20.0, **more: Any) -> Framing:
    return direct([(0.0, seconds)], [list(people)], [], **more)


def modes(framing: Framing, end: float) -> list[tuple[float, float, str]]:
    """All of the clip as spans of one mode each."""
    out: list[tuple[float, float, str]] = []
    at = 0.0
    for section in framing.sections:
        if section.start - at > 1e-6:
            out.append((at, section.start, framing.mode))
        out.append((section.start, section.end, section.mode))
        at = section.end
    return [*out, (at, end, framing.mode)] if end - at > 1e-6 else out


def aim(framing: Framing, t: float) -> float:
    return min(framing.points, key=lambda point: abs(point.t - t)).x


def test_two_people_who_fit_are_shown_together() -> None:
    framing = one_shot(stays(0.45, 20), stays(0.57, 20))
    assert framing.sections == ()
    assert aim(framing, 10) == pytest.approx(0.51, abs=0.01)


def test_who_speaks_for_long_is_shown_with_a_cut_at_each_change() -> None:
    framing = one_shot(stays(0.2, 40, speaking=[(0, 20)]), stays(0.8, 40, speaking=[(20.2, 40)]), seconds=40)
    assert [aim(framing, t) for t in (5, 19, 21, 35)] == pytest.approx([0.2, 0.2, 0.8, 0.8], abs=0.01)
    (cut,) = framing.cuts
    assert cut == pytest.approx(20.1, abs=0.3)


def test_short_turns_of_two_are_shown_one_above_the_other() -> None:
    turns = [(n * 2.0, n * 2.0 + 1.8) for n in range(10)]
    framing = one_shot(stays(0.2, 20, speaking=turns[::2]), stays(0.8, 20, speaking=turns[1::2]))
    assert modes(framing, 20) == [(0.0, 20.0, "split")]
    assert {p.x for p in framing.points} == {0.2}
    assert {p.x for p in framing.second} == {0.8}


def test_two_of_whom_nobody_knows_who_speaks_are_both_shown() -> None:
    assert modes(one_shot(stays(0.2, 20), stays(0.8, 20)), 20) == [(0.0, 20.0, "split")]


def test_a_word_thrown_in_moves_nothing() -> None:
    framing = one_shot(stays(0.2, 20, speaking=[(0, 9), (11, 20)]), stays(0.8, 20, speaking=[(9.2, 10.8)]))
    assert (framing.cuts, framing.sections) == ((), ())
    assert aim(framing, 10) == pytest.approx(0.2, abs=0.01)


def test_a_large_face_is_followed_and_small_ones_behind_it_are_not() -> None:
    framing = one_shot(stays(0.3, 20, w=0.15), stays(0.8, 20, w=0.05))
    assert framing.sections == ()
    assert aim(framing, 10) == pytest.approx(0.3, abs=0.01)


def test_a_row_of_people_is_shown_whole() -> None:
    assert modes(one_shot(*(stays(x, 20) for x in (0.15, 0.5, 0.85))), 20) == [(0.0, 20.0, "fit")]


def test_a_recording_of_a_screen_has_its_speaker_below_or_is_shown_whole() -> None:
    screens = [Stretch(start=0, end=20)]
    speaker = one_shot(stays(0.9, 20, w=0.08), screens=screens)
    assert modes(speaker, 20) == [(0.0, 20.0, "screen")]
    assert [p.x for p in speaker.second] == pytest.approx([0.86, 0.86], abs=0.02)
    assert modes(one_shot(screens=screens), 20) == [(0.0, 20.0, "fit")]


def test_a_screen_that_comes_within_a_shot_is_a_section_of_its_own() -> None:
    framing = one_shot(stays(0.7, 20), screens=[Stretch(start=10, end=20)])
    assert modes(framing, 20) == [(0.0, 10.0, "track"), (10.0, 20.0, "screen")]


def test_a_title_that_is_wider_than_the_crop_is_shown_whole_unless_somebody_is_there() -> None:
    title = Area(kind="text", x=0.1, y=0.4, width=0.8, height=0.2, start=4, end=12)
    assert modes(one_shot(texts=[title]), 20) == [(0.0, 4.0, "track"), (4.0, 12.0, "fit"), (12.0, 20.0, "track")]
    assert modes(one_shot(stays(0.5, 20), texts=[title]), 20) == [(0.0, 20.0, "track")]


def test_somebody_whom_no_calm_camera_can_follow_is_shown_whole() -> None:
    runs = [(n / 2, Face(0.2 if n // 2 % 2 else 0.8, 0.4, 0.1, 0.2)) for n in range(40)]
    assert modes(one_shot(Track(runs)), 20) == [(0.0, 20.0, "fit")]


def test_the_eyes_are_on_the_upper_third_of_a_panel() -> None:
    framing = one_shot(stays(0.2, 20), stays(0.8, 20))
    eyes, zoom = 0.4 - 0.018, 0.6328 / 0.6
    (y,) = {point.y for point in framing.points}
    top = y - 1 / zoom / 2
    assert (eyes - top) * zoom == pytest.approx(1 / 3, abs=0.02)


MOST_TURNS = 0.13
"""A second; more is seen as swaying."""
seconds = st.integers(500, 30000).map(lambda ms: ms / 1000)
places = st.lists(st.tuples(st.floats(0, 1), st.floats(0.03, 0.4)), min_size=1, max_size=60)


@st.composite
def shots(draw: st.DrawFn) -> tuple[Spans, list[list[Track]]]:
    """Shots with people who are anywhere at any time and speak when they like."""
    spans: Spans = []
    people: list[list[Track]] = []
    at = 0.0
    for length in draw(st.lists(seconds, min_size=1, max_size=4)):
        spans.append((at, round(at + length, 3)))
        tracks = []
        for _ in range(draw(st.integers(0, 3))):
            found = draw(places)[: max(1, int(length * 2))]
            seen = [(at + n / 2 * (n * 0.5 < length), Face(x, 0.4, w, w)) for n, (x, w) in enumerate(found)]
            spoken = sorted(draw(st.lists(st.floats(0, length), max_size=6)))
            turns = [(at + a, at + b) for a, b in zip(spoken[::2], spoken[1::2], strict=False)]
            tracks.append(Track(seen, turns))
        people.append(tracks)
        at = round(at + length, 3)
    return spans, people


@settings(max_examples=60, deadline=None)
@given(
    shots(), st.lists(st.tuples(st.floats(0, 60), st.floats(1, 20)), max_size=3), st.sampled_from([16 / 9, 1.0, 9 / 16])
)
def test_whatever_is_seen_the_camera_is_calm(
    found: tuple[Spans, list[list[Track]]], screens: Spans, aspect: float
) -> None:
    spans, people = found
    end = spans[-1][1]
    stretches = [Stretch(start=a, end=a + b) for a, b in screens]
    framing = direct(spans, people, [], screens=stretches, aspect=aspect)
    half = min(1.0, 9 / 16 / aspect) / 2
    assert all(half - 1e-3 <= p.x <= 1 - half + 1e-3 for p in _tracked(framing))
    for points in (framing.points, framing.second):
        assert all(a.t < b.t for a, b in pairwise(points))
    assert all(b - a >= LEAST - 1e-2 for a, b, _ in modes(framing, end)) or len(modes(framing, end)) == 1
    for start, last in spans:
        xs = [p.x for p in _tracked(framing) if start - 1e-6 <= p.t < last - 5e-4]
        assert turns_of(xs) <= MOST_TURNS * (last - start)


def _tracked(framing: Framing) -> list[FramingPoint]:
    """The points of the crop outside of panels, where it is seen."""
    special = [section for section in framing.sections if section.mode != "track"]
    return [p for p in framing.points if not any(s.start - 1e-6 <= p.t < s.end - 5e-4 for s in special)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 2)), max_size=100))
def test_whatever_moves_the_path_neither_leaps_nor_sways(moved: list[tuple[float, float, float]]) -> None:
    motion = [Motion(n / 5, n / 5 + 0.2, 2.0, x, y, mass) for n, (x, y, mass) in enumerate(moved)]
    framing = direct([(0.0, 25.0)], [[]], motion)
    assert all(HALF - 1e-3 <= p.x <= 1 - HALF + 1e-3 for p in framing.points)
    assert turns_of([p.x for p in framing.points]) <= MOST_TURNS * 25
    assert turns_of([p.y for p in framing.points]) <= MOST_TURNS * 25
    assert all(abs(b.x - a.x) <= 1.2 * (b.t - a.t) for a, b in pairwise(framing.points))
