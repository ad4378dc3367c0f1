"""Groups of pictures that are decoded side by side give what one decoder gives that reads the file from its start."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import av
import numpy as np
import pytest
from av.video.frame import PictureType

from actors.vlm.adapters.pictures.decoder import Decoder
from actors.vlm.adapters.pictures.groups import AHEAD, MOST, ROOM, Line, Reader
from runtime.opening import packets_of

Shown = list[tuple[float, int]]
X264, X265 = {"preset": "ultrafast", "bf": "3", "g": "30"}, {"preset": "ultrafast"}
PICTURES = 200


def pictures() -> Iterator[np.ndarray]:
    """Something that moves, over a ground that has noise: no two are alike."""
    rng = np.random.default_rng(1)
    ground = rng.integers(40, 90, (96, 160, 3)).astype(np.uint8)
    for number in range(PICTURES):
        picture = np.roll(ground, number, axis=1)
        picture[20:60, number % 120 : number % 120 + 40] = (number, 255 - number, 128)
        yield picture


def encoded(path: Path, codec: str, options: dict[str, str], pix_fmt: str = "yuv420p", gop: int = 30) -> Path:
    # SVT-AV1 gives the thread that calls it, where that is root's, priority over all else; children would inherit it.
    with ThreadPoolExecutor(1) as another:
        return another.submit(_encoded, path, codec, options, pix_fmt, gop).result()


def _encoded(path: Path, codec: str, options: dict[str, str], pix_fmt: str, gop: int) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=25, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 96, pix_fmt
        stream.codec_context.gop_size = gop
        for picture in pictures():
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def seen(frame: av.VideoFrame) -> int:
    return crc32(frame.to_ndarray().tobytes())


def decoded(packet: av.Packet[av.VideoStream]) -> list[av.VideoFrame]:
    with suppress(av.InvalidDataError):
        return packet.decode()
    return []


def in_one_go(path: Path, every_frame: bool = True) -> Shown:
    """What PyAV decodes by itself, without what goes back and what it can't decode."""
    shown: Shown = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "DEFAULT" if every_frame else "NONREF"
        stream.codec_context.options = {"skip_loop_filter": "all"}
        with suppress(IndexError):  # at the end of a film with a stream that begins late
            for frame in (frame for packet in container.demux(stream) for frame in decoded(packet)):
                t = frame.time - (container.start_time or 0) / av.time_base
                if t >= -0.001 and (not shown or t > shown[-1][0]):
                    shown.append((round(max(0.0, t), 4), seen(frame)))
    return shown


def side_by_side(path: Path, every_frame: bool = True) -> Shown:
    return [(round(t, 4), seen(frame)) for t, frame in Decoder(path, 3, every_frame).frames()]


def groups(path: Path) -> int:
    with av.open(str(path)) as container:
        reader = Reader(packets_of(container, container.streams.video[:1]), apart=True)
        while group := reader.next():
            while not group.whole:
                reader.go_on(group)
    return reader.groups


@pytest.mark.parametrize(
    ("codec", "name", "options"),
    [
        pytest.param("libx264", "a.mp4", X264, id="closed"),
        pytest.param("libx264", "a.mkv", {**X264, "x264-params": "open-gop=1"}, id="open"),
        pytest.param("libx264", "a.ts", {**X264, "x264-params": "open-gop=1"}, id="open, in a transport stream"),
        pytest.param("libx264", "a.flv", X264, id="flv"),
        pytest.param("libx265", "a.mp4", {**X265, "x265-params": "open-gop=1:keyint=30:log-level=none"}, id="CRA"),
        pytest.param("libx265", "b.mp4", {**X265, "x265-params": "radl=2:keyint=30:log-level=none"}, id="RADL"),
        pytest.param("libvpx-vp9", "a.webm", {"deadline": "realtime", "cpu-used": "8"}, id="VP9"),
        pytest.param("libvpx", "a.webm", {"deadline": "realtime", "cpu-used": "8"}, id="VP8"),
        pytest.param("libsvtav1", "a.mp4", {"preset": "12"}, id="AV1"),
        pytest.param("mpeg2video", "a.ts", {"bf": "2"}, id="MPEG-2, which is open"),
        pytest.param("mpeg4", "a.avi", {"bf": "2"}, id="AVI, which has no time stamps"),
        pytest.param("mjpeg", "a.mov", {}, id="keyframes only"),
        pytest.param("ffv1", "a.mkv", {}, id="FFV1"),
    ],
)
def test_what_is_decoded_side_by_side_is_what_is_decoded_in_one_go(
    tmp_path: Path, codec: str, name: str, options: dict[str, str]
) -> None:
    path = encoded(tmp_path / name, codec, options, "yuvj420p" if codec == "mjpeg" else "yuv420p")
    shown = side_by_side(path)
    assert shown == in_one_go(path)
    assert len(shown) == PICTURES
    few = side_by_side(path, every_frame=False)
    assert few == in_one_go(path, every_frame=False)
    assert PICTURES / 5 < len(few) <= PICTURES
    assert groups(path) > 1 or name.endswith("avi")


