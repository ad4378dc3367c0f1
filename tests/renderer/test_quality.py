"""What is measured on a short: while it is made, and on its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from actors.renderer.adapters.encode import Writer
from actors.renderer.adapters.encoders import Encoder
from actors.renderer.adapters.packets import Packets
from actors.renderer.adapters.planes import planes_of, tag
from actors.renderer.adapters.quality import CANDIDATES, BadResult, Observer, report
from actors.renderer.adapters.readback import read_back
from actors.renderer.adapters.sound import Level, Sound
from contracts.media import Stretch
from tests.renderer.test_encode import FPS, SIZE, aac, picture

LEVEL = Level(-14.0, -3.0)


def plain(level: int) -> VideoFrame:
    frame = VideoFrame(*SIZE, "yuv420p")
    for n, plane in enumerate(planes_of(frame)):
        plane[:] = 128 if n else level
    tag(frame)
    return frame


def watched(frames: list[VideoFrame]) -> Observer:
    observer = Observer(SIZE, FPS)
    for number, frame in enumerate(frames):
        observer.see(frame, number)
    return observer


def film(path: Path, frames: list[VideoFrame], packets: Packets | None = None) -> tuple[Observer, Sound]:
    sound = Sound(packets or aac(len(frames) / FPS), LEVEL, ())
    observer = watched(frames)
    with Writer(path, SIZE, FPS, "fast", Encoder()) as writer:
        writer.sound(sound.packets)
        for number, frame in enumerate(frames):
            writer.picture(frame, number)
        writer.finish()
    return observer, sound


def test_a_finished_short_is_described_by_its_figures(tmp_path: Path) -> None:
    frames = [picture(n) for n in range(50)]
    observer, sound = film(tmp_path / "a.mp4", frames)
    told = report(tmp_path / "a.mp4", fps=FPS, frames=50, sound=sound, observer=observer, target=-14.0, coverage=0.9)
    assert (told.frames, told.video_seconds, told.caption_coverage) == (50, 2.0, 0.9)
    assert told.audio_seconds == pytest.approx(2.0, abs=0.022)
    assert told.sound_offset_ms == pytest.approx(0, abs=1)
    assert (told.black, told.frozen, told.silent) == ((), (), ())
    assert told.bytes == (tmp_path / "a.mp4").stat().st_size
    assert told.sharpness > 1
    assert any(line.startswith("instagram: 2.0 s, at least 3 s") for line in told.too_large_for)


def test_silence_of_a_second_is_found_and_a_pause_is_not(tmp_path: Path) -> None:
    frames = [picture(n) for n in range(75)]
    film(tmp_path / "a.mp4", frames, aac(3, silent=(1.0, 2.4)))
    film(tmp_path / "b.mp4", frames, aac(3, silent=(1.0, 1.8)))
    (span,) = read_back(tmp_path / "a.mp4").silent
    assert span == pytest.approx((1.0, 2.4), abs=0.06)
    assert read_back(tmp_path / "b.mp4").silent == ()


def test_black_is_found_from_half_a_second_on() -> None:
    black, grey = plain(16), plain(90)
    observer = watched([*[grey] * 10, *[black] * 13, *[grey] * 5, *[black] * 12, *[grey] * 5, *[black] * 25])
    assert observer.black == (Stretch(start=0.4, end=0.92), Stretch(start=1.8, end=2.8))
    assert observer.dark_at((0.4, 2.0, 2.72))
    assert not observer.dark_at((0.4, 1.0))


def test_a_picture_that_stands_for_two_seconds_is_frozen_and_a_slow_change_is_not() -> None:
    moving, still = [picture(n) for n in range(10)], [picture(30)] * 60
    assert watched([*moving, *still, *moving]).frozen == (Stretch(start=0.4, end=2.8),)
    creeping = [plain(60 + n // 3) for n in range(90)]
    assert watched(creeping).frozen == ()


def test_a_sharp_picture_has_a_steeper_gradient_than_a_soft_one() -> None:
    def stripes(wide: int) -> VideoFrame:
        frame = plain(90)
        planes_of(frame)[0][:, (np.arange(SIZE[0]) // wide) % 2 == 0] = 200
        return frame

    def softened(frame: VideoFrame) -> VideoFrame:
        luma = planes_of(frame)[0]
        luma[:] = (luma.astype(float) + np.roll(luma, 1, 1) + np.roll(luma, -1, 1)) / 3
        return frame

    sharp = watched([stripes(8)]).sharpness
    assert watched([softened(stripes(8))]).sharpness < 0.7 * sharp
    assert watched([stripes(16)]).sharpness < sharp < watched([stripes(4)]).sharpness


@pytest.mark.parametrize("frames", [1, 7, 60, 700])
def test_few_pictures_are_kept_whatever_the_length_and_from_all_of_it(frames: int) -> None:
    observer = watched([picture(n) for n in range(frames)])
    kept = sorted(each.number for each in observer.candidates)
    assert 1 <= len(kept) <= CANDIDATES
    if frames > 2 * FPS:
        assert kept[0] < frames / 2 <= kept[-1]
    scores = [each.score for each in observer.candidates]
    assert scores == sorted(scores, reverse=True)


def test_what_is_kept_is_the_picture_before_anything_was_painted_on_it() -> None:
    frame = picture(3)
    before = [plane.copy() for plane in planes_of(frame)]
    observer = watched([frame])
    planes_of(frame)[0][:] = 16
    (kept,) = observer.candidates
    assert all(np.array_equal(a, b) for a, b in zip(kept.planes, before, strict=True))


def test_a_file_with_another_sound_than_the_measured_one_is_no_short(tmp_path: Path) -> None:
    observer, _ = film(tmp_path / "a.mp4", [picture(n) for n in range(25)])
    other = Sound(aac(1, level=0.2), LEVEL, ())
    with pytest.raises(BadResult, match="its sound is not the one"):
        report(tmp_path / "a.mp4", fps=FPS, frames=25, sound=other, observer=observer, target=-14.0)


def test_a_file_with_too_few_pictures_is_no_short(tmp_path: Path) -> None:
    observer, sound = film(tmp_path / "a.mp4", [picture(n) for n in range(25)])
    with pytest.raises(BadResult, match="25 pictures instead of 26"):
        report(tmp_path / "a.mp4", fps=FPS, frames=26, sound=sound, observer=observer, target=-14.0)


def test_pictures_that_became_black_on_their_way_are_no_short(tmp_path: Path) -> None:
    _, sound = film(tmp_path / "a.mp4", [plain(16)] * 25)
    with pytest.raises(BadResult, match="black"):
        report(tmp_path / "a.mp4", fps=FPS, frames=25, sound=sound, observer=watched([plain(90)] * 25), target=-14.0)


def test_a_black_film_is_a_short_with_a_black_span(tmp_path: Path) -> None:
    observer, sound = film(tmp_path / "a.mp4", [plain(16)] * 25)
    told = report(tmp_path / "a.mp4", fps=FPS, frames=25, sound=sound, observer=observer, target=-14.0)
    assert told.black == (Stretch(start=0.0, end=1.0),)


def test_sound_that_comes_late_is_no_short(tmp_path: Path) -> None:
    late = Packets()
    for packet in aac(1):
        assert packet.pts is not None and packet.dts is not None
        packet.pts, packet.dts = packet.pts + 4800, packet.dts + 4800
        late.extend([packet])
    observer, sound = film(tmp_path / "a.mp4", [picture(n) for n in range(25)], late)
    with pytest.raises(BadResult, match=r"its sound is \d+ ms late"):
        report(tmp_path / "a.mp4", fps=FPS, frames=25, sound=sound, observer=observer, target=-14.0)


def test_a_file_that_is_cut_off_or_damaged_is_no_short(tmp_path: Path) -> None:
    observer, sound = film(tmp_path / "a.mp4", [picture(n) for n in range(50)])
    body = bytearray((tmp_path / "a.mp4").read_bytes())
    (tmp_path / "cut.mp4").write_bytes(body[: len(body) * 3 // 4])
    media = body.index(b"mdat") + 200
    body[media : media + 600] = bytes(255 - each for each in body[media : media + 600])
    (tmp_path / "bad.mp4").write_bytes(body)
    (tmp_path / "none.mp4").write_bytes(b"ftyp")
    for name in ("cut.mp4", "bad.mp4", "none.mp4"):
        with pytest.raises(BadResult):
            report(tmp_path / name, fps=FPS, frames=50, sound=sound, observer=observer, target=-14.0)
