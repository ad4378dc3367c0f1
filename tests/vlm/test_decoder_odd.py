"""Films that are damaged or odd are decoded side by side as they are in one go, and cost little more."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from actors.vlm.adapters.pictures.decoder import Decoder
from actors.vlm.adapters.pictures.groups import ROOM, Line
from runtime.errors import Reject
from tests.vlm.test_decoder import PICTURES, X264, encoded, groups, in_one_go, joined, pictures, seen, side_by_side


def packets(path: Path) -> list[av.Packet[av.VideoStream]]:
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(container.streams.video[0]) if packet.size]


def keyframe(path: Path, number: int) -> int:
    """Which packet it is."""
    return [number for number, packet in enumerate(packets(path)) if packet.is_keyframe][number]


def damaged(path: Path, first: int, behind: int | None) -> Path:
    """The same file with zeros for these packets."""
    data = path.read_bytes()
    for packet in packets(path)[first:behind]:
        data = data.replace(bytes(packet), bytes(packet.size))
    other = path.with_stem("damaged")
    other.write_bytes(data)
    return other


class Counted(Decoder):
    """Knows how often it read the file: side by side, and in one go."""

    def _all(self, apart: bool) -> Generator[tuple[float, av.VideoFrame]]:
        self.reads = (*getattr(self, "reads", ()), "apart" if apart else "in one go")
        return super()._all(apart)


def shown_and_reads(path: Path) -> tuple[list[tuple[float, int]], tuple[str, ...]]:
    decoder = Counted(path, 3, every_frame=True)
    return [(round(t, 4), seen(frame)) for t, frame in decoder.frames()], decoder.reads


@pytest.mark.parametrize(
    ("codec", "name", "options"),
    [
        pytest.param("libx264", "a.flv", X264, id="closed"),
        pytest.param("libx264", "b.flv", {**X264, "x264-params": "open-gop=1"}, id="open"),
        pytest.param("mpeg4", "a.mp4", {}, id="MPEG-4"),
    ],
)
def test_a_damaged_keyframe_is_decoded_from_the_group_before_and_not_from_the_start(
    tmp_path: Path, codec: str, name: str, options: dict[str, str]
) -> None:
    path = encoded(tmp_path / name, codec, options)
    broken = damaged(path, keyframe(path, 4), keyframe(path, 4) + 1)
    shown, reads = shown_and_reads(broken)
    assert reads == ("apart",)
    assert shown == in_one_go(broken) != in_one_go(path)


def test_two_damaged_keyframes_that_follow_each_other_have_nothing_decoded_from_the_start(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp4", "libx264", X264)
    data = path.read_bytes()
    for number in (2, 4):
        packet = bytes(packets(path)[keyframe(path, number)])
        data = data.replace(packet, packet[:2000] + np.random.default_rng(number).bytes(1000) + packet[3000:])
    path.write_bytes(data)
    shown, reads = shown_and_reads(path)
    alone = in_one_go(path)
    assert reads == ("apart",)
    assert [t for t, _ in shown] == [t for t, _ in alone]
    assert shown[:60] == alone[:60]
    assert shown[180:] == alone[180:]
    assert len(set(shown) & set(alone)) > 100


def test_a_film_that_ends_in_a_keyframe_that_is_cut_off_is_not_decoded_twice(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp4", "mpeg4", {}, gop=60)
    broken = damaged(path, keyframe(path, -1), None)
    shown, reads = shown_and_reads(broken)
    assert reads == ("apart",)
    assert shown == in_one_go(broken)


def test_a_keyframe_with_a_time_that_is_far_off_makes_no_reader_hold_the_rest_of_the_film(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.flv", "libx264", X264)
    data = bytearray(path.read_bytes())
    data[data.index(bytes(packets(path)[keyframe(path, 2)])) - 3] = 0x0D  # quarter of an hour
    late = path.with_stem("late")
    late.write_bytes(data)
    assert groups(path) == 4
    assert groups(late) == 3
    assert side_by_side(late) == in_one_go(late)


@pytest.mark.parametrize("name", ["a.avi", "a.mov"])
def test_a_palette_that_only_the_first_picture_brings_colours_all(tmp_path: Path, name: str) -> None:
    palette = np.full((256, 4), 255, np.uint8)
    palette[:, 1], palette[:, 2] = np.arange(256), 255 - np.arange(256)
    with av.open(str(tmp_path / name), "w") as out:
        stream = out.add_stream("rawvideo", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "pal8"
        for picture in pictures():
            drawn: Any = (np.ascontiguousarray(picture[:, :, 0]), palette)  # a pair for this format alone
            out.mux(stream.encode(av.VideoFrame.from_ndarray(drawn, format="pal8")))
        out.mux(stream.encode(None))
    with av.open(str(tmp_path / name)) as container:
        colours = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    frames = [frame.to_ndarray(format="rgb24") for _, frame in Decoder(tmp_path / name, 3, every_frame=True).frames()]
    assert np.array_equal(frames, colours)
    assert (frames[-1][:, :, 0] + frames[-1][:, :, 1] == 255).all()


def test_a_copy_protected_film_is_refused(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp4", "libx264", X264)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"drmi"))
    with pytest.raises(Reject, match="copy-protected"):
        side_by_side(path)


def test_headers_that_come_again_as_they_were_do_not_end_the_work_side_by_side(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.flv", "libx264", X264)
    twice = joined(path, path, tmp_path / "b.flv", after=PICTURES * 40)
    assert groups(twice) == 2 * groups(path) - 1, "the last 20 pictures of the first are too few for a group"
    assert side_by_side(twice) == in_one_go(twice)


@pytest.mark.parametrize(("pixels", "size"), [("gray", 1), ("gray16le", 2), ("gbrpf32le", 12)])
def test_what_waits_is_measured_in_bytes(pixels: str, size: int) -> None:
    line, fit = Line(), ROOM // (2048 * 2048 * size)

    def more() -> None:
        for _ in range(fit + 1):
            line.put(1, av.VideoFrame(2048, 2048, pixels))

    later = threading.Thread(target=more)
    later.start()
    later.join(0.5)
    assert later.is_alive()
    line.put(0, av.VideoFrame(16, 16, pixels))
    line.end(0)
    assert [frame.width for _, frame in zip(range(2), line.frames(), strict=False)] == [16, 2048]
    later.join(5)
    assert not later.is_alive()


LITTLE = """
import resource, sys, threading
from pathlib import Path
import av, numpy
from actors.vlm.adapters.pictures.decoder import Decoder
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 900_000_000,) * 2)
threading.stack_size(500_000_000)
try:
    for _ in Decoder(Path(sys.argv[1]), 4, every_frame=True).frames():
        pass
except MemoryError:
    print([thread.name for thread in threading.enumerate() if thread.name.startswith("decoder")])
"""


def test_where_memory_suffices_for_some_threads_only_none_is_left_behind(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp4", "libx264", X264)
    script = [sys.executable, "-c", LITTLE, str(path)]
    run = subprocess.run(script, capture_output=True, text=True, timeout=50, check=False)
    assert (run.returncode, run.stdout) == (0, "[]\n"), run.stderr
