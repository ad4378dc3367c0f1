"""Timelines of many parts, rendered and looked at."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from actors.renderer.adapters.short import Limits, make_short
from actors.renderer.ports import Job, Output, Rendered
from contracts.style import LookUse, Transition
from contracts.timeline import Canvas, CaptionPlan, InsertOverlay, Segment, Timeline
from runtime.errors import Reject
from tests.renderer.hearing import write
from tests.renderer.media import Film, clock, columns, look, make, tone
from tests.renderer.strategies import Files, tiny_timelines

CANVAS = Canvas(width=64, height=112, fps=15)
LIMITS = Limits(10_000_000, encoder="libx264")


def outputs_of(timeline: Timeline, folder: Path) -> tuple[Output, ...]:
    """One for each shape of it."""
    return tuple(
        Output(shape=shape, video=folder / f"{n}.mp4", thumbnail=folder / f"{n}.jpg")
        for n, shape in enumerate((None, *timeline.shapes))
    )


def rendered(timeline: Timeline, out: Path) -> Rendered:
    output = Output(video=out, thumbnail=out.with_suffix(".jpg"))
    return make_short(Job(timeline=timeline), (output,), LIMITS, lambda done, eta: None)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A film whose brightness tells the time, with a tone; and one of three columns, without sound."""
    folder = tmp_path_factory.mktemp("films")
    one = make(folder / "one.mp4", Film(width=96, height=54, seconds=4, paint=clock, sound=tone(4)))
    two = make(folder / "two.mp4", Film(width=54, height=96, seconds=3, fps=12, paint=columns))
    return str(one), str(two)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_timeline_has_its_exact_length_rising_times_and_sound_to_the_picture(
    sources: tuple[str, str], tmp_path: Path, data: st.DataObject
) -> None:
    Image.new("RGB", (40, 30), (200, 60, 20)).save(tmp_path / "still.png")
    sound = write(tmp_path / "bed.wav", tone(3))
    files = Files(films=sources, still=str(tmp_path / "still.png"), sound=str(sound))
    timeline = data.draw(tiny_timelines(files))
    frames, fps = max(1, round(timeline.duration * timeline.canvas.fps)), timeline.canvas.fps
    outputs = outputs_of(timeline, tmp_path)
    result = make_short(Job(timeline=timeline), outputs, LIMITS, lambda done, eta: None)
    assert result.duration == pytest.approx(frames / fps)
    for output in outputs:
        seen = look(output.video)
        assert len(seen.pictures) == frames
        assert np.allclose(np.diff(seen.times), 1 / fps, atol=1e-4)
        for times in seen.dts.values():
            assert all(b > a for a, b in itertools.pairwise(times))
        assert sound_seconds(output.video) == pytest.approx(frames / fps, abs=1 / fps)


def sound_seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        sound = container.streams.audio[0]
        assert sound.duration is not None and sound.time_base is not None
        return float(sound.duration * sound.time_base)


def brightness(picture: object) -> float:
    return float(np.asarray(picture).mean())


def test_segments_follow_one_another_at_their_speed(sources: tuple[str, str], tmp_path: Path) -> None:
    one, _ = sources
    timeline = Timeline(
        canvas=CANVAS,
        segments=(Segment(source=one, start=3, end=4), Segment(source=one, start=0, end=2, speed=2)),
        quality="draft",
    )
    rendered(timeline, tmp_path / "s.mp4")
    seen = look(tmp_path / "s.mp4")
    assert len(seen.pictures) == 30
    assert brightness(seen.pictures[1]) == pytest.approx(82, abs=4)
    assert brightness(seen.pictures[14]) == pytest.approx(99, abs=4)
    assert brightness(seen.pictures[16]) == pytest.approx(23, abs=4)
    assert brightness(seen.pictures[29]) == pytest.approx(58, abs=4)


