"""What files really are, measured by the real child process."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from actors.downloader.adapters.fetching import RealFetcher
from actors.downloader.ports import Probe
from actors.downloader.settings import DownloaderSettings
from runtime.errors import Reject
from tests.downloader.films import film, lie, wav


async def silent(done: float | None, note: str, eta_s: float | None) -> None:
    """Nobody reads the progress here."""


async def probe(path: Path, **settings: Any) -> Probe:
    fetcher = RealFetcher(DownloaderSettings(**settings))
    return await fetcher.probe(path, path.name, silent)


async def test_a_plain_film_is_measured(tmp_path: Path) -> None:
    found = await probe(film(tmp_path / "a.mp4", seconds=2, color=True))
    assert (found.width, found.height, found.rotation) == (160, 90, 0)
    assert found.duration == pytest.approx(2.0, abs=0.05)
    assert found.fps == pytest.approx(25.0)
    assert found.variable_fps is False
    assert (found.video_codec, found.audio_codec) == ("h264", "aac")
    assert (found.color.space, found.color.primaries, found.color.transfer, found.color.range) == (
        *("bt709",) * 3,
        "tv",
    )
    # A sine at a quarter of full scale on one channel: -12.04 dBFS peak is -15.05 dB RMS, minus the 0.691 of BS.1770.
    assert found.loudness == pytest.approx(-15.7, abs=0.5)
    assert found.warnings == ()


async def test_a_film_without_sound_has_no_loudness(tmp_path: Path) -> None:
    found = await probe(film(tmp_path / "a.mp4", sound=False))
    assert (found.audio_codec, found.loudness) == (None, None)


@pytest.mark.parametrize("rotation", [90, 270, 180])
async def test_a_rotated_film_has_the_size_of_the_screen(tmp_path: Path, rotation: int) -> None:
    found = await probe(film(tmp_path / "a.mp4", rotation=rotation))
    assert (found.width, found.height) == ((160, 90) if rotation == 180 else (90, 160))
    assert found.rotation == rotation


async def test_pixels_that_are_not_square_widen_the_picture(tmp_path: Path) -> None:
    found = await probe(film(tmp_path / "a.mp4", size=(144, 120), aspect=Fraction(4, 3)))
    assert (found.width, found.height) == (192, 120)


async def test_odd_sizes_are_taken(tmp_path: Path) -> None:
    found = await probe(film(tmp_path / "a.mkv", size=(161, 91)))
    assert (found.width, found.height) == (161, 91)


async def test_a_varying_frame_rate_is_seen(tmp_path: Path) -> None:
    times = [i * 40 + (i % 3) * 13 for i in range(60)]
    found = await probe(film(tmp_path / "a.mkv", times=times, sound=False))
    assert found.variable_fps
    assert found.fps == pytest.approx(59 / 2.386, abs=0.1)


async def test_millisecond_clocks_do_not_make_a_rate_vary(tmp_path: Path) -> None:
    found = await probe(film(tmp_path / "a.mkv", times=[round(i * 1000 / 30) for i in range(90)], sound=False))
    assert not found.variable_fps
    assert found.fps == pytest.approx(30, abs=0.01)


async def test_a_file_that_was_cut_off_has_its_real_length_and_a_warning(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", seconds=8, faststart=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = await probe(path)
    assert 1.0 < found.duration < 7.0
    assert "the rest is missing" in found.warnings[0]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
async def test_ten_hours_in_the_header_of_two_seconds_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Reject, match=r"claims 36000 seconds, but there are 2\.0"):
        await probe(lie(film(tmp_path / name), 36000))


async def test_a_film_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Reject, match=r"2 seconds long.*CLIPWIRE_DOWNLOADER_MAX_DURATION_S"):
        await probe(film(tmp_path / "a.mp4"), downloader_max_duration_s=1)


async def test_a_film_with_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    with pytest.raises(Reject, match="megapixels"):
        await probe(film(tmp_path / "a.mp4"), downloader_max_pixels=10_000)


def text(path: Path) -> Path:
    path.write_text("This is no film. " * 50)
    return path


def playlist(path: Path) -> Path:
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
    return path


def concat(path: Path) -> Path:
    path.write_text("ffconcat version 1.0\nfile other.mp4\n")
    film(path.with_name("other.mp4"))
    return path


def image(path: Path) -> Path:
    picture = av.VideoFrame.from_ndarray(np.zeros((90, 160, 3), np.uint8), format="rgb24")
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as out:
        stream = out.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuvj420p"
        out.mux(stream.encode(picture.reformat(format="yuvj420p")))
        out.mux(stream.encode(None))
    return path


def without_index(path: Path) -> Path:
    film(path)
    path.write_bytes(path.read_bytes()[:5000])
    return path


def one_picture(path: Path) -> Path:
    return film(path, seconds=0.04)


def garbage(path: Path) -> Path:
    film(path, faststart=True, sound=False)
    body = path.read_bytes()
    start = body.index(b"mdat") + 4
    path.write_bytes(body[:start] + b"\xff" * (len(body) - start))
    return path


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (text, "not a readable video"),
        (playlist, "not a readable video"),
        (concat, "not a readable video"),
        (image, "not a readable video"),
        (without_index, "not a readable video"),
        (wav, "not a readable video"),
        (one_picture, "single picture"),
        (garbage, "can be decoded"),
    ],
)
async def test_what_is_no_video_is_refused(tmp_path: Path, make: Callable[[Path], Path], why: str) -> None:
    with pytest.raises(Reject, match=why):
        await probe(make(tmp_path / "a.mp4"))


async def test_sound_in_a_video_container_is_refused_by_name(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4")
    with av.open(str(path)) as source, av.open(str(tmp_path / "sound.mp4"), "w") as out:
        target = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = target
                out.mux(packet)
    with pytest.raises(Reject, match="sound but no moving picture"):
        await probe(tmp_path / "sound.mp4")
