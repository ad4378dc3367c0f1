"""A timeline on the frame grid."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from actors.renderer.core import beats_of, schedule, size_of
from actors.renderer.core.schedule import too_late
from contracts.media import Word
from contracts.style import Transition
from contracts.timeline import Canvas, CaptionPlan, Effect, Segment, SoundPlan, Timeline, Voice


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Up to a dozen segments of any length and speed, with transitions where they fit."""
    segments: list[Segment] = []
    for number in range(draw(st.integers(1, 12))):
        start, length = draw(st.floats(0, 2)), draw(st.floats(0.01, 2))
        segment = Segment(source="a.mp4", start=start, end=start + length, speed=draw(st.floats(0.25, 4)))
        room = min(segment.duration, segments[-1].duration) / 2 if segments else 0.0
        if number and room > 0.01 and draw(st.booleans()):
            seconds = draw(st.floats(0.001, min(room, 3)))
            segment = segment.model_copy(update={"transition": Transition(seconds=seconds)})
        segments.append(segment)
    return Timeline(canvas=Canvas(width=64, height=112, fps=draw(st.integers(1, 120))), segments=tuple(segments))


def _crowded() -> Timeline:
    """Rounded border by border, its second segment would be shorter than the two transitions around it."""
    short = Segment(source="b.mp4", end=0.5, transition=Transition(seconds=0.25))
    last = Segment(source="c.mp4", end=2, transition=Transition(seconds=0.25))
    return Timeline(segments=(Segment(source="a.mp4", end=5.0035), short, last))


@given(timelines())
@example(_crowded())
def test_every_picture_is_of_one_segment_or_of_two_in_a_transition(timeline: Timeline) -> None:
    plan = schedule(timeline)
    assert plan.frames == max(1, round(timeline.duration * timeline.canvas.fps))
    assert plan.cuts[0].first == 0
    assert plan.cuts[-1].last == plan.frames
    for before, cut in pairwise(plan.cuts):
        assert before.first < before.last and before.index < cut.index
        assert cut.first + cut.blend == before.last
    for frame in range(plan.frames):
        assert 1 <= sum(cut.first <= frame < cut.last for cut in plan.cuts) <= 2


@given(timelines())
def test_no_picture_is_of_a_second_far_outside_its_segment(timeline: Timeline) -> None:
    plan = schedule(timeline)
    for cut in plan.cuts:
        segment = timeline.segments[cut.index]
        assert cut.source_time(cut.first) == segment.start
        # A picture more or less on either border, and what a source that broke off may lack.
        assert cut.source_time(cut.last - 1) <= segment.end + 2 * cut.step


def test_a_transition_that_does_not_fit_is_refused_with_its_place() -> None:
    first = Segment(source="a.mp4", end=1)
    second = Segment(source="a.mp4", end=0.5, transition=Transition(seconds=0.8))
    with pytest.raises(ValidationError, match=r"segments\.1: it lasts 0\.50 s, and its transitions take 0\.80 s"):
        Timeline(segments=(first, second))


def test_a_sound_that_begins_when_the_short_is_over_is_told() -> None:
    sound = SoundPlan(
        voices=(Voice(source="b.wav", at=1.9), Voice(source="b.wav", at=2)), effects=(Effect(source="c.wav", at=7),)
    )
    assert too_late(Timeline(segments=(Segment(source="a.mp4", end=2),), sound=sound)) == (
        "sound.voices.1 is never heard: it begins at 2.00 s, and the short ends at 2.00 s",
        "sound.effects.0 is never heard: it begins at 7.00 s, and the short ends at 2.00 s",
    )


def test_beats_are_the_emphasised_words_of_a_segment_on_its_own_clock() -> None:
    words = tuple(Word(text=f"w{n}", start=n / 2, end=n / 2 + 0.3) for n in range(6))
    timeline = Timeline(
        segments=(Segment(source="a.mp4", end=1), Segment(source="b.mp4", end=2)),
        captions=CaptionPlan(words=words, emphasis=(0, 3, 5)),
    )
    plan = schedule(timeline)
    assert [beats_of(timeline, cut, 30) for cut in plan.cuts] == [(0.0,), (0.5, 1.5)]


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        (None, (1080, 1920)),
        ("9:16", (1080, 1920)),
        ("1:1", (1080, 1080)),
        ("4:5", (1080, 1350)),
        ("16:9", (1920, 1080)),
    ],
)
def test_a_shape_keeps_the_shorter_side(shape: Any, size: tuple[int, int]) -> None:
    assert size_of(Canvas(), shape) == size
