"""Films that are odd, but whole: they are seen like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from actors.vlm.adapters.pictures.eye import watch
from actors.vlm.adapters.pictures.picture import Picture
from tests.vlm.footage import drifting, film, rooms, scenes, written
from tests.vlm.test_look import look


class Counter:
    """An observer that only looks when it is called, and at what."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.shapes: set[tuple[int, ...]] = set()

    def see(self, picture: Picture) -> None:
        """See `Observer`."""
        self.times.append(picture.t)
        self.shapes |= {picture.rgb.shape, picture.luma.shape, picture.gray(640).shape, picture.colour(320).shape}

    def finish(self) -> int:
        """How many pictures there were."""
        return len(self.times)


def counted(path: Path, **options: Any) -> Counter:
    counter = Counter()
    watch(path, (counter,), threads=1, progress=lambda t: None, **{"every_frame": True, **options})
    return counter


def test_of_240_frames_a_second_no_more_are_looked_at_than_of_30(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", scenes((0.5, 1.25)), 2.0, fps=240)
    assert counted(path).finish() <= 62
    assert [s.start for s in look(path, 2.0).shots] == pytest.approx([0, 0.5, 1.25], abs=0.05)


def test_a_picture_of_8_by_8_pixels_is_seen(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", lambda t: np.full((8, 8, 3), 60 if t < 1 else 200, np.uint8), 2.0, codec="ffv1")
    sight = look(path, 2.0)
    assert sight.shots[-1].brightness > 0.7
    assert (sight.active, sight.screens) == (None, ())
    assert not [area for area in sight.areas if area.kind != "face"]
    assert counted(path).shapes == {(8, 8, 3), (8, 8)}


def test_a_portrait_film_with_captions_and_bars_is_seen(tmp_path: Path) -> None:
    def paint(t: float) -> Any:
        picture = np.zeros((640, 360, 3), np.uint8)
        picture[64:576] = drifting(1, (360, 512))(t)
        return written(picture, "it is tall", (0.15, 0.7), 0.06, stroke_width=3, stroke_fill="black")

    sight = look(film(tmp_path / "a.mp4", paint, 3.0, fps=10), 3.0, every_frame=True)
    (text,) = [area for area in sight.areas if area.kind == "text"]
    assert text.y < 0.75 < text.y + text.height
    assert sight.active is not None
    assert (sight.active.y, sight.active.height) == pytest.approx((0.1, 0.8), abs=0.01)
    assert (sight.active.x, sight.active.width) == (0.0, 1.0)


def test_frames_at_uneven_times_make_no_cuts_and_lose_none(tmp_path: Path) -> None:
    steps = np.random.default_rng(5).choice([0.02, 0.04, 0.12, 0.3], 60)
    times = [round(float(t), 3) for t in np.cumsum(steps) - steps[0]]
    cut = times[30]
    room, other = drifting(2), drifting(3)
    path = film(tmp_path / "a.mp4", lambda t: room(t) if t < cut else other(t), 0, times=times)
    sight = look(path, times[-1], every_frame=True)
    assert [shot.start for shot in sight.shots[1:]] == pytest.approx([cut], abs=0.01)


def test_ten_bits_of_hdr_are_seen_as_light_and_dark(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = 9, 16, 9  # BT.2020, PQ (ITU-T H.273)
        for index in range(50):
            room = rooms(1 if index < 25 else 2, (320, 180)) // (1 if index < 25 else 3)
            frame = av.VideoFrame.from_ndarray(room, format="rgb24").reformat(format="yuv420p10le")
            frame.pts = index
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    first, second = look(path, 2.0).shots
    assert second.start == pytest.approx(1.0, abs=0.05)
    assert first.brightness > second.brightness + 0.1
    assert counted(path).shapes >= {(72, 128, 3), (72, 128)}


def test_a_file_that_is_broken_in_the_middle_keeps_the_cuts_around(tmp_path: Path) -> None:
    body = bytearray(film(tmp_path / "a.ts", scenes((2.0, 8.0)), 10.0).read_bytes())
    middle = len(body) // 2
    body[middle : middle + 3000] = np.random.default_rng(1).bytes(3000)
    (tmp_path / "b.ts").write_bytes(body)
    starts = [shot.start for shot in look(tmp_path / "b.ts", 10.0).shots]
    assert all(any(abs(start - cut) < 0.1 for start in starts) for cut in (2.0, 8.0))


def test_an_observer_that_fails_ends_the_decoder_too(tmp_path: Path) -> None:
    class Broken(Counter):
        def see(self, picture: Picture) -> None:
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        watch(
            film(tmp_path / "a.mp4", scenes(()), 2.0),
            (Broken(),),
            threads=1,
            every_frame=True,
            progress=lambda t: None,
        )
