"""Where captions stand: within what platforms leave free, and clear of faces and texts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.renderer.adapters.captions import captions_of
from actors.renderer.adapters.picture import Camera, Shape
from actors.renderer.adapters.planes import planes_of
from actors.renderer.core import Aim, panels, schedule
from actors.renderer.core.limits import LIMITS
from actors.renderer.core.places import Block, Spot, centers, seen, spots
from actors.renderer.core.safe import FREE, SafeArea, safe_area
from contracts.media import Word
from contracts.sight import Area, Framing, FramingMode
from contracts.style import PLATFORMS, LookUse
from contracts.timeline import Canvas, CaptionPlan, Segment, Timeline, TitleOverlay
from tests.renderer.media import Film, make
from tests.support.captions import ground
from tests.support.golden import rgb_of

SIZE = (1080, 1920)
shares = st.floats(0, 1)


def area(x: float, y: float, width: float = 0.2, height: float = 0.2, kind: str = "face") -> Area:
    return Area.model_validate({"kind": kind, "start": 0, "end": 10, "x": x, "y": y, "width": width, "height": height})


def test_a_platform_may_be_named_that_has_limits_or_buttons() -> None:
    assert set(PLATFORMS) == {*LIMITS, *FREE}


def test_what_is_free_on_all_platforms_is_free_on_each() -> None:
    common = safe_area((), *SIZE)
    for known in FREE.values():
        assert known.left <= common.left < common.right <= known.right
        assert known.top <= common.top < common.bottom <= known.bottom
    assert safe_area(("tiktok",), *SIZE) == FREE["tiktok"]
    assert safe_area(("peertube",), *SIZE) == common
    assert common.centered_width > 0.7


def test_other_shapes_keep_to_the_title_safe_area() -> None:
    assert safe_area((), 1080, 1080) == safe_area(("tiktok",), 1920, 1080) == SafeArea(0.05, 0.05, 0.95, 0.95)


@pytest.mark.parametrize("mode", get_args(FramingMode))
@pytest.mark.parametrize("canvas", [SIZE, (1080, 1080), (1920, 1080)])
def test_an_area_is_seen_where_the_camera_shows_it(mode: FramingMode, canvas: tuple[int, int]) -> None:
    """A white square in a dark source, found again in the picture that the camera makes of it."""
    width, height = 640, 360
    luma = np.full((height, width, 3), 20, np.uint8)
    where = area(0.55, 0.4, 0.1, 0.15)
    luma[144:198, 352:416] = 235
    source = VideoFrame.from_ndarray(luma, format="rgb24").reformat(format="yuv420p")
    aim = Aim(mode, (0.5, 0.5), (0.6, 0.5))
    small = (canvas[0] // 4, canvas[1] // 4)
    picture = Camera(*small).shoot(source, Shape(width, height, 1.0, 0), aim)
    bright = planes_of(picture)[0] > 190
    for panel in panels(aim, width / height, *small):
        place = seen(where, panel, width / height, small)
        part = np.zeros_like(bright)
        part[panel.y : panel.y + panel.height, panel.x : panel.x + panel.width] = True
        rows, columns = (bright & part).nonzero()
        if place is None:
            assert not len(rows)
            continue
        left, top, right, bottom = place
        assert (columns.min() / small[0], (columns.max() + 1) / small[0]) == pytest.approx((left, right), abs=0.02)
        assert (rows.min() / small[1], (rows.max() + 1) / small[1]) == pytest.approx((top, bottom), abs=0.02)


def timeline(areas: tuple[Area, ...], **segment: object) -> Timeline:
    body = {"source": "a.mp4", "end": 4.0, "framing": Framing(mode="fit"), "areas": areas, **segment}
    words = tuple(
        Word(text=text, start=n * 0.5, end=n * 0.5 + 0.5) for n, text in enumerate(["we", "are", "all", "here"])
    )
    return Timeline(segments=(Segment.model_validate(body),), captions=CaptionPlan(words=words))


def test_a_mirrored_area_is_on_the_other_side() -> None:
    plain = timeline((area(0.1, 0.2),))
    mirrored = timeline((area(0.1, 0.2),), looks=(LookUse(name="mirror"),))
    (one, *_), (other, *_) = (spots(each, schedule(each), SIZE, {"a.mp4": 16 / 9}) for each in (plain, mirrored))
    assert (1 - one.right, 1 - one.left) == pytest.approx((other.left, other.right))


def test_areas_follow_the_clock_of_the_timeline() -> None:
    late = area(0.4, 0.4).model_copy(update={"start": 12.0, "end": 13.0})
    fast = timeline((late,), start=10.0, end=14.0, speed=2.0)
    found = spots(fast, schedule(fast), SIZE, {"a.mp4": 16 / 9})
    assert min(spot.first for spot in found) == 30
    assert max(spot.last for spot in found) == pytest.approx(45, abs=1)


def test_titles_are_kept_clear_of_too() -> None:
    plan = timeline(()).model_copy(update={"overlays": (TitleOverlay(text="Look", y=0.7, end=1.0),)})
    (spot,) = spots(plan, schedule(plan), SIZE, {})
    assert spot.top < 0.7 < spot.bottom and spot.last == 30


BLOCK = Block(0, 30, 0.6, 0.06)
SAFE = safe_area((), *SIZE)


def test_a_page_stands_at_its_preferred_place_when_nothing_is_there() -> None:
    assert centers([BLOCK], [], SAFE, 0.7, 30) == (0.7,)


def test_a_page_moves_off_a_face() -> None:
    face = Spot("face", 0, 30, 0.2, 0.62, 0.8, 0.80)
    (center,) = centers([BLOCK], [face], SAFE, 0.7, 30)
    assert center + BLOCK.height / 2 <= face.top + 0.01


def test_pages_stay_where_they_are_rather_than_hop_around_something_short_and_small() -> None:
    blocks = [Block(n * 30, n * 30 + 30, 0.6, 0.06) for n in range(6)]
    small = Spot("text", 60, 63, 0.3, 0.69, 0.5, 0.73)
    assert len(set(centers(blocks, [small], SAFE, 0.7, 30))) == 1


def test_pages_make_room_once_for_a_face_that_stays() -> None:
    blocks = [Block(n * 30, n * 30 + 30, 0.6, 0.06) for n in range(6)]
    face = Spot("face", 60, 120, 0.2, 0.64, 0.8, 0.78)
    found = centers(blocks, [face], SAFE, 0.7, 30)
    assert all(center + 0.03 <= 0.65 for center in found[2:4])
    assert sum(one != other for one, other in pairwise(found)) <= 2


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(shares, st.floats(0.02, 0.3)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 300), shares, shares), max_size=8),
)
def test_every_page_is_within_the_safe_area(
    sizes: list[tuple[float, float]], faces: list[tuple[int, float, float]]
) -> None:
    blocks = [Block(n * 30, n * 30 + 30, width, height) for n, (width, height) in enumerate(sizes)]
    found = [Spot("face", first, first + 60, x, y, x + 0.2, y + 0.2) for first, x, y in faces]
    chosen = centers(blocks, found, SAFE, 0.7, 30)
    assert len(chosen) == len(blocks)
    for block, center in zip(blocks, chosen, strict=True):
        assert center - block.height / 2 >= SAFE.top - 1e-9
        assert center + block.height / 2 <= SAFE.bottom + 1e-9


def test_captions_in_a_picture_stand_clear_of_the_face_in_its_source(tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", Film(paint=lambda t, w, h: np.full((h, w, 3), 90, np.uint8), seconds=1))
    words = (Word(text="Hello", start=0, end=1),)
    rows = []
    for areas in ((), (area(0.2, 0.58, 0.6, 0.3),)):
        segment = Segment(source=str(source), end=1.0, framing=Framing(mode="center"), areas=areas)
        plan = Timeline(canvas=Canvas(width=270, height=480), segments=(segment,), captions=CaptionPlan(words=words))
        painter, picture = captions_of(plan, schedule(plan), (270, 480), None), ground((270, 480))
        painter.paint(picture, 3)
        inked = (np.abs(rgb_of(picture).astype(int) - 109).max(axis=2) > 40).nonzero()[0]
        rows.append((inked.min() / 480, inked.max() / 480))
    assert rows[0][0] < 0.7 < rows[0][1]
    assert rows[1][1] < 0.6
