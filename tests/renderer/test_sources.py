"""Shorts out of every kind of source."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.renderer.jobs import SMALL, short
from tests.renderer.media import BLUE, GREEN, GREY, RED, Film, assert_corners, beeps, clock, make, rotate, tone


@pytest.mark.parametrize(
    ("degrees", "wanted"),
    [
        (90, (BLUE, RED, GREY, GREEN)),
        (180, (GREY, BLUE, GREEN, RED)),
        (270, (GREEN, GREY, RED, BLUE)),
    ],
)
def test_a_phones_rotation_is_obeyed(tmp_path: Path, degrees: int, wanted: tuple[tuple[int, int, int], ...]) -> None:
    source = rotate(make(tmp_path / "a.mp4", Film(width=320, height=180, sound=tone(2))), degrees)
    _, seen = short(source)
    assert_corners(seen.pictures[5], wanted)


def test_wide_pixels_are_shown_wide(tmp_path: Path) -> None:
    def square(t: float, width: int, height: int) -> object:
        picture = np.full((height, width, 3), 20, np.uint8)
        picture[height // 2 - 40 : height // 2 + 40, width // 2 - 20 : width // 2 + 20] = 235
        return picture

    film = Film(width=240, height=320, paint=square, aspect=Fraction(2, 1), sound=tone(2))
    _, seen = short(make(tmp_path / "a.mp4", film), recipe=SMALL.model_copy(update={"framing": "center"}))
    bright = seen.pictures[5][..., 1] > 128
    assert bright.any(axis=0).sum() == pytest.approx(bright.any(axis=1).sum(), abs=4)


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mkv", "ffv1", "yuv422p10le"),
        ("a.mkv", "ffv1", "bgr0"),
        ("a.mkv", "ffv1", "gray"),
        ("a.avi", "rawvideo", "nv12"),
        ("a.avi", "mjpeg", "yuvj420p"),
        ("a.webm", "libvpx", "yuv420p"),
    ],
)
def test_every_pixel_format_keeps_its_brightness(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    options = {"deadline": "realtime", "cpu-used": "8"} if codec == "libvpx" else {}
    film = Film(codec=codec, pixels=pixels, options=options, paint=lambda t, w, h: np.full((h, w, 3), 120, np.uint8))
    if pixels == "yuvj420p":
        film.paint = lambda t, w, h: np.full((h, w, 3), 255, np.uint8)
    rendered, seen = short(make(tmp_path / name, film))
    wanted = 255 if pixels == "yuvj420p" else 120
    assert seen.pictures[5].mean() == pytest.approx(wanted, abs=22 if pixels == "yuvj420p" else 5)
    assert "no sound" in " ".join(rendered.warnings)


def test_hdr_is_converted_to_bt709(tmp_path: Path) -> None:
    """A grey of 58 % in PQ is SDR reference white (ITU-R BT.2408): bright, but not grey any more."""
    film = Film(
        codec="ffv1",
        pixels="yuv420p10le",
        options={},
        seconds=0.2,
        color=(9, 9, 16),
        paint=lambda t, w, h: np.full((h, w, 3), 148, np.uint8),
    )
    _, seen = short(make(tmp_path / "a.mkv", film), 0, 0.2)
    assert seen.pictures[3].mean() > 175
    assert np.ptp(seen.pictures[3].reshape(-1, 3).mean(axis=0)) < 6


def test_interlaced_pictures_are_made_whole(tmp_path: Path) -> None:
    def comb(t: float, width: int, height: int) -> object:
        picture = np.full((height, width, 3), 40, np.uint8)
        x = int(t * 25) * 8 % width
        picture[::2, x : x + 30], picture[1::2, (x + 12) % width : (x + 12) % width + 30] = 220, 220
        return picture

    film = Film(width=360, height=288, paint=comb, sound=tone(2))
    film.options = {"preset": "ultrafast", "crf": "10", "x264-params": "tff=1"}
    source = make(tmp_path / "a.mp4", film)
    with av.open(str(source)) as container:
        assert next(container.decode(video=0)).interlaced_frame
    _, seen = short(source, 0.2, 0.8)
    luma = seen.pictures[8][..., 1].astype(int)
    combing = np.abs(luma[:-2:2] - luma[1:-1:2]).mean()
    assert combing < 6, combing


def test_a_variable_rate_is_followed_by_time_not_by_count(tmp_path: Path) -> None:
    times = [0, 0.1, 0.133, 0.9, 1.5, 2.8, 3.0, 3.033, 3.9]
    source = make(tmp_path / "a.mkv", Film(paint=clock, times=times, sound=tone(4)))
    _, seen = short(source, 0.5, 3.5)
    for number, picture in enumerate(seen.pictures):
        on_screen = max(t for t in times if t <= 0.5 + number / 30 + 0.002)
        assert picture.mean() == pytest.approx(20 + 20 * on_screen, abs=6), number


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "libx264", {"preset": "ultrafast", "bf": "2", "g": "250"}),
        ("a.avi", "libx264", {"preset": "ultrafast", "bf": "2", "g": "25"}),
        ("a.ts", "libx264", {"preset": "ultrafast", "g": "50"}),
        ("a.flv", "libx264", {"preset": "ultrafast", "bf": "2"}),
    ],
)
def test_a_span_in_the_middle_begins_at_its_own_picture_and_sound(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    film = Film(paint=clock, seconds=5, codec=codec, options=options, sound=beeps(5), width=160, height=90)
    _, seen = short(make(tmp_path / name, film), 3.3, 4.3)
    for number, picture in enumerate(seen.pictures):
        on_screen = int((3.3 + number / 30 + 0.002) * 25) / 25
        assert picture.mean() == pytest.approx(20 + 20 * on_screen, abs=7), number
    first = np.flatnonzero(np.abs(seen.sound[0]) > 0.05)[0] / 48000
    assert first == pytest.approx(0.7, abs=0.023)  # some containers can't tell AAC's own delay of 21 ms


def test_a_picture_that_begins_late_is_held_from_the_beginning(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(paint=clock, delay=0.6, sound=tone(2.6), seconds=2))
    rendered, seen = short(source, 0.0, 2.0)
    assert len(seen.pictures) == 60
    assert seen.pictures[0].mean() == pytest.approx(20, abs=6)
    assert seen.pictures[59].mean() == pytest.approx(20 + 20 * 1.36, abs=6)
    assert rendered.loudness == pytest.approx(-14, abs=0.5)