def test_a_film_of_one_keyframe_and_one_that_is_refreshed_bit_by_bit_lose_nothing(tmp_path: Path) -> None:
    one = encoded(tmp_path / "a.mp4", "libx264", {**X264, "g": "9999"}, gop=9999)
    bits = encoded(tmp_path / "b.mp4", "libx264", {**X264, "bf": "0", "x264-params": "intra-refresh=1"})
    for path in (one, bits):
        assert side_by_side(path) == in_one_go(path)


@pytest.mark.parametrize(
    ("codec", "name", "options"),
    [
        pytest.param("libx265", "a.mp4", {**X265, "x265-params": "keyint=9999:log-level=none"}, id="HEVC"),
        pytest.param("mpeg4", "a.mp4", {}, id="MPEG-4"),
        pytest.param("flv", "a.flv", {}, id="Sorenson"),
    ],
)
def test_a_file_that_calls_pictures_keyframes_that_are_none_is_decoded_from_its_start(
    tmp_path: Path, codec: str, name: str, options: dict[str, str]
) -> None:
    path = encoded(tmp_path / name, codec, options, gop=9999)
    lying = path.with_stem("lying")
    with av.open(str(path)) as source, av.open(str(lying), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(source.streams.video[0])):
            if packet.size:
                packet.stream, packet.is_keyframe = stream, number % 5 == 0
                out.mux(packet)
    assert groups(lying) > 1
    assert side_by_side(lying) == in_one_go(path)


def joined(first: Path, second: Path, to: Path, after: int) -> Path:
    """Two FLV files as one, the second so many milliseconds later (Adobe's FLV specification, E.4.1)."""
    tags, rest = first.read_bytes(), second.read_bytes()[13:]
    while rest:
        size = 11 + int.from_bytes(rest[1:4], "big") + 4
        time = after + int.from_bytes(rest[7:8] + rest[4:7], "big")
        tags += rest[:4] + (time & 0xFFFFFF).to_bytes(3, "big") + bytes([time >> 24]) + rest[8:size]
        rest = rest[size:]
    to.write_bytes(tags)
    return to


def test_a_stream_that_is_joined_of_two_is_decoded_whole(tmp_path: Path) -> None:
    first = encoded(tmp_path / "a.flv", "libx264", X264)
    second = encoded(tmp_path / "b.flv", "libx264", {**X264, "x264-params": "cabac=1:ref=4"})
    path = joined(first, second, tmp_path / "c.flv", after=PICTURES * 40)
    assert groups(path) == groups(first) > 1, "only the decoder that met the other headers can go on"
    shown = side_by_side(path)
    assert shown == in_one_go(path)
    assert shown[-1][0] > 2 * PICTURES / 25 - 0.2


def test_a_group_that_is_too_long_to_hold_is_read_as_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "g": "9999", "forced-idr": "1"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for number in range(100 + MOST + 200):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), number % 200, np.uint8), format="rgb24")
            frame.pict_type = PictureType.I if number in {100, 100 + MOST + 100} else PictureType.NONE
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert groups(path) == 3
    assert side_by_side(path) == in_one_go(path)


def test_whoever_stops_early_ends_all_threads(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp4", "libx264", X264)
    frames = Decoder(path, 3, every_frame=True).frames()
    next(frames)
    frames.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decoder")]


def frame_of(width: int, height: int) -> av.VideoFrame:
    return av.VideoFrame(width, height, "gray")


def test_later_groups_wait_for_room_and_the_first_never_does() -> None:
    line, large = Line(), frame_of(4096, 4096)
    fit = ROOM // (4096 * 4096)

    def more() -> None:
        for _ in range(fit + 1):
            line.put(1, large)

    later = threading.Thread(target=more, name="later")
    later.start()
    later.join(0.2)
    assert later.is_alive()
    for _ in range(AHEAD):
        line.put(0, large)
    line.end(0)
    shown = line.frames()
    assert [next(shown).width for _ in range(AHEAD + 1)] == [4096] * (AHEAD + 1)
    later.join(5)
    assert not later.is_alive()


def test_what_a_thread_fails_with_reaches_the_reader() -> None:
    line, work = Line(), Future[None]()
    work.set_exception(MemoryError("no more"))
    line.over(work)
    with pytest.raises(MemoryError, match="no more"):
        next(iter(line.frames()))
