"""Speed ramps: pieces of constant speed, and everything else on the new clock."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from actors.renderer.core import expanded, schedule
from actors.renderer.core.ramp import field_before, look_cuts
from contracts.media import Word
from contracts.style import LookUse, Transition
from contracts.timeline import CaptionPlan, Effect, Segment, SoundPlan, Timeline, TitleOverlay, Voice
from tests.renderer.strategies import timelines

RAMP = LookUse(name="speed_ramp", strength=1.0)
WARM = LookUse(name="warm")


def segment(start: float = 10.0, end: float = 15.0, *, looks: tuple[LookUse, ...] = (RAMP,), **more: object) -> Segment:
    return Segment.model_validate({"source": "talk.mp4", "start": start, "end": end, "looks": looks, **more})


def test_a_timeline_without_ramps_is_given_back_as_it_is() -> None:
    timeline = Timeline(segments=(segment(looks=(WARM,)),))
    assert expanded(timeline) is timeline


def test_a_ramp_is_slow_in_the_middle_and_as_fast_as_the_segment_at_both_ends() -> None:
    pieces = expanded(Timeline(segments=(segment(speed=2.0, looks=(RAMP, WARM)),))).segments
    assert len(pieces) == 8
    speeds = [piece.speed for piece in pieces]
    assert speeds[0] == speeds[-1] == 2.0
    assert 1.0 <= min(speeds) < 1.1
    assert speeds[:4] == sorted(speeds[:4], reverse=True)
    assert speeds == pytest.approx(speeds[::-1])
    assert all(piece.looks == (WARM,) for piece in pieces)


def test_half_the_strength_slows_down_half_as_much() -> None:
    half = RAMP.model_copy(update={"strength": 0.5})
    whole_speeds, half_speeds = (
        [piece.speed for piece in expanded(Timeline(segments=(segment(looks=(use,)),))).segments]
        for use in (RAMP, half)
    )
    assert [1 - speed for speed in whole_speeds] == pytest.approx([2 * (1 - speed) for speed in half_speeds])


@given(timelines())
def test_the_pieces_show_all_of_the_source_once_and_in_order(timeline: Timeline) -> None:
    result = expanded(timeline)
    assert Timeline.model_validate(result.model_dump()) == result
    assert not [use for piece in result.segments for use in piece.looks if use.name == "speed_ramp"]
    rest = list(result.segments)
    for whole in timeline.segments:
        pieces = [rest.pop(0)]
        while pieces[-1].end < whole.end:
            pieces.append(rest.pop(0))
        assert pieces[0].start == whole.start and pieces[-1].end == whole.end
        assert pieces[0].transition == whole.transition
        for before, piece in pairwise(pieces):
            assert piece.start == before.end and piece.transition is None
        assert all(piece.speed <= whole.speed for piece in pieces)
        assert {(piece.source, piece.mute, piece.framing) for piece in pieces} == {
            (whole.source, whole.mute, whole.framing)
        }
    assert not rest
    assert result.duration >= timeline.duration - 1e-6


@given(timelines())
def test_what_is_said_keeps_its_order_and_its_place_in_the_source(timeline: Timeline) -> None:
    result = expanded(timeline)
    assert len(result.captions.words) == len(timeline.captions.words)
    for old, new in zip(timeline.captions.words, result.captions.words, strict=True):
        assert new.text == old.text
        assert new.end - new.start >= (old.end - old.start) - 1e-6
        if old.start < timeline.duration - 1e-3:
            assert source_moments(timeline, old.start) == pytest.approx(source_moments(result, new.start), abs=1e-4)
    starts = [word.start for word in result.captions.words]
    assert starts == sorted(starts)


def source_moments(timeline: Timeline, t: float) -> list[float]:
    """The seconds of the sources that are seen at a time, but for borders."""
    found, clock = [], 0.0
    for each in timeline.segments:
        clock -= each.transition.seconds if each.transition else 0.0
        if clock + 1e-5 <= t < clock + each.duration - 1e-5:
            found.append(each.start + (t - clock) * each.speed)
        clock += each.duration
    return found


def test_overlays_voices_and_effects_stay_with_the_picture_and_an_open_end_stays_open() -> None:
    timeline = Timeline(
        segments=(segment(0, 5), segment(0, 5, looks=(), transition=Transition(seconds=0.5))),
        overlays=(TitleOverlay(text="Now", start=2.5, end=None), TitleOverlay(text="Then", start=6.0, end=8.0)),
        captions=CaptionPlan(words=(Word(text="slow", start=2.4, end=2.6),)),
        sound=SoundPlan(voices=(Voice(source="v.wav", at=7.0, end=1.0),), effects=(Effect(source="e.wav", at=0.5),)),
    )
    result = expanded(timeline)
    later = result.duration - timeline.duration
    assert later > 1.0
    first, second = result.overlays
    assert 2.5 < first.start < 2.5 + later and first.end is None
    assert (second.start, second.end) == pytest.approx((6.0 + later, 8.0 + later))
    assert result.sound.voices[0].at == pytest.approx(7.0 + later)
    assert result.sound.voices[0].end == 1.0
    assert result.sound.effects[0].at == 0.5
    assert result.captions.words[0].end - result.captions.words[0].start == pytest.approx(0.4, abs=0.05)


def test_a_segment_with_no_room_between_its_transitions_keeps_its_speed() -> None:
    timeline = Timeline(
        segments=(
            segment(0, 3, looks=()),
            segment(0, 2, transition=Transition(seconds=0.9)),
            segment(0, 3, looks=(), transition=Transition(seconds=0.9)),
        )
    )
    result = expanded(timeline)
    assert [each.speed for each in result.segments] == [1, 1, 1]
    assert result.segments[1].looks == ()


def test_many_ramps_are_made_of_fewer_pieces_instead_of_too_many() -> None:
    result = expanded(Timeline(segments=tuple(segment(n, n + 2) for n in range(500))))
    assert len(result.segments) == 2000
    assert Timeline.model_validate(result.model_dump()) == result


def test_looks_see_the_pieces_of_a_ramp_as_one_and_other_segments_apart() -> None:
    timeline = expanded(Timeline(segments=(segment(0, 5, looks=(RAMP, WARM)), segment(9, 11, looks=(WARM,)))))
    plan = schedule(timeline)
    found = look_cuts(timeline.segments, plan)
    pieces, other = plan.cuts[:8], plan.cuts[8]
    assert {found[cut] for cut in pieces} == {found[pieces[0]]}
    assert (found[pieces[0]].first, found[pieces[0]].last) == (0, other.first)
    assert found[other] == other


@pytest.mark.parametrize(
    ("field", "before"),
    [
        ("segments.0.looks.0.name", "segments.0.looks.0.name"),
        ("segments.3.end", "segments.1.end"),
        ("segments.8.looks.0.name", "segments.1.looks.1.name"),
        ("segments.9.looks.1.name", "segments.2.looks.1.name"),
        ("overlays.3.source", "overlays.3.source"),
        (None, None),
    ],
)
def test_a_field_is_named_as_it_is_in_the_plan(field: str | None, before: str | None) -> None:
    timeline = Timeline(
        segments=(segment(looks=(WARM,)), segment(looks=(RAMP, WARM)), segment(looks=(WARM, WARM))),
    )
    assert field_before(timeline, field) == before
