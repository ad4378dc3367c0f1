"""Whole shorts out of every kind of source, looked at as a viewer would."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from actors.renderer.adapters.short import Limits, make_short
from actors.renderer.adapters.sound import measured
from actors.renderer.ports import Rendered
from contracts.media import Framing, FramingPoint, Word
from contracts.renders import Recipe
from runtime.errors import Reject
from tests.renderer.jobs import job_of, outputs_at
from tests.renderer.media import (
    BLUE,
    GREEN,
    GREY,
    RED,
    Film,
    Seen,
    beeps,
    blocks,
    bursts,
    clock,
    color_at,
    columns,
    flashing,
    look,
    make,
    near,
    rotate,
    tone,
)

SMALL = Recipe(width=180, height=320, quality="draft", captions=False)
CORNERS = ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8))


def short(
    source: Path,
    start: float = 0.0,
    end: float = 1.0,
    recipe: Recipe = SMALL,
    framing: Framing | None = None,
    words: tuple[Word, ...] = (),
    max_pixels: int = 36_000_000,
) -> tuple[Rendered, Seen]:
    out = source.with_name(f"short-of-{source.stem}.mp4")
    job = job_of(source, start, end, recipe, framing, words)
    rendered = make_short(job, outputs_at(out), Limits(max_pixels), lambda done, eta: None)
    return rendered, look(out)


def corners(picture: object) -> list[tuple[int, int, int]]:
    return [color_at(picture, x, y) for x, y in CORNERS]


def assert_corners(picture: object, wanted: tuple[tuple[int, int, int], ...], within: int = 14) -> None:
    found = corners(picture)
    assert all(near(a, b, within) for a, b in zip(found, wanted, strict=True)), found


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


@pytest.mark.parametrize("start", [0.0, 0.48])
def test_picture_and_sound_stay_together(tmp_path: Path, start: float) -> None:
    source = make(tmp_path / "a.mp4", Film(paint=flashing, sound=beeps(4), seconds=4, fps=30, width=160, height=90))
    _, seen = short(source, start, start + 2.5, recipe=SMALL.model_copy(update={"width": 90, "height": 160}))
    bright = np.array([picture.mean() > 128 for picture in seen.pictures])
    flashes = [seen.times[n] for n in range(1, len(bright)) if bright[n] and not bright[n - 1]]
    loud = np.abs(seen.sound[0]) > 0.05
    heard = np.flatnonzero(loud) / 48000
    starts = [heard[0], *(heard[n] for n in range(1, len(heard)) if heard[n] - heard[n - 1] > 0.5)]
    assert flashes
    for flash in flashes:
        assert min(abs(flash - beep) for beep in starts) < 1 / 30 + 0.003, (flashes, starts)


def test_a_picture_that_begins_late_is_held_from_the_beginning(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(paint=clock, delay=0.6, sound=tone(2.6), seconds=2))
    rendered, seen = short(source, 0.0, 2.0)
    assert len(seen.pictures) == 60
    assert seen.pictures[0].mean() == pytest.approx(20, abs=6)
    assert seen.pictures[59].mean() == pytest.approx(20 + 20 * 1.36, abs=6)
    assert rendered.loudness == pytest.approx(-14, abs=0.5)


def test_a_cut_off_file_gives_what_is_there_and_says_so(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mkv", Film(paint=clock, seconds=6, sound=tone(6)))
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    rendered, seen = short(cut, 1.0, 6.0)
    assert 1.0 < rendered.duration < 4.0
    assert len(seen.pictures) == round(rendered.duration * 30)
    assert "shorter than ordered" in rendered.warnings[0]
    with pytest.raises(Reject, match="ends at"):
        short(cut, 5.0, 6.0)


def test_a_damaged_file_is_refused_with_the_count(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=3, sound=tone(3), width=640, height=360))
    body = bytearray(source.read_bytes())
    middle = body.index(b"mdat") + 4000
    rng = np.random.default_rng(3)
    for place in rng.integers(middle, len(body) - 4000, 300):
        body[place] ^= 0xFF
    source.write_bytes(body)
    with pytest.raises(Reject, match=r"\d+ of \d+ pictures"):
        short(source, 0.0, 3.0)


@pytest.mark.parametrize("body", [b"", b"no video at all, just words\n" * 100, bytes(range(256)) * 64])
def test_what_is_no_video_is_refused(tmp_path: Path, body: bytes) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(body)
    with pytest.raises(Reject, match="not a readable video"):
        short(source)


def test_a_playlist_that_points_elsewhere_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "secret.mp4", Film())
    source = tmp_path / "a.mp4"
    source.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.mp4\n#EXT-X-ENDLIST\n")
    with pytest.raises(Reject, match="not a readable video"):
        short(source)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        for block in blocks(tone(1)):
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    with pytest.raises(Reject, match="no picture"):
        short(tmp_path / "a.mp4")


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    with pytest.raises(Reject, match="320x180 is larger"):
        short(make(tmp_path / "a.mp4", Film()), max_pixels=320 * 180 - 1)


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


def test_loudness_and_peak_are_as_ordered(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=5, sound=tone(5, 0.02)))
    rendered, _ = short(source, 0, 4, recipe=SMALL.model_copy(update={"loudness": -16.0}))
    assert rendered.loudness == pytest.approx(-16, abs=0.5)
    assert rendered.true_peak is not None
    assert rendered.true_peak <= -1.5


def test_peaks_are_limited_to_reach_the_loudness(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=5, sound=bursts(5)))
    rendered, seen = short(source, 0, 4, recipe=SMALL.model_copy(update={"loudness": -24.0}))
    assert rendered.loudness == pytest.approx(-24, abs=0.5)
    assert np.abs(seen.sound).max() <= 10 ** (-0.9 / 20)


@pytest.mark.parametrize("sound", [tone(9, 0.02), bursts(9), beeps(9)])
@pytest.mark.parametrize("target", [-14.0, -23.0])
def test_the_level_that_is_told_is_that_of_the_finished_file(tmp_path: Path, sound: np.ndarray, target: float) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=9, sound=sound, width=160, height=90))
    rendered, seen = short(source, 0.3, 8.5, recipe=SMALL.model_copy(update={"loudness": target}))
    level, _ = measured([seen.sound[:, n : n + 4800] for n in range(0, seen.sound.shape[1], 4800)])
    assert level.loudness is not None and level.true_peak is not None
    assert rendered.loudness == pytest.approx(level.loudness, abs=0.1)
    assert rendered.true_peak == pytest.approx(level.true_peak, abs=0.1)
    assert level.true_peak <= -1.45


def test_a_source_without_sound_gets_a_silent_track_and_a_warning(tmp_path: Path) -> None:
    rendered, seen = short(make(tmp_path / "a.mp4", Film()))
    assert rendered.loudness is None
    assert np.abs(seen.sound).max() == 0
    assert rendered.warnings == ("The source has no sound: the short has a silent track",)


def test_sound_that_stops_early_goes_on_as_silence(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=3, sound=tone(1)))
    _, seen = short(source, 0, 3)
    assert seen.sound.shape[1] / 48000 == pytest.approx(3, abs=0.05)
    assert np.abs(seen.sound[:, -48000:]).max() < 1e-3


def test_a_source_much_too_small_and_wide_is_fitted_and_said_to_be(tmp_path: Path) -> None:
    rendered, _ = short(
        make(tmp_path / "wide.mp4", Film(width=320, height=32)),
        recipe=Recipe(width=720, height=1280, quality="draft", captions=False),
    )
    assert (rendered.made[0].width, rendered.made[0].height) == (720, 1280)
    assert "background" in " ".join(rendered.warnings)
