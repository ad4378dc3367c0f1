"""What the local analysis sees and hears in real, small videos, and what it says of broken ones."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from actors.vlm.adapters.child import look as look_at
from actors.vlm.adapters.job import Job
from actors.vlm.ports import STEP, Sight
from contracts.sight import Framing
from runtime.errors import Reject
from tests.vlm.footage import HEIGHT, WIDTH, film, moving_square, scenes, tone

CUTS = (2.0, 3.6, 6.4)
ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "media"


def look(path: Path, duration: float = 10.0, *, every_frame: bool = False) -> Sight:
    """The work of the child process, in this one."""
    job = Job(
        path=str(path),
        made_from="0" * 64,
        duration=duration,
        faces_per_s=2,
        threads=1,
        every_frame=every_frame,
        memory_mb=3072,
    )
    return Sight.model_validate(look_at(job, lambda said: None))


def aim(framing: Framing, t: float) -> float:
    """The x of the path at `t`."""
    points = [p for p in framing.points if sum(c <= p.t for c in framing.cuts) == sum(c <= t for c in framing.cuts)]
    return float(np.interp(t, [p.t for p in points], [p.x for p in points]))


def test_cuts_are_found_where_they_are(tmp_path: Path) -> None:
    sight = look(film(tmp_path / "a.mp4", scenes(CUTS), 8.0), 8.0)
    assert [shot.start for shot in sight.shots[1:]] == pytest.approx(CUTS, abs=0.05)
    assert (sight.shots[0].start, sight.shots[-1].end) == (0.0, sight.duration)
    assert sight.duration == pytest.approx(8.0, abs=0.1)
    assert not sight.warnings


def test_every_shot_has_its_colour_and_brightness(tmp_path: Path) -> None:
    first, second, *_ = (look(film(tmp_path / "a.mp4", scenes(CUTS), 8.0), 8.0)).shots
    red, _, blue = (int(first.colors[0][i : i + 2], 16) for i in (1, 3, 5))
    assert red > 150 > 100 > blue
    assert int(second.colors[0][5:7], 16) > 150
    assert 0.2 < second.brightness < first.brightness < 0.6


def test_a_flash_is_no_cut(tmp_path: Path) -> None:
    still = scenes(())
    flash = film(tmp_path / "a.mp4", lambda t: np.full_like(still(t), 250) if 3.0 <= t < 3.07 else still(t), 6.0)
    assert len((look(flash, 6.0)).shots) == 1


def test_the_path_follows_what_moves(tmp_path: Path) -> None:
    sight = look(film(tmp_path / "a.mp4", moving_square(8.0), 8.0), 8.0)
    assert sight.framing.mode == "track"
    assert [aim(sight.framing, t) for t in (1.5, 4.0, 6.5)] == pytest.approx([0.23, 0.5, 0.77], abs=0.1)
    assert all(a.t < b.t for a, b in zip(sight.framing.points, sight.framing.points[1:], strict=False))
    assert len(sight.framing.points) < 25


@pytest.mark.parametrize("distance", [0.336, 0.5])
def test_the_path_keeps_up_with_what_moves_fast(tmp_path: Path, distance: float) -> None:
    """From a standing start, 1.6 seconds for half of the picture, and a stop: always inside of a 9:16 crop."""
    square = moving_square(1.0)

    def x(t: float) -> float:
        return float(np.interp(t, [3.0, 4.6], [0.3, 0.3 + distance]))

    side = HEIGHT // 4 / WIDTH  # of the square
    path = film(tmp_path / "a.mp4", lambda t: square((x(t) - side / 2) / (1 - side)), 8.0)
    framing = look(path, 8.0).framing
    assert all(abs(aim(framing, t) - x(t)) < 0.158 for t in np.arange(0, 8, 0.1))


def test_where_nothing_moves_the_camera_stays_in_the_middle(tmp_path: Path) -> None:
    sight = look(film(tmp_path / "a.mp4", scenes((4.0,)), 8.0), 8.0)
    assert (sight.framing.mode, sight.framing.points) == ("center", ())


def test_loudness_steps_are_heard_when_they_happen(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", scenes(()), 9.0, loud=tone((0, 0.0), (3, 0.05), (6, 0.5)))
    curve = {point.t: point.lufs for point in (look(path, 9.0)).loudness}
    assert curve[1.5] == -70.0
    assert curve[7.0] - curve[4.5] == pytest.approx(20, abs=1.5)


def test_a_clip_without_sound_has_no_loudness(tmp_path: Path) -> None:
    assert (look(film(tmp_path / "a.mp4", scenes(()), 3.0), 3.0)).loudness == ()


def test_times_count_from_the_start_of_the_clip(tmp_path: Path) -> None:
    path = film(tmp_path / "a.ts", scenes((2.0,)), 4.0, start=5.0)
    assert [s.start for s in (look(path, 4.0)).shots] == pytest.approx([0, 2.0], abs=0.05)


def test_variable_frame_rate_keeps_its_times(tmp_path: Path) -> None:
    times = [i * 0.04 for i in range(75)] + [3 + i * 0.2 for i in range(15)]
    path = film(tmp_path / "a.mp4", scenes((2.0, 4.2)), 6.0, times=times)
    assert [s.start for s in (look(path, 6.0, every_frame=True)).shots] == pytest.approx([0, 2.0, 4.2], abs=0.05)


def turned(path: Path, degrees: int, into: Path) -> Path:
    """The same video with a display matrix, as phones write it: the nine numbers in the track header (ISO 14496-12)."""
    body = bytearray(path.read_bytes())
    flat = (0x00010000).to_bytes(4, "big")
    back = (0xFFFF0000).to_bytes(4, "big")
    zero, last = bytes(4), (0x40000000).to_bytes(4, "big")
    matrix = {90: zero + flat + zero + back + zero * 4, 270: zero + back + zero + flat + zero * 4}[degrees] + last
    at = body.index(b"tkhd") + 4 + 40
    body[at : at + 36] = matrix
    into.write_bytes(body)
    return into


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_rotated_clip_is_seen_as_a_player_shows_it(tmp_path: Path, degrees: int) -> None:
    path = turned(film(tmp_path / "a.mp4", moving_square(8.0), 8.0), degrees, tmp_path / "b.mp4")
    points = (look(path, 8.0)).framing.points
    xs, ys = [p.x for p in points], [p.y for p in points]
    assert max(xs) - min(xs) < 0.1
    assert max(ys) - min(ys) > 0.4
    assert (ys[0] < ys[-1]) == (degrees == 90)


@pytest.mark.parametrize("size", [(321, 179), (64, 36), (180, 320)])
def test_odd_small_and_tall_pictures_are_seen(tmp_path: Path, size: tuple[int, int]) -> None:
    path = film(tmp_path / "a.mkv", scenes((1.0,), size), 2.0, codec="ffv1", pix_fmt="yuv444p")
    assert len((look(path, 2.0)).shots) == 2


def test_pixel_aspect_is_respected(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", moving_square(6.0), 6.0, aspect=Fraction(4, 3))
    assert aim((look(path, 6.0)).framing, 3.0) == pytest.approx(0.5, abs=0.1)


def test_one_frame_is_one_shot(tmp_path: Path) -> None:
    sight = look(film(tmp_path / "a.mp4", scenes(()), 0.04), 0.04)
    assert len(sight.shots) == 1
    assert 0 < sight.duration < 1


def test_a_truncated_file_is_seen_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mkv", moving_square(8.0), 8.0).read_bytes()
    (tmp_path / "b.mkv").write_bytes(whole[: len(whole) * 4 // 5])
    sight = look(tmp_path / "b.mkv", 8.0)
    assert 1 < sight.duration < 7.5
    assert any("of the 8.0 s" in warning for warning in sight.warnings)


def test_damage_in_the_middle_is_tolerated_and_told(tmp_path: Path) -> None:
    body = bytearray(film(tmp_path / "a.ts", moving_square(10.0), 10.0).read_bytes())
    middle = len(body) // 2
    body[middle : middle + 2000] = np.random.default_rng(1).bytes(2000)
    (tmp_path / "b.ts").write_bytes(body)
    sight = look(tmp_path / "b.ts", 10.0)
    assert sight.duration == pytest.approx(10.0, abs=0.2)


@pytest.mark.parametrize("body", [b"", b"this is not a video\n" * 50, bytes(4096)])
def test_what_is_no_video_is_rejected(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(body)
    with pytest.raises(Reject, match="cannot be opened"):
        look(tmp_path / "a.mp4")


def test_sound_alone_is_rejected(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 48000
        out.mux(stream.encode(frame))
    with pytest.raises(Reject, match="no video"):
        look(tmp_path / "a.wav")


def test_a_picture_is_rejected(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.jpg"), "w", format="image2") as out:
        stream = out.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuvj420p"
        out.mux(stream.encode(av.VideoFrame(64, 64, "yuvj420p")))
        out.mux(stream.encode(None))
    (tmp_path / "a.jpg").rename(tmp_path / "a.mp4")
    with pytest.raises(Reject, match="no video file"):
        look(tmp_path / "a.mp4")


def test_a_playlist_that_points_elsewhere_is_rejected(tmp_path: Path) -> None:
    film(tmp_path / "secret.mp4", scenes(()), 1.0)
    (tmp_path / "a.mp4").write_text(f"ffconcat version 1.0\nfile {tmp_path / 'secret.mp4'}\n")
    with pytest.raises(Reject):
        look(tmp_path / "a.mp4")


@pytest.mark.media
def test_the_cuts_of_an_animated_film_are_found() -> None:
    path = SAMPLES / "big_buck_bunny_0_30.webm"
    if not path.is_file():
        pytest.skip("the sample videos are not beside the checkout")
    sight = look(path, 30.0)
    assert [shot.start for shot in sight.shots[1:]] == pytest.approx([11.8, 15.67, 22.96], abs=0.06)
    assert len(sight.loudness) == len(sight.motion) == int(sight.duration / STEP)
    # The bird of the third shot stands a little left of the middle.
    assert aim(sight.framing, 18.0) == pytest.approx(0.46, abs=0.06)
