"""The picture of a short: sharp, bright, and with a face where there is one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image

from actors.renderer.adapters.planes import planes_of, tag
from actors.renderer.adapters.quality import Candidate, Observer
from actors.renderer.adapters.thumbnail import face_bonus, find_faces, titled, write_thumbnail
from actors.renderer.core.places import Spot

SIZE = (240, 320)
RED = (63, 102, 240)
"""Y'CbCr of #ff0000 in BT.709, limited range."""


def oval(x: Any, y: Any, cx: float, cy: float, rx: float, ry: float) -> Any:
    return np.clip((1 - ((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2) * 6, 0, 1)


def face(scale: float = 0.8, cx: float = 0.5, cy: float = 0.5) -> Any:
    """A drawn face that the cascade takes for one: hair, skin, eyes with brows, nose, mouth."""
    width, height = SIZE
    rows, columns = np.mgrid[0:height, 0:width].astype(float)
    unit = scale * width * 0.4
    x, y = (columns - cx * width) / unit, (rows - cy * height) / unit
    luma = np.full((height, width), 60.0)
    parts: list[tuple[float, float, float, float, float, float]] = [
        (0, -0.1, 0.85, 1.1, 1, 45),
        (0, 0.05, 0.72, 0.95, 1, 190),
        (0, -0.55, 0.6, 0.3, 0.6, 205),
    ]
    for side in (-1, 1):
        parts += [
            (side * 0.3, -0.18, 0.24, 0.13, 0.75, 105),
            (side * 0.3, -0.34, 0.22, 0.05, 1, 60),
            (side * 0.3, -0.15, 0.14, 0.07, 1, 230),
            (side * 0.3, -0.15, 0.07, 0.07, 1, 30),
            (side * 0.38, 0.25, 0.2, 0.2, 0.5, 215),
        ]
    parts += [(0, 0.08, 0.09, 0.3, 0.6, 220), (0, 0.3, 0.14, 0.06, 0.7, 110), (0, 0.55, 0.28, 0.08, 1, 95)]
    for px, py, rx, ry, strength, level in parts:
        share = oval(x, y, px, py, rx, ry) * strength
        luma = luma * (1 - share) + share * level
    return luma.clip(16, 235).astype(np.uint8)


def boxes(level: int = 120, contrast: int = 60, soft: int = 1) -> Any:
    """A pattern of boxes, sharp or softened."""
    width, height = SIZE
    rows, columns = np.mgrid[0:height, 0:width]
    luma = (level + contrast * (((rows // 20) + (columns // 20)) % 2)).astype(float)
    for _ in range(soft - 1):
        luma = (luma + np.roll(luma, 1, 0) + np.roll(luma, 1, 1) + np.roll(luma, -1, 0) + np.roll(luma, -1, 1)) / 5
    return luma.clip(16, 235).astype(np.uint8)


def frame_of(luma: Any, chroma: tuple[int, int] = (128, 128)) -> VideoFrame:
    frame = VideoFrame(*SIZE, "yuv420p")
    planes = planes_of(frame)
    planes[0][:] = luma
    planes[1][:], planes[2][:] = chroma
    tag(frame)
    return frame


def chosen(path: Path, *lumas: Any) -> int:
    """Which of the pictures is on the thumbnail; each is seen for a second."""
    observer = Observer(SIZE, 1)
    for number, luma in enumerate(lumas):
        observer.see(frame_of(luma), number)
    return write_thumbnail(observer.candidates, path)


def test_the_sharp_picture_is_taken(tmp_path: Path) -> None:
    assert chosen(tmp_path / "a.jpg", boxes(soft=20), boxes(), boxes(soft=6)) == 1


@pytest.mark.parametrize("other", [boxes(16, 20), boxes(20, 40), boxes(225, 10), np.full(SIZE[::-1], 16, np.uint8)])
def test_neither_a_dark_nor_a_blown_out_picture_is_taken(tmp_path: Path, other: Any) -> None:
    assert chosen(tmp_path / "a.jpg", other, boxes(100, 50), other) == 1


def test_a_picture_with_a_face_is_taken_before_a_sharper_one_without(tmp_path: Path) -> None:
    assert chosen(tmp_path / "a.jpg", boxes(100, 25), face()) == 1


def test_faces_are_found_where_they_are() -> None:
    found, none = find_faces([face(0.7, 0.5, 0.5), boxes()])
    assert none == ()
    ((x, y, width, height),) = found
    assert x < 0.5 < x + width
    assert y < 0.5 < y + height


def test_a_large_face_adds_more_than_a_small_one_and_a_cut_one_less() -> None:
    small, large = (0.4, 0.4, 0.1, 0.08), (0.3, 0.3, 0.4, 0.3)
    assert 0 == face_bonus(()) < face_bonus((small,)) < face_bonus((large,)) == face_bonus((large, small)) == 1
    assert face_bonus(((0.0, 0.3, 0.4, 0.3),)) == 0.5


def test_without_opencv_no_face_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert find_faces([face()]) == [()]


def test_the_thumbnail_is_as_large_as_the_short_and_in_its_colours(tmp_path: Path) -> None:
    luma, *chroma = RED
    observer = Observer(SIZE, 25)
    observer.see(frame_of(np.full(SIZE[::-1], luma, np.uint8), (chroma[0], chroma[1])), 0)
    write_thumbnail(observer.candidates, tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", SIZE)
        red, green, blue = np.asarray(picture.convert("RGB"))[100, 100]
    assert red > 245 and green < 12 and blue < 12


def test_what_is_painted_is_on_the_thumbnail_and_the_candidate_stays_as_it_was(tmp_path: Path) -> None:
    candidate = Candidate(4, 1.0, tuple(plane.copy() for plane in planes_of(frame_of(boxes()))))
    before = [plane.copy() for plane in candidate.planes]

    def paint(frame: VideoFrame, faces: object, texts: object) -> None:
        planes_of(frame)[0][:40] = 235

    assert write_thumbnail((candidate,), tmp_path / "a.jpg", paint) == 4
    with Image.open(tmp_path / "a.jpg") as picture:
        assert np.asarray(picture.convert("L"))[20, 100] > 240
    assert all(np.array_equal(a, b) for a, b in zip(candidate.planes, before, strict=True))


def lines(path: Path) -> tuple[float, float]:
    """Where on the picture letters stand: heights of the first and the last row with white in it, as shares."""
    with Image.open(path) as picture:
        rows = np.flatnonzero((np.asarray(picture.convert("L")) > 235).any(axis=1))
    return float(rows[0]) / SIZE[1], float(rows[-1]) / SIZE[1]


@pytest.mark.parametrize(("cy", "below"), [(0.3, True), (0.7, False)])
def test_the_title_is_set_large_and_clear_of_the_face(tmp_path: Path, cy: float, below: bool) -> None:
    observer = Observer(SIZE, 1)
    observer.see(frame_of(np.minimum(face(0.6, 0.5, cy), 200)), 0)
    paint = titled("What nobody told you", "lit", SIZE, None, "en")
    assert paint is not None
    write_thumbnail(observer.candidates, tmp_path / "a.jpg", paint)
    first, last = lines(tmp_path / "a.jpg")
    assert 0.08 < last - first < 0.5
    assert (first > 0.47) if below else (last < 0.53)


def rows_of_title(path: Path, *seen: Spot) -> tuple[float, float]:
    """Where the title stands on a grey picture in which the analysis saw this."""
    observer = Observer(SIZE, 1)
    observer.see(frame_of(np.full(SIZE[::-1], 120, np.uint8)), 0)
    write_thumbnail(observer.candidates, path, titled("What nobody told you", "lit", SIZE, None, "en"), seen)
    return lines(path)


@pytest.mark.parametrize(
    "seen",
    [
        [("face", 0.2, 0.5), ("text", 0.6, 0.75)],
        [("text", 0.13, 0.35), ("face", 0.5, 0.9)],
        [("text", 0.1, 0.3), ("face", 0.44, 0.86)],
    ],
    ids=["below", "between", "in smaller letters"],
)
def test_the_title_is_set_clear_of_what_the_analysis_saw(tmp_path: Path, seen: list[tuple[str, float, float]]) -> None:
    first, last = rows_of_title(tmp_path / "a.jpg", *(Spot(kind, 0, 9, 0.1, a, 0.9, b) for kind, a, b in seen))
    assert all(last <= top + 0.01 or bottom - 0.01 <= first for _, top, bottom in seen)


def test_what_is_seen_beside_the_title_or_at_another_time_is_in_nobodys_way(tmp_path: Path) -> None:
    plain = rows_of_title(tmp_path / "a.jpg")
    later, beside = Spot("face", 3, 9, 0.1, 0.1, 0.9, 0.5), Spot("face", 0, 9, 0.97, 0.1, 1.0, 0.5)
    assert rows_of_title(tmp_path / "a.jpg", later, beside) == plain


def test_a_title_that_no_font_has_is_left_out() -> None:
    assert titled("\U000e0001", "lit", SIZE, None, None) is None
    assert titled("   ", "lit", SIZE, None, None) is None
