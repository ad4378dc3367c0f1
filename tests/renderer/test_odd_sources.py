"""Sources that are not what they say, or hardly a video; each file is made by its test."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

from runtime.errors import Reject
from tests.renderer.jobs import short
from tests.renderer.media import BLUE, GREEN, GREY, RATE, RED, Film, assert_corners, make, tone


def jpeg(size: tuple[int, int] = (64, 64)) -> bytes:
    body = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(body, "JPEG")
    return body.getvalue()


def with_cover(path: Path, source: Path | None, codec: str = "") -> Path:
    """A file with an attached picture in front of the streams of `source`, or of a sound of `codec`."""
    with av.open(str(path), "w") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        if source is None:
            sound = container.add_stream(codec, rate=RATE, layout="mono")
            assert isinstance(sound, av.AudioStream)
            container.mux(_cover_packet(cover))
            for first in range(0, RATE, 1024):
                samples = tone(1)[None, first : first + 1024]
                block = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="mono")
                block.sample_rate, block.pts, block.time_base = RATE, first, Fraction(1, RATE)
                container.mux(sound.encode(block))
            container.mux(sound.encode(None))
            return path
        with av.open(str(source)) as given:
            copies = {stream.index: container.add_stream_from_template(stream) for stream in given.streams}
            container.mux(_cover_packet(cover))
            for packet in given.demux():
                if packet.dts is not None:
                    packet.stream = copies[packet.stream_index]
                    container.mux(packet)
    return path


def _cover_packet(stream: object) -> av.Packet[Any]:
    packet: av.Packet[Any] = av.Packet(jpeg())
    packet.stream, packet.pts, packet.dts, packet.is_keyframe = stream, 0, 0, True
    packet.time_base = Fraction(1, 1)
    return packet


def test_a_single_picture_of_film_becomes_a_short_of_it(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(seconds=0.04, sound=tone(0.04)))
    rendered, seen = short(source, 0, 0.04)
    assert len(seen.pictures) == 1
    assert rendered.made[0].quality.frames == 1
    assert_corners(seen.pictures[0], (RED, GREEN, BLUE, GREY))


def test_a_picture_file_under_a_films_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(jpeg((320, 180)))
    with pytest.raises(Reject, match="not a readable video"):
        short(tmp_path / "a.mp4")


def test_a_film_under_a_wrong_name_is_taken_for_what_it_is(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mkv", Film(sound=tone(2)))
    _, seen = short(source.rename(tmp_path / "a.mp4"))
    assert_corners(seen.pictures[5], (RED, GREEN, BLUE, GREY))


def test_sound_under_a_films_name_is_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, RATE), np.int16), format="s16", layout="mono")
        block.sample_rate = RATE
        container.mux(stream.encode(block))
    with pytest.raises(Reject):
        short((tmp_path / "a.wav").rename(tmp_path / "a.mp4"))


def test_an_attached_picture_is_not_taken_for_the_film(tmp_path: Path) -> None:
    film = make(tmp_path / "film.mp4", Film(sound=tone(2)))
    _, seen = short(with_cover(tmp_path / "a.mp4", film))
    assert_corners(seen.pictures[5], (RED, GREEN, BLUE, GREY))


def test_a_song_with_a_cover_has_no_picture(tmp_path: Path) -> None:
    with pytest.raises(Reject, match="no picture"):
        short(with_cover(tmp_path / "a.mp4", None, "aac"))


def test_five_channels_are_heard_as_two(tmp_path: Path) -> None:
    source = tmp_path / "a.mkv"
    make(tmp_path / "film.mkv", Film(seconds=2))
    with av.open(str(source), "w") as container, av.open(str(tmp_path / "film.mkv")) as film:
        video = container.add_stream_from_template(film.streams.video[0])
        sound = container.add_stream("ac3", rate=RATE, layout="5.1")
        samples = np.zeros((6, 2 * RATE), np.float32)
        samples[2] = tone(2)  # the centre, where people speak
        for first in range(0, samples.shape[1], 1536):
            part = np.ascontiguousarray(samples[:, first : first + 1536])
            block = av.AudioFrame.from_ndarray(part, format="fltp", layout="5.1")
            block.sample_rate, block.pts, block.time_base = RATE, first, Fraction(1, RATE)
            container.mux(sound.encode(block))
        container.mux(sound.encode(None))
        for packet in film.demux(film.streams.video[0]):
            if packet.dts is not None:
                packet.stream = video
                container.mux(packet)
    rendered, seen = short(source, 0, 1.8)
    assert rendered.loudness == pytest.approx(-14, abs=0.5)
    left, right = seen.sound[:, 10000:60000]
    assert np.corrcoef(left, right)[0, 1] > 0.99


def test_broken_packets_of_sound_are_silence_in_their_place(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mkv", Film(seconds=3, sound=tone(3)))
    with av.open(str(source)) as container:
        packets = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    body = bytearray(source.read_bytes())
    for packet in packets[50:70]:
        place = body.find(packet)
        body[place : place + len(packet)] = bytes(255 - value for value in packet)
    source.write_bytes(body)
    rendered, seen = short(source, 0, 2.9)
    assert len(seen.pictures) == 87
    assert rendered.loudness == pytest.approx(-14, abs=0.7)
    assert np.abs(seen.sound[:, 2 * RATE :]).max() > 0.05
