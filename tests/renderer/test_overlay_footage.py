"""Other footage in place of the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contracts.sight import Framing
from contracts.timeline import ImageOverlay, InsertOverlay, ProgressOverlay
from runtime.errors import Reject
from tests.renderer.media import GREEN, RED, Film, clock, color_at, columns, make, near, quarters
from tests.renderer.overlaid import FPS, SIZE, ground, made, rgb, save, shown, through, untouched


@pytest.fixture(scope="module")
def roll(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three seconds whose brightness tells the time."""
    path = tmp_path_factory.mktemp("roll") / "roll.mp4"
    return str(make(path, Film(width=192, height=108, seconds=3, fps=25, paint=clock)))


def test_an_insert_shows_its_footage_from_where_it_begins_in_place_of_the_picture(roll: str) -> None:
    [painter] = made(InsertOverlay(source=roll, start=1, end=2.5, source_start=0.5))
    seen = through(painter, range(40))
    painter.close()
    assert all(untouched(seen[number]) for number in (*range(10), *range(25, 40)))
    for number in range(10, 25):
        brightness = int(seen[number][SIZE[1] // 2, SIZE[0] // 2, 0])
        assert brightness == pytest.approx(20 + 20 * (0.5 + (number - 10) / FPS), abs=4)
    assert painter.remarks() == ()


def test_an_insert_is_framed_as_it_says(tmp_path: Path) -> None:
    path = str(make(tmp_path / "wide.mp4", Film(width=192, height=108, seconds=1, paint=columns)))
    center, fit = made(
        InsertOverlay(source=path, end=0.5), InsertOverlay(source=path, end=0.5, framing=Framing(mode="fit"))
    )
    cropped, whole = shown(center, 0), shown(fit, 0)
    assert near(color_at(cropped, 0.05, 0.5), GREEN, 20) and near(color_at(cropped, 0.95, 0.5), GREEN, 20)
    assert near(color_at(whole, 0.1, 0.5), RED, 20) and near(color_at(whole, 0.5, 0.5), GREEN, 20)
    center.close()
    fit.close()


def test_an_insert_fades_between_the_segment_and_its_footage(tmp_path: Path) -> None:
    white = str(make(tmp_path / "white.mp4", Film(width=96, height=54, seconds=3, paint=lambda t, w, h: flat(h, w))))
    [painter] = made(InsertOverlay(source=white, start=1, end=3, fade=0.5))
    values = [int(picture[96, 54, 0]) for picture in through(painter, range(40)).values()]
    painter.close()
    under = values[0]
    assert under < values[10] < values[12] < values[14] < values[20]
    assert values[20] > values[26] > values[28] > values[29] > under == values[30]


def flat(height: int, width: int) -> Any:
    return np.full((height, width, 3), 255, np.uint8)


def test_footage_that_ends_too_early_gives_the_picture_back_and_says_so(roll: str) -> None:
    [painter] = made(InsertOverlay(source=roll, source_start=2, end=4))
    seen = through(painter, range(40))
    painter.close()
    assert not untouched(seen[8]) and untouched(seen[20])
    [remark] = painter.remarks()
    assert remark.startswith("overlays.0: its footage is ") and "too short" in remark


def test_footage_without_an_end_of_its_own_place_is_just_over(roll: str) -> None:
    [painter] = made(InsertOverlay(source=roll, source_start=2, fade=0.3))
    seen = through(painter, range(40))
    painter.close()
    assert not untouched(seen[5]) and untouched(seen[20])
    assert painter.remarks() == ()


def test_only_what_is_seen_of_the_footage_is_decoded_and_it_is_let_go_of(tmp_path: Path) -> None:
    path = str(make(tmp_path / "long.mp4", Film(width=96, height=54, seconds=20, fps=25, options={"g": "10"})))
    [painter] = made(InsertOverlay(source=path, source_start=15, end=1))
    shown(painter, 0)
    painter.close()
    assert painter._reading.frames < 50  # type: ignore[attr-defined]  # how much was decoded is its own business
    painter.close()


def test_footage_of_which_nothing_can_be_decoded_is_said(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", Film(width=96, height=54, seconds=2, options={"g": "5", "preset": "ultrafast"}))
    body = bytearray(path.read_bytes())
    start = body.index(b"mdat") + 4
    length = int.from_bytes(body[start - 8 : start - 4], "big") - 8
    body[start : start + length] = bytes(length)
    path.write_bytes(body)
    [painter] = made(InsertOverlay(source=str(path), end=1.5))
    assert all(untouched(picture) for picture in through(painter, range(40)).values())
    painter.close()
    assert painter.remarks()[0] == "overlays.0: no picture of its footage can be decoded there; it shows the segment"


@pytest.mark.parametrize(
    ("make_it", "field", "says"),
    [
        (lambda folder: folder / "missing.mp4", "source", "There is no footage at missing.mp4"),
        (lambda folder: Path(save(folder / "a.png", RED)), "source", "a.png can't be inserted"),
        (
            lambda folder: make(folder / "a.mp4", Film(width=64, height=36, seconds=1, paint=quarters)),
            "source_start",
            "a.mp4 is 1.00 s long, and is to start at 9.00 s",
        ),
        (
            lambda folder: make(folder / "big.mp4", Film(width=1920, height=1080, seconds=0.1, paint=quarters)),
            "source",
            "larger than this renderer accepts",
        ),
    ],
)
def test_footage_that_cannot_be_had_is_refused_by_its_field(
    tmp_path: Path, make_it: Any, field: str, says: str
) -> None:
    with pytest.raises(Reject) as refused:
        made(InsertOverlay(source=str(make_it(tmp_path)), source_start=9))
    assert refused.value.field == f"overlays.0.{field}"
    assert says in refused.value.what


def test_inserts_lie_under_everything_else_whatever_their_place_in_the_list(tmp_path: Path, roll: str) -> None:
    mark = ImageOverlay(source=save(tmp_path / "a.png", RED), fade=0)
    found = made(mark, InsertOverlay(source=roll), ProgressOverlay())
    frame = ground()
    for painter in found:
        painter.paint(frame, 0)
        painter.close()
    assert near(color_at(rgb(frame), 0.5, 0.5), RED)
