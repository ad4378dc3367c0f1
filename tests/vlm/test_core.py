"""The choice of moments: never inside a word, never overlapping, as many as fit."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from cProfile import Profile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.vlm.core import METHOD, candidates, choose
from actors.vlm.core.score import UNSPOKEN, WEIGHTS
from actors.vlm.ports import STEP
from contracts.media import Transcript
from contracts.sight import Fade, Moment, Sound
from tests.vlm.clips import a_sight, a_transcript, cut_words, sights, speeches


def moments(duration: float, transcript: Transcript | None = None, wanted: int = 4, **sight: Any) -> tuple[Moment, ...]:
    return choose(
        a_sight(duration, **sight),
        transcript,
        duration=duration,
        wanted=wanted,
        title="A clip",
    )


def in_order(found: tuple[Moment, ...]) -> list[Moment]:
    return sorted(found, key=lambda m: m.start)


@settings(max_examples=60, deadline=None)
@given(st.data(), speeches(), st.integers(1, 9))
def test_moments_lie_inside_the_clip_overlap_nowhere_and_cut_no_word(
    data: st.DataObject, speech: tuple[float, Transcript], wanted: int
) -> None:
    duration, transcript = speech
    found = in_order(choose(data.draw(sights(duration)), transcript, duration=duration, wanted=wanted, title="A clip"))
    assert all(0 <= m.start < m.end <= duration + 0.001 for m in found)
    assert all(a.end <= b.start + 0.002 for a, b in itertools.pairwise(found))
    assert not cut_words(tuple(found), transcript, duration)
    for moment in found:
        assert sum(part.weight for part in moment.parts) == pytest.approx(1, abs=0.002)
        assert moment.reason.endswith(".")
        assert moment.title


@settings(max_examples=25, deadline=None)
@given(st.data(), st.floats(180, 400).flatmap(speeches), st.integers(1, 6))
def test_three_minutes_or_more_always_give_at_least_four_moments(
    data: st.DataObject, speech: tuple[float, Transcript], wanted: int
) -> None:
    duration, transcript = speech
    found = choose(data.draw(sights(duration)), transcript, duration=duration, wanted=wanted, title="A clip")
    assert len(found) >= max(4, wanted)
    assert all(5 <= m.end - m.start <= 60.002 for m in found)
    assert not cut_words(found, transcript, duration)


@settings(max_examples=25, deadline=None)
@given(speeches(179.6), st.integers(1, 6))
def test_three_minutes_whose_last_pictures_are_not_seen_are_three_minutes(
    speech: tuple[float, Transcript], wanted: int
) -> None:
    seen, transcript = speech
    found = choose(a_sight(seen), transcript, duration=180.0, wanted=wanted, title="A clip")
    assert len(found) >= max(4, wanted)


@settings(max_examples=20, deadline=None)
@given(st.floats(180, 400).flatmap(speeches), st.integers(1, 6), st.floats(10, 25), st.floats(1.5, 3))
def test_lengths_are_kept_where_enough_moments_fit_and_fewer_may_be_enough(
    speech: tuple[float, Transcript], wanted: int, shortest: float, times: float
) -> None:
    duration, transcript = speech
    longest = shortest * times
    found = choose(
        a_sight(duration), transcript, duration=duration, wanted=wanted, title="", fewest=1, lengths=(shortest, longest)
    )
    assert len(found) >= 4
    assert all(m.end - m.start <= longest + 0.002 for m in found)
    assert sum(m.end - m.start >= shortest - 0.002 for m in found) >= 1


@settings(max_examples=20, deadline=None)
@given(st.data(), st.floats(60, 300).flatmap(speeches), st.integers(1, 6))
def test_candidates_hold_what_is_chosen_and_cut_no_word(
    data: st.DataObject, speech: tuple[float, Transcript], wanted: int
) -> None:
    duration, transcript = speech
    sight = data.draw(sights(duration))
    every = candidates(sight, transcript, duration=duration, wanted=wanted, title="", most=12)
    best = choose(sight, transcript, duration=duration, wanted=wanted, title="")
    assert {(m.start, m.end) for m in best} <= {(m.start, m.end) for m in every}
    assert not cut_words(every, transcript, duration)
    judged = {(m.start, m.end): data.draw(st.floats(0, 1)) for m in every}
    again = in_order(choose(sight, transcript, duration=duration, wanted=wanted, title="", judged=judged))
    assert len(again) >= min(wanted, len(best))
    assert all(a.end <= b.start + 0.002 for a, b in itertools.pairwise(again))


@settings(max_examples=30, deadline=None)
@given(st.floats(5, 600), st.integers(1, 8), st.lists(st.floats(0.5, 600), max_size=60))
def test_silent_clips_give_as_many_moments_as_fit(duration: float, wanted: int, cuts: list[float]) -> None:
    inside = tuple(sorted({round(cut, 3) for cut in cuts if cut < duration - 0.5}))
    found = moments(duration, None, wanted, cuts=inside, lufs=None)
    assert len(found) >= min(wanted, max(1, int(duration / 9)))
    assert all(m.end - m.start >= min(5, duration) - 0.002 for m in found)


@settings(max_examples=20, deadline=None)
@given(speeches(), st.integers(1, 6))
def test_the_same_clip_gives_the_same_moments(speech: tuple[float, Transcript], wanted: int) -> None:
    duration, transcript = speech
    assert moments(duration, transcript, wanted) == moments(duration, transcript, wanted)


def test_half_a_minute_with_four_wanted_gives_four_moments_of_about_seven_seconds() -> None:
    found = moments(30.0, wanted=4)
    assert len(found) == 4
    assert all(5 <= m.end - m.start <= 11 for m in found)


@pytest.mark.parametrize("duration", [1.0, 3.2, 5.0])
def test_a_clip_of_a_few_seconds_is_one_moment(duration: float) -> None:
    (only,) = moments(duration)
    assert (only.start, only.end) == (0.0, duration)


def test_less_than_a_second_is_no_moment() -> None:
    assert moments(0.9) == ()


@pytest.mark.parametrize("duration", [180.0, 400.0])
@pytest.mark.parametrize("talking", [True, False])
def test_three_minutes_give_at_least_four_moments_of_normal_length(duration: float, talking: bool) -> None:
    lines = [(t, "Bees know nine things about flowers and dance for them.") for t in range(1, int(duration) - 5, 5)]
    found = moments(duration, a_transcript([(float(t), line) for t, line in lines]) if talking else None)
    assert len(found) >= 4
    assert all(15 <= m.end - m.start <= 60 for m in found)


def test_the_weights_are_one_and_the_page_on_moments_tells_them() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert sum(UNSPOKEN.values()) == pytest.approx(1)
    page = (Path(__file__).resolve().parents[2] / "docs/moments.md").read_text(encoding="utf-8")
    assert f"`{METHOD}`" in page
    rows = [[cell.strip(" `") for cell in line.split("|")[1:4]] for line in page.splitlines() if line.startswith("| `")]
    told = {name: (weight, unspoken) for name, weight, unspoken in rows if name in WEIGHTS}
    assert told == {
        name: (f"{weight:.2f}", f"{UNSPOKEN[name]:.2f}" if name in UNSPOKEN else "") for name, weight in WEIGHTS.items()
    }


def test_best_come_first() -> None:
    scores = [m.score for m in moments(300.0, cuts=(31.0, 77.0, 120.0, 200.0))]
    assert scores == sorted(scores, reverse=True)


def test_one_endless_sentence_gives_moments_that_cut_no_word() -> None:
    endless = a_transcript([(0.0, "and so we went on and on about the bees " * 60)])
    found = moments(220.0, endless)
    assert len(found) >= 4
    assert not cut_words(found, endless, 220.0)
    assert all("within a sentence" in m.reason for m in found)


def test_words_that_never_end_are_not_believed() -> None:
    stuck = a_transcript([(0.0, "once"), (150.0, "twice")])
    words = tuple(word.model_copy(update={"end": word.start + 140}) for word in stuck.words)
    assert len(moments(300.0, stuck.model_copy(update={"words": words}))) >= 4


def test_silent_clips_are_cut_at_their_cuts_and_fades_and_say_so_honestly() -> None:
    sight = a_sight(200.0, (31.0, 62.0, 101.0, 130.0), lufs=None)
    lively = tuple(0.6 if 62 <= step * STEP < 101 else 0.05 for step in range(len(sight.motion)))
    fade = Fade(kind="out", start=128.0, end=130.0)
    found = choose(
        sight.model_copy(update={"motion": lively, "fades": (fade,)}), None, duration=200.0, wanted=4, title="My trip"
    )
    assert (found[0].start, found[0].end) == (62.0, 101.0)
    assert found[0].reason == "Has much movement and ends at a cut; 39 s, nobody speaks."
    assert (found[0].title, found[0].hook, found[0].text) == ("My trip at 1:02", "My trip", "")
    assert 130.0 in {m.end for m in found}


def test_where_speech_is_heard_without_a_transcript_nobody_is_told_that_nobody_speaks() -> None:
    sight = a_sight(120.0, (60.0,))
    heard = sight.model_copy(update={"sounds": (Sound(kind="speech", start=0.0, end=58.0, confidence=0.9),)})
    found = in_order(choose(heard, None, duration=120.0, wanted=4, title="My talk"))
    assert {m.reason.endswith("what is said is not known.") for m in found if m.end <= 60} == {True}
    assert {m.reason.endswith("nobody speaks.") for m in found if m.start >= 60} == {True}


def test_of_a_calm_clip_it_is_said_where_it_moves_most_and_else_where_its_moments_begin_and_end() -> None:
    sight = a_sight(200.0, (31.0, 62.0, 101.0, 130.0), lufs=None)
    calm = tuple(0.1 if 62 <= step * STEP < 101 else 0.05 for step in range(len(sight.motion)))
    found = choose(sight.model_copy(update={"motion": calm}), None, duration=200.0, wanted=4, title="My trip")
    reasons = {m.start: m.reason.partition(";")[0] for m in found}
    assert reasons.pop(62.0) == "Has more movement than the clip mostly has and ends at a cut"
    assert "more movement" not in str(reasons)
    assert reasons
    grass = choose(a_sight(200.0, lufs=None), None, duration=200.0, wanted=4, title="My trip")
    assert all(m.reason.startswith("Starts ") and " ends " in m.reason for m in grass)


def found_by_calls(minutes: int, said: Transcript | None) -> tuple[int, int]:
    """How many moments are found, and by how many calls of functions: what it costs, the same on any machine."""
    profile = Profile()
    found = profile.runcall(moments, minutes * 60.0, said)
    return len(found), sum(entry.callcount for entry in profile.getstats())


def speech_of(minutes: int) -> Transcript:
    lines = [
        (float(t), "And here is one more thing that nobody ever told you.") for t in range(0, minutes * 60 - 10, 4)
    ]
    return a_transcript(lines, rate=3)


def one_sentence_of(minutes: int) -> Transcript:
    return a_transcript([(0.0, "and so we went on about the bees " * (5 * minutes))], rate=0.65)


def nothing_said_in(minutes: int) -> None:
    return None


@pytest.mark.parametrize("said", [speech_of, one_sentence_of, nothing_said_in])
def test_what_is_twice_as_long_costs_twice_as_much(said: Callable[[int], Transcript | None]) -> None:
    _, once = found_by_calls(20, said(20))
    found, twice = found_by_calls(40, said(40))
    assert found >= 4
    assert twice < 1.2 * 2 * once


def test_ten_hours_of_silence_have_moments() -> None:
    assert len(moments(36000.0)) >= 4