def test_in_a_transition_both_are_seen(sources: tuple[str, str], tmp_path: Path) -> None:
    one, two = sources
    fade = Transition(name="fade", seconds=0.6)
    timeline = Timeline(
        canvas=CANVAS,
        segments=(Segment(source=one, start=3, end=4), Segment(source=two, end=1, transition=fade)),
        quality="draft",
    )
    rendered(timeline, tmp_path / "s.mp4")
    seen = look(tmp_path / "s.mp4")
    assert len(seen.pictures) == round(1.4 * 15)
    left = [float(picture[:, :10, 0].mean()) for picture in seen.pictures]
    assert left[4] == pytest.approx(88, abs=8)
    assert left[6] < left[8] < left[11]
    assert left[20] == pytest.approx(220, abs=14)


def test_several_shapes_come_of_one_decoding(sources: tuple[str, str], tmp_path: Path) -> None:
    one, _ = sources
    timeline = Timeline(canvas=CANVAS, shapes=("1:1", "16:9"), segments=(Segment(source=one, end=1),), quality="draft")
    outputs = outputs_of(timeline, tmp_path)
    result = make_short(Job(timeline=timeline), outputs, LIMITS, lambda done, eta: None)
    assert [(made.shape, made.width, made.height) for made in result.made] == [
        (None, 64, 112),
        ("1:1", 64, 64),
        ("16:9", 114, 64),
    ]
    for made, output in zip(result.made, outputs, strict=True):
        seen = look(output.video)
        assert [picture.shape[:2] for picture in seen.pictures] == [(made.height, made.width)] * 15
        assert output.thumbnail.read_bytes()[:3] == b"\xff\xd8\xff"


def test_an_insert_replaces_the_picture_and_not_the_sound(sources: tuple[str, str], tmp_path: Path) -> None:
    one, two = sources
    timeline = Timeline(
        canvas=CANVAS,
        segments=(Segment(source=one, end=2),),
        overlays=(InsertOverlay(source=two, start=0.5, end=1.0),),
        quality="draft",
    )
    rendered(timeline, tmp_path / "s.mp4")
    seen = look(tmp_path / "s.mp4")
    red = [float(picture[:, :8, 0].mean()) - float(picture[:, :8, 1].mean()) > 80 for picture in seen.pictures]
    assert [n for n, found in enumerate(red) if found] == list(range(8, 15))
    assert float(np.abs(seen.sound[:, 24000:48000]).max()) > 0.05


def test_what_is_measured_is_what_is_seen_inserts_and_all(sources: tuple[str, str], tmp_path: Path) -> None:
    black = make(tmp_path / "black.mp4", Film(seconds=2, paint=lambda t, w, h: np.zeros((h, w, 3), np.uint8)))
    timeline = Timeline(
        canvas=CANVAS,
        segments=(Segment(source=str(black), end=2),),
        overlays=(InsertOverlay(source=sources[1], end=2.0),),
        quality="draft",
    )
    result = rendered(timeline, tmp_path / "s.mp4")
    assert result.made[0].quality.black == ()
    assert np.asarray(Image.open(tmp_path / "s.jpg")).mean() > 40


def test_a_segment_far_beyond_its_film_is_refused_before_any_work(sources: tuple[str, str], tmp_path: Path) -> None:
    timeline = Timeline(
        canvas=CANVAS, segments=(Segment(source=sources[0], end=1), Segment(source=sources[0], end=1e6))
    )
    with pytest.raises(Reject, match=r"4\.\d\d s long") as refused:
        rendered(timeline, tmp_path / "s.mp4")
    assert refused.value.field == "segments.1.end"


@pytest.mark.parametrize(
    ("segment", "captions", "field"),
    [
        ({"looks": (LookUse(name="sepia"),)}, "lit", "segments.0.looks.0.name"),
        ({}, "neon_sign", "captions.style"),
    ],
)
def test_what_does_not_exist_is_named_before_anything_is_made(
    sources: tuple[str, str], tmp_path: Path, segment: dict[str, object], captions: str, field: str
) -> None:
    timeline = Timeline(
        canvas=CANVAS,
        segments=(Segment(source=sources[0], end=1).model_copy(update=segment),),
        captions=CaptionPlan(style=captions),
    )
    with pytest.raises(Reject) as refused:
        rendered(timeline, tmp_path / "s.mp4")
    assert refused.value.field == field
    assert not (tmp_path / "s.mp4").exists()
