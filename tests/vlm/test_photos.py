"""Pictures out of real files: at their times, small enough, upright; what has none is told."""

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

from actors.vlm.adapters.judging.photos import Photos
from actors.vlm.adapters.judging.photos_child import LARGEST_SIDE, photos
from actors.vlm.settings import VlmSettings
from runtime.errors import Reject
from tests.vlm.footage import film, scenes
from tests.vlm.test_look import turned


def colour(picture: bytes) -> tuple[int, ...]:
    with Image.open(io.BytesIO(picture)) as image:
        assert image.format == "JPEG"
        return tuple(int(value) for value in np.asarray(image).reshape(-1, 3).mean(axis=0))


def near(one: Any, other: Any) -> bool:
    return all(abs(a - b) < 25 for a, b in zip(one, other, strict=True))


async def test_pictures_are_those_of_their_times(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", scenes((7.0, 15.0)), 20.0, fps=10)
    first, third, second = await Photos(VlmSettings()).take(path, [0.4, 15.4, 7.4])
    assert near(colour(first), (200, 60, 40))
    assert near(colour(second), (40, 90, 200))
    assert near(colour(third), (60, 180, 70))


async def test_a_time_behind_the_end_shows_the_last_picture_there_is(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", scenes((2.0,)), 4.0, fps=10)
    (last,) = await Photos(VlmSettings()).take(path, [99.0])
    assert not last or near(colour(last), (40, 90, 200))


def test_large_pictures_become_small(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", scenes((), (1920, 1080)), 0.4, fps=10)
    (picture,) = photos(path, [0.0])
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (LARGEST_SIDE, 576)
    assert len(picture) < 300_000


def test_pictures_are_as_a_player_shows_them(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", scenes(()), 0.4, fps=10)
    (picture,) = photos(turned(tmp_path / "a.mp4", 90, tmp_path / "b.mp4"), [0.0])
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (180, 320)
    (picture,) = photos(film(tmp_path / "c.mp4", scenes(()), 0.4, fps=10, aspect=Fraction(4, 3)), [0.0])
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (427, 180)


def two_pictures(path: Path, first: Disposition, second: Disposition) -> Path:
    """A file of two streams of pictures: red ones first, then blue ones."""
    with av.open(str(path), "w") as out:
        streams = [out.add_stream("mpeg4", rate=10) for _ in range(2)]
        for stream, kind in zip(streams, (first, second), strict=True):
            stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
            stream.disposition = kind
        for stream, shade in zip(streams, ((200, 60, 40), (40, 90, 200)), strict=True):
            frame = av.VideoFrame.from_ndarray(np.full((180, 320, 3), shade, np.uint8), format="rgb24")
            out.mux([*stream.encode(frame), *stream.encode(None)])
    return path


@pytest.mark.parametrize("first", [Disposition.attached_pic, Disposition(0)])
def test_a_cover_and_another_stream_are_no_pictures_of_the_film(tmp_path: Path, first: Disposition) -> None:
    (picture,) = photos(two_pictures(tmp_path / "a.mkv", first, Disposition.default), [0.0])
    assert near(colour(picture), (40, 90, 200))


async def test_what_is_no_video_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("no video")
    with pytest.raises(Reject, match="cannot be opened"):
        await Photos(VlmSettings()).take(path, [0.0])
