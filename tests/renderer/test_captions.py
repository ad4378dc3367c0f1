"""Captions as they are seen: their colours, place and motion, and what happens to text that no font has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.renderer.adapters.captions.canvas import grown
from actors.renderer.adapters.captions.styles import STYLES
from actors.renderer.adapters.patch import to_yuv
from actors.renderer.adapters.short import Limits, make_short
from contracts.media import Word
from contracts.renders import Recipe
from runtime.errors import Reject
from tests.renderer.jobs import job_of, outputs_at
from tests.renderer.media import Film, look, make
from tests.support.captions import ground, painted, painter_of, timeline_of

YELLOW, WHITE = (255, 230, 0), (255, 255, 255)


def pixels_of(picture: Any, color: tuple[int, int, int], within: int = 14) -> Any:
    return (np.abs(picture.astype(int) - color).max(axis=2) <= within).nonzero()


def ink(picture: Any, least: int = 40) -> Any:
    return np.abs(picture.astype(int) - 109).max(axis=2) > least


def test_the_spoken_word_is_yellow_the_others_white_with_a_black_border_on_a_wide_area() -> None:
    picture = painted(timeline_of(["Hello", "big", "world"]))
    yellow, white, black = (pixels_of(picture, color) for color in (YELLOW, WHITE, (0, 0, 0)))
    assert min(len(yellow[0]), len(white[0]), len(black[0])) > 1500
    assert yellow[1].max() < white[1].min()


def test_the_light_moves_on_with_the_next_word() -> None:
    first = painted(timeline_of(["Hello", "big", "world"]))
    last = painted(timeline_of(["Hello", "big", "world"]), 35)
    assert pixels_of(last, YELLOW)[1].min() > pixels_of(last, WHITE)[1].max()
    assert pixels_of(first, YELLOW)[1].mean() < pixels_of(last, YELLOW)[1].mean()


def test_captions_stand_in_the_middle_at_seven_tenths_of_the_height() -> None:
    rows, columns = ink(painted(timeline_of(["Hello", "big", "world"]))).nonzero()
    assert (columns.min() + columns.max()) / 2 == pytest.approx(540, abs=12)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(0.70 * 1920, abs=30)


def test_nothing_outside_the_captions_is_touched() -> None:
    picture = painted(timeline_of(["Hello"]))
    assert np.ptp(picture[:1100]) == 0
    assert np.ptp(picture[1600:]) == 0


@pytest.mark.parametrize("size", [(1080, 1920), (540, 960), (1920, 1080), (1080, 1080), (90, 160)])
@pytest.mark.parametrize("style", ["lit", "single"])
def test_a_word_that_is_wider_than_the_picture_is_shrunk_into_it(style: str, size: tuple[int, int]) -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitän"
    picture = painted(timeline_of([word], style, size=size), 6, ground(size))
    _, columns = ink(picture, 60).nonzero()
    assert columns.min() > 0.03 * size[0]
    assert columns.max() < 0.97 * size[0]


def test_a_word_in_letters_that_no_font_has_is_left_out_and_said_so() -> None:
    timeline = timeline_of(["\U000e0301\U00013000"])  # an Egyptian hieroglyph: no common font has it
    painter, picture = painter_of(timeline), ground((1080, 1920))
    painter.paint(picture, 0)
    if painter.coverage == 1:
        pytest.skip("this machine has a font with hieroglyphs")
    assert np.ptp(picture.to_ndarray(format="gray")) == 0
    (remark,) = painter.remarks()
    assert "\U00013000" in remark and "CLIPWIRE_RENDERER_FONTS" in remark
    assert painter.coverage == 0


def test_an_unknown_style_is_refused_by_name() -> None:
    with pytest.raises(Reject, match="no caption style 'disco'") as refused:
        painter_of(timeline_of(["a"], "disco"))
    assert refused.value.field == "captions.style"
    assert "karaoke" in (refused.value.advice or "")


def test_captions_that_are_not_burnt_draw_nothing() -> None:
    painter = painter_of(timeline_of(["Hello"], burnt=False))
    picture = ground((1080, 1920))
    painter.paint(picture, 3)
    assert np.ptp(picture.to_ndarray(format="gray")) == 0
    assert painter.coverage is None


def test_reference_colours_convert_as_bt709_says() -> None:
    assert to_yuv((255, 255, 255)) == pytest.approx((235, 128, 128), abs=0.01)
    assert to_yuv((0, 0, 0)) == pytest.approx((16, 128, 128), abs=0.01)
    assert to_yuv((255, 0, 0)) == pytest.approx((62.56, 102.34, 240), abs=0.05)


def test_captions_in_a_finished_short_are_yellow_at_the_time_of_the_word(tmp_path: Path) -> None:
    film = Film(paint=lambda t, w, h: np.full((h, w, 3), 60, np.uint8), seconds=3)
    source = make(tmp_path / "a.mp4", film)
    words = (Word(text="Seen", start=1.0, end=1.4), Word(text="later", start=2.0, end=2.4))
    recipe = Recipe(width=540, height=960, quality="draft")
    job = job_of(source, 0.5, 2.8, recipe, words=words)
    make_short(job, outputs_at(tmp_path / "s.mp4"), Limits(10_000_000), lambda done, eta: None)
    lit = [
        n for n, picture in enumerate(look(tmp_path / "s.mp4").pictures) if len(pixels_of(picture, YELLOW, 40)[0]) > 200
    ]
    assert lit == [*range(15, 27), *range(45, 57)]


def test_a_page_that_needs_two_lines_is_split_evenly() -> None:
    covered = ink(painted(timeline_of(["WWWW", "WWWW", "WWWW", "WWWW"])), 60)
    edges = np.flatnonzero(np.diff(covered.any(axis=1).astype(int)))
    assert len(edges) == 4
    first, second = (np.ptp(covered[edges[n] + 1 : edges[n + 1]].nonzero()[1]) for n in (0, 2))
    assert first == pytest.approx(second, abs=4)


def test_a_popping_word_is_largest_in_its_first_tenth_of_a_second_and_settles() -> None:
    widths = []
    for number in (0, 1, 2, 12):
        picture = painted(timeline_of(["Wonder"], "pop", size=(540, 960)), number, ground((540, 960)))
        widths.append(np.ptp(ink(picture).nonzero()[1]))
    assert max(widths[:3]) > 1.08 * widths[3]


def test_a_word_fills_with_its_colour_from_where_its_script_begins() -> None:
    for text, language, leftwards in (("Wonderful", "en", False), ("السلام", "ar", True)):
        timeline = timeline_of([text], "karaoke", language=language, each=1.0)
        early, late = (pixels_of(painted(timeline, number), STYLES["karaoke"].active, 30) for number in (8, 22))
        assert 0 < len(early[0]) < len(late[0])
        assert bool(early[1].mean() > late[1].mean()) == leftwards


def test_a_bouncing_word_leaves_its_line_and_comes_back() -> None:
    tops = [
        ink(painted(timeline_of(["hop"], "bounce", size=(540, 960)), number, ground((540, 960)))).nonzero()[0].min()
        for number in (0, 4, 14)
    ]
    assert tops[1] < tops[0] - 8
    assert tops[2] == pytest.approx(tops[0], abs=2)


def test_words_of_a_revealing_style_appear_when_they_are_said() -> None:
    counts = [ink(painted(timeline_of(["one", "two", "ten"], "typed"), number)).sum() for number in (10, 25, 40)]
    assert counts[0] < counts[1] < counts[2]


def test_a_number_and_its_unit_are_set_apart_together() -> None:
    picture = painted(timeline_of(["walk", "5", "km"], "typed"), 50)
    gold = pixels_of(picture, STYLES["typed"].emphasis or WHITE, 20)
    assert np.ptp(gold[1]) > 150


def test_words_of_other_directions_stand_in_one_line_as_its_reader_expects() -> None:
    picture = painted(timeline_of(["שלום", "2024", "world"], language="he"), 0)
    yellow, white = pixels_of(picture, YELLOW), pixels_of(picture, WHITE)
    assert yellow[1].min() > white[1].max()  # the first word stands on the right


def test_growing_by_a_disc_reaches_its_radius_in_every_direction() -> None:
    dot = np.zeros((61, 61), np.uint8)
    dot[30, 30] = 255
    y, x = np.mgrid[-30:31, -30:31]
    distance = np.hypot(x, y)
    for radius in (3.0, 6.0, 9.5):
        shape = grown(dot, radius)
        assert (shape[distance <= radius - 0.5] == 255).all()
        assert (shape[distance >= radius + 1.2] == 0).all()


ODD = [
    "\u200f\u200e",
    "\ufe0f",
    "Z\u0338\u0327\u0352\u0301a",
    "\u0301",
    "ก็็็็",
    "f" * 60,
    "\x07bell",
    "\U000e0041",
    "🇩",
    "\u202eabc",
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [(64, 64), (540, 960)])
def test_odd_words_are_drawn_or_left_out_and_break_nothing(style: str, size: tuple[int, int]) -> None:
    timeline = timeline_of(ODD, style, size=size, each=0.1)
    painter, picture = painter_of(timeline), ground(size)
    for number in range(40):
        painter.paint(picture, number)
    assert painter.coverage == 1


def test_a_sign_without_a_glyph_is_never_shown_as_a_box() -> None:
    plain, bell = painted(timeline_of(["bell"])), painted(timeline_of(["\x07bell"]))
    assert (plain == bell).all()
