"""Captions as they are seen: their colours, place, and what happens to text that the font lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame

from actors.renderer.adapters.captions import Captions, to_yuv
from actors.renderer.adapters.picture import planes_of, tag
from actors.renderer.adapters.short import Limits, make_short
from actors.renderer.core import SpokenWord, caption_pages, caption_states
from actors.renderer.ports import Job
from contracts.media import Recipe, Word
from runtime.errors import Reject
from tests.renderer.media import Film, look, make

YELLOW, WHITE = (255, 230, 0), (255, 255, 255)


def canvas(width: int = 1080, height: int = 1920, level: int = 110) -> VideoFrame:
    frame = VideoFrame(width, height, "yuv420p")
    for plane, value in zip(planes_of(frame), (level, 128, 128), strict=True):
        plane[:] = value
    tag(frame)
    return frame


def burnt(texts: list[str], number: int = 0, size: tuple[int, int] = (1080, 1920)) -> tuple[Any, Captions]:
    words = [SpokenWord(text, n * 0.5, n * 0.5 + 0.5) for n, text in enumerate(texts)]
    pages = caption_pages(words, 10)
    captions = Captions(pages, caption_states(pages, 30, 300), "lit", size, None)
    frame = canvas(*size)
    captions.burn(frame, number)
    return frame.to_ndarray(format="rgb24"), captions


def pixels_of(picture: Any, color: tuple[int, int, int], within: int = 14) -> Any:
    return (np.abs(picture.astype(int) - color).max(axis=2) <= within).nonzero()


def test_the_spoken_word_is_yellow_the_others_white_with_a_black_border_on_a_wide_area() -> None:
    picture, _ = burnt(["Hello", "big", "world"])
    yellow, white, black = (pixels_of(picture, color) for color in (YELLOW, WHITE, (0, 0, 0)))
    assert min(len(yellow[0]), len(white[0]), len(black[0])) > 1500
    assert yellow[1].max() < white[1].min()


def test_the_light_moves_on_with_the_next_word() -> None:
    first, _ = burnt(["Hello", "big", "world"], 0)
    last, _ = burnt(["Hello", "big", "world"], 35)
    assert pixels_of(last, YELLOW)[1].min() > pixels_of(last, WHITE)[1].max()
    assert pixels_of(first, YELLOW)[1].mean() < pixels_of(last, YELLOW)[1].mean()


def test_captions_stand_in_the_middle_at_seven_tenths_of_the_height() -> None:
    picture, _ = burnt(["Hello", "big", "world"])
    rows, columns = (np.abs(picture.astype(int) - 109).max(axis=2) > 40).nonzero()
    assert (columns.min() + columns.max()) / 2 == pytest.approx(540, abs=12)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(0.70 * 1920, abs=30)
    assert columns.min() > 60 and columns.max() < 1020


def test_nothing_outside_the_captions_is_touched() -> None:
    picture, _ = burnt(["Hello"])
    assert np.ptp(picture[:1100]) == 0
    assert np.ptp(picture[1600:]) == 0


@pytest.mark.parametrize("size", [(1080, 1920), (540, 960), (1920, 1080), (1080, 1080), (90, 160)])
def test_a_word_that_is_wider_than_the_picture_is_shrunk_into_it(size: tuple[int, int]) -> None:
    picture, _ = burnt(["Donaudampfschifffahrtsgesellschaftskapitän"], size=size)
    _, columns = (np.abs(picture.astype(int) - 109).max(axis=2) > 60).nonzero()
    assert columns.min() > 0.03 * size[0]
    assert columns.max() < 0.97 * size[0]


@pytest.mark.parametrize("text", ["Straße", "Ελλάδα", "Привет", "नमस्ते", "naïve", "100%", "don\u2019t"])
def test_scripts_of_the_bundled_font_are_drawn(text: str) -> None:
    picture, captions = burnt([text])
    assert len(pixels_of(picture, YELLOW)[0]) > 800
    assert captions.remarks() == ()


def test_a_word_in_letters_that_no_font_has_is_left_out_and_said_so() -> None:
    picture, captions = burnt(["日本語"])
    assert np.ptp(picture) == 0
    (remark,) = captions.remarks()
    assert "日" in remark and "CLIPWIRE_RENDERER_FONTS" in remark


def test_a_sign_that_no_font_has_is_dropped_from_its_word() -> None:
    with_sign, captions = burnt(["fire🔥"])
    without, _ = burnt(["fire"])
    assert (with_sign == without).all()
    assert "🔥" in captions.remarks()[0]


def test_an_unknown_style_is_refused_by_name() -> None:
    with pytest.raises(Reject, match="no caption style 'neon'") as refused:
        Captions((), (), "neon", (1080, 1920), None)
    assert refused.value.field == "recipe.caption_style"


def test_reference_colours_convert_as_bt709_says() -> None:
    assert to_yuv((255, 255, 255)) == pytest.approx((235, 128, 128), abs=0.01)
    assert to_yuv((0, 0, 0)) == pytest.approx((16, 128, 128), abs=0.01)
    assert to_yuv((255, 0, 0)) == pytest.approx((62.56, 102.34, 240), abs=0.05)


def test_captions_in_a_finished_short_are_yellow_at_the_time_of_the_word(tmp_path: Path) -> None:
    film = Film(paint=lambda t, w, h: np.full((h, w, 3), 60, np.uint8), seconds=3)
    source = make(tmp_path / "a.mp4", film)
    words = (Word(text="Seen", start=1.0, end=1.4), Word(text="later", start=2.0, end=2.4))
    recipe = Recipe(width=540, height=960, quality="draft")
    job = Job(source=source, start=0.5, end=2.8, recipe=recipe, words=words)
    make_short(job, tmp_path / "s.mp4", tmp_path / "s.jpg", Limits(10_000_000), lambda done, eta: None)
    lit = [
        n for n, picture in enumerate(look(tmp_path / "s.mp4").pictures) if len(pixels_of(picture, YELLOW, 40)[0]) > 200
    ]
    assert lit == [*range(15, 27), *range(45, 57)]


def test_a_page_that_needs_two_lines_is_split_evenly() -> None:
    picture, _ = burnt(["WWWW", "WWWW", "WWWW", "WWWW"])
    ink = np.abs(picture.astype(int) - 109).max(axis=2) > 60
    edges = np.flatnonzero(np.diff(ink.any(axis=1).astype(int)))
    assert len(edges) == 4
    first, second = (np.ptp(ink[edges[n] + 1 : edges[n + 1]].nonzero()[1]) for n in (0, 2))
    assert first == pytest.approx(second, abs=4)
