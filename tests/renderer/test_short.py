"""Whole shorts, looked at as a viewer would: their pictures, their shape and what of the source they show."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
import pytest

from contracts.renders import Recipe
from contracts.sight import Framing, FramingPoint
from tests.renderer.jobs import SMALL, short
from tests.renderer.media import BLUE, GREEN, GREY, RED, Film, assert_corners, color_at, columns, make, near, tone


@pytest.mark.parametrize("source_fps", [10, 24, 60])
def test_a_short_has_exactly_its_frames_at_a_constant_rate_whatever_the_source(tmp_path: Path, source_fps: int) -> None:
    source = make(tmp_path / "a.mp4", Film(fps=source_fps, sound=tone(2), seconds=2))
    rendered, seen = short(source, 0.3, 1.77)
    assert len(seen.pictures) == round(1.47 * 30)
    assert np.allclose(np.diff(seen.times), 1 / 30, atol=1e-4)
    assert rendered.duration == pytest.approx(len(seen.pictures) / 30)
    for times in seen.dts.values():
        assert all(b > a for a, b in itertools.pairwise(times))


def test_a_short_is_tagged_and_shaped_as_platforms_ask(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(sound=tone(2)))
    short(source, recipe=SMALL.model_copy(update={"quality": "fast"}))
    out = tmp_path / "short-of-a.mp4"
    with av.open(str(out)) as container:
        video, audio = container.streams.video[0].codec_context, container.streams.audio[0].codec_context
        assert (video.name, video.profile, video.pix_fmt) == ("h264", "High", "yuv420p")
        assert (video.colorspace, video.color_primaries, video.color_trc, video.color_range) == (1, 1, 1, 1)
        assert (audio.name, audio.profile, audio.sample_rate, audio.layout.name) == ("aac", "LC", 48000, "stereo")
    head = out.read_bytes()[:64]
    assert head[4:8] == b"ftyp"
    assert out.read_bytes().index(b"moov") < out.read_bytes().index(b"mdat")
    assert (tmp_path / "short-of-a.jpg").read_bytes()[:3] == b"\xff\xd8\xff"


def test_colours_survive_and_a_wide_picture_is_cut_in_its_middle(tmp_path: Path) -> None:
    _, seen = short(make(tmp_path / "a.mp4", Film(sound=tone(2), width=1280, height=720, seconds=1.2)))
    assert_corners(seen.pictures[10], (RED, GREEN, BLUE, GREY), within=6)


@pytest.mark.parametrize(("width", "height"), [(180, 320), (200, 300), (240, 240), (90, 400)])
def test_tall_square_and_odd_pictures_fill_the_short(tmp_path: Path, width: int, height: int) -> None:
    film = Film(width=width, height=height, codec="ffv1", pixels="yuv444p", options={}, sound=tone(2))
    _, seen = short(make(tmp_path / "a.mkv", film))
    x = 0.2 if width != 90 else 0.4  # a strip is fitted: beside it is its own blur
    found = [color_at(seen.pictures[5], x, 0.2), color_at(seen.pictures[5], 1 - x, 0.8)]
    assert near(found[0], RED, 14), found
    assert near(found[1], GREY, 14), found


def test_the_crop_follows_its_subject_and_jumps_only_at_a_cut(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(paint=columns, width=960, height=320, seconds=3, sound=tone(3)))
    points = ((0.0, 0.15), (1.0, 0.15), (1.04, 0.85), (3.0, 0.85))
    framing = Framing(mode="track", points=tuple(FramingPoint(t=t, x=x, y=0.5) for t, x in points), cuts=(1.02,))
    _, seen = short(source, 0, 2, framing=framing)
    assert near(color_at(seen.pictures[29], 0.5, 0.5), RED)
    assert near(color_at(seen.pictures[32], 0.5, 0.5), BLUE)


def test_a_slow_pan_moves_by_single_pixels_without_going_back(tmp_path: Path) -> None:
    def edge(t: float, width: int, height: int) -> object:
        picture = np.full((height, width, 3), 30, np.uint8)
        picture[:, width // 2 :] = 220
        return picture

    source = make(tmp_path / "a.mp4", Film(paint=edge, width=640, height=360, seconds=3, sound=tone(3)))
    framing = Framing(mode="track", points=(FramingPoint(t=0, x=0.46, y=0.5), FramingPoint(t=3, x=0.54, y=0.5)))
    _, seen = short(source, 0, 2.5, recipe=SMALL.model_copy(update={"width": 540, "height": 960}), framing=framing)
    places = [int((picture[480, :, 1] > 125).argmax()) for picture in seen.pictures]
    steps = -np.diff(places)
    assert places[0] - places[-1] > 90
    assert steps.min() >= 0
    assert steps.max() <= 4


def test_fitted_shows_the_whole_picture_over_its_own_blur(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(paint=columns, width=480, height=270, sound=tone(2)))
    _, seen = short(source, recipe=SMALL.model_copy(update={"framing": "fit"}))
    picture = seen.pictures[5]
    assert near(color_at(picture, 0.1, 0.5), RED)
    assert near(color_at(picture, 0.5, 0.5), GREEN)
    assert near(color_at(picture, 0.9, 0.5), BLUE)
    assert 5 < color_at(picture, 0.5, 0.1)[1] < 160


def test_a_source_much_too_small_and_wide_is_fitted_and_said_to_be(tmp_path: Path) -> None:
    rendered, _ = short(
        make(tmp_path / "wide.mp4", Film(width=320, height=32)),
        recipe=Recipe(width=720, height=1280, quality="draft", captions=False),
    )
    assert (rendered.made[0].width, rendered.made[0].height) == (720, 1280)
    assert "background" in " ".join(rendered.warnings)
