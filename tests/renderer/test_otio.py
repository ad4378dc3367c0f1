"""The export for editors, read back with the reference implementation of OpenTimelineIO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from actors.renderer.core import expanded, otio_of, schedule
from contracts.media import Word
from contracts.sight import Framing, FramingPoint
from contracts.style import LookUse, Transition
from contracts.timeline import (
    Canvas,
    CaptionPlan,
    Effect,
    ImageOverlay,
    InsertOverlay,
    Music,
    Segment,
    SoundPlan,
    Timeline,
    TitleOverlay,
    Voice,
)
from tests.renderer.strategies import timelines

otio: Any = pytest.importorskip("opentimelineio", reason="the reference implementation has no wheel for this Python")

TALK, ROLL = "media://clips/a/talk.mp4", "/films/b roll.mp4"


def read(timeline: Timeline, urls: dict[str, str] | None = None, lengths: dict[str, float] | None = None) -> Any:
    return otio.adapters.read_from_string(otio_of(timeline, "A short", urls or {}, lengths), "otio_json")


def track(document: Any, name: str) -> Any:
    return next(each for each in document.tracks if each.name == name)


def seconds(span: Any) -> tuple[float, float]:
    return span.start_time.to_seconds(), span.duration.to_seconds()


@given(timelines())
@settings(max_examples=40)
def test_any_timeline_is_read_back_as_long_as_the_short(timeline: Timeline) -> None:
    document = read(timeline, lengths={"pop.wav": 0.3})
    frames = schedule(expanded(timeline)).frames
    fps = timeline.canvas.fps
    assert document.duration().to_frames() == frames
    assert abs(document.duration().to_seconds() - expanded(timeline).duration) <= 1.001 / fps
    for each in document.tracks:
        assert 0 < each.duration().to_frames() <= frames
        for child in each:
            if not isinstance(child, otio.schema.Transition):
                assert child.trimmed_range().duration.value > 0
                assert child.trimmed_range().start_time.value >= 0
    for marker in document.tracks.markers:
        assert seconds(marker.marked_range)[0] <= document.duration().to_seconds()
    again = otio.adapters.read_from_string(otio.adapters.write_to_string(document, "otio_json"), "otio_json")
    assert [each.duration() for each in again.tracks] == [each.duration() for each in document.tracks]


def test_a_file_on_disk_is_opened_by_its_ending(tmp_path: Path) -> None:
    path = tmp_path / "short.otio"
    path.write_text(otio_of(Timeline(segments=(Segment(source=TALK, end=2),)), "A short", {}), encoding="utf-8")
    assert otio.adapters.read_from_file(str(path)).name == "A short"


def test_a_clip_says_its_file_its_span_its_speed_and_its_looks() -> None:
    segment = Segment(
        source=TALK,
        start=10,
        end=14,
        speed=2,
        looks=(LookUse(name="warm", strength=0.4),),
        framing=Framing(mode="track", points=(FramingPoint(t=11, x=0.4, y=0.5),)),
    )
    document = read(Timeline(segments=(segment,)), {TALK: "https://example.org/talk"}, {TALK: 100.0})
    [clip] = track(document, "Picture")
    assert clip.media_reference.target_url == "https://example.org/talk"
    assert seconds(clip.media_reference.available_range) == (0, 100)
    assert seconds(clip.source_range) == (10, 2)
    warp, look = clip.effects
    assert isinstance(warp, otio.schema.LinearTimeWarp) and warp.time_scalar == 2
    assert look.effect_name == "warm"
    assert clip.metadata["clipwire"]["framing"]["points"][0]["x"] == 0.4
    assert (clip.metadata["clipwire"]["start"], clip.metadata["clipwire"]["end"]) == (10, 14)
    assert document.metadata["clipwire"]["canvas"] == {"width": 1080, "height": 1920, "fps": 30}


def test_a_transition_covers_the_frames_that_both_segments_share() -> None:
    segments = (
        Segment(source=TALK, start=0, end=3),
        Segment(source=ROLL, start=5, end=8, transition=Transition(name="whip", seconds=0.5)),
    )
    document = read(Timeline(segments=segments))
    first, transition, second = track(document, "Picture")
    assert transition.transition_type == otio.schema.TransitionTypes.SMPTE_Dissolve
    assert transition.metadata["clipwire"]["name"] == "whip"
    assert (transition.in_offset.value, transition.out_offset.value) == (7, 8)
    # The cut is in the middle of what both share (2.5 s to 3 s): either side has the rest of it as handles.
    assert seconds(first.source_range) == pytest.approx((0, 82 / 30))
    assert seconds(second.source_range) == pytest.approx((5 + 7 / 30, 83 / 30), abs=1 / 30)


def test_overlays_are_tracks_above_the_picture_in_their_order() -> None:
    timeline = Timeline(
        segments=(Segment(source=TALK, end=6),),
        overlays=(
            TitleOverlay(text="Wait for it", end=2),
            ImageOverlay(source="logo.png", start=3, end=5),
            InsertOverlay(source=ROLL, start=1, end=4, source_start=7),
        ),
    )
    document = read(timeline)
    names = [each.name for each in document.tracks if each.kind == "Video"]
    assert names == ["Picture", "Overlay 1", "Overlay 2"]
    gap, insert = track(document, "Overlay 1")
    assert isinstance(gap, otio.schema.Gap) and gap.duration().to_seconds() == 1
    assert seconds(insert.source_range) == (7, 3)
    title, _, image = track(document, "Overlay 2")
    assert title.media_reference.generator_kind == "title"
    assert title.media_reference.parameters["text"] == "Wait for it"
    assert image.media_reference.target_url == "logo.png"
    assert seconds(image.range_in_parent()) == (3, 2)


def test_sound_lies_on_tracks_of_its_own_and_muted_segments_are_gaps() -> None:
    timeline = Timeline(
        segments=(Segment(source=TALK, end=4), Segment(source=ROLL, end=4, mute=True)),
        sound=SoundPlan(
            voices=(Voice(source="a.wav", at=1, start=2, end=4), Voice(source="b.wav", at=2)),
            music=Music(source="bed.ogg", start=1),
            effects=(Effect(source="pop.wav", at=3), Effect(source="pop.wav", at=5)),
        ),
    )
    document = read(timeline, lengths={"bed.ogg": 4})
    talk, silent = track(document, "Sound of the picture")
    assert talk.duration().to_seconds() == 4 and isinstance(silent, otio.schema.Gap)
    _, first = track(document, "Voice 1")
    assert seconds(first.source_range) == (2, 2)
    _, second = track(document, "Voice 2")  # nobody knows how long it is: at most to the end
    assert seconds(second.range_in_parent()) == (2, 6)
    bed = [seconds(clip.source_range) for clip in track(document, "Music")]
    assert bed == [(1, 3), (0, 4), (0, 1)]
    _, pop, again = track(document, "Effects 1")
    assert seconds(pop.range_in_parent()) == (3, 2) and seconds(again.range_in_parent()) == (5, 3)


def test_what_is_said_stands_as_markers() -> None:
    words = tuple(Word(text=text, start=n, end=n + 0.9) for n, text in enumerate(("Héllo", "there.", "Goodbye.")))
    document = read(Timeline(segments=(Segment(source=TALK, end=4),), captions=CaptionPlan(words=words)))
    marks = document.tracks.markers
    assert " ".join(mark.comment for mark in marks) == "Héllo there. Goodbye."
    assert seconds(marks[0].marked_range)[0] == 0
    assert all(mark.marked_range.duration.value > 0 for mark in marks)


def test_a_ramp_is_pieces_with_time_warps() -> None:
    timeline = Timeline(
        canvas=Canvas(fps=60), segments=(Segment(source=TALK, end=5, looks=(LookUse(name="speed_ramp", strength=1),)),)
    )
    document = read(timeline)
    clips = list(track(document, "Picture"))
    assert len(clips) == 8
    assert [len(clip.effects) for clip in clips] == [0, 1, 1, 1, 1, 1, 1, 0]
    assert document.duration().to_seconds() > 6
