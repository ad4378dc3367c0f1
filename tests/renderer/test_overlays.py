"""The bar, the mark, and how overlays lie over one another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contracts.timeline import ImageOverlay, ProgressOverlay, TitleOverlay, WatermarkOverlay
from runtime.errors import Reject
from tests.renderer.media import RED, color_at, near
from tests.renderer.overlaid import ground, made, rgb, save, shown, through, untouched

YELLOW = (255, 230, 0)


def test_the_bar_grows_by_fractions_of_a_pixel_and_is_full_with_the_last_picture() -> None:
    [painter] = made(ProgressOverlay(height=0.05), seconds=40)
    widths = []
    for number in (0, 1, 199, 200, 399):
        row = shown(painter, number)[2].astype(float)
        widths.append(float(np.clip(row[:, 0] / 255, 0, 1).sum()))
    assert np.all(np.diff(widths) > 0.1)
    picture = shown(painter, 399)
    assert near(color_at(picture, 0.99, 0.01), YELLOW, 14) and near(color_at(picture, 0.01, 0.01), YELLOW, 14)
    middle = shown(painter, 199)
    assert near(color_at(middle, 0.45, 0.01), YELLOW, 14) and not near(color_at(middle, 0.55, 0.01), YELLOW, 60)


def test_the_bar_lies_at_the_edge_that_is_wanted_and_leaves_the_rest_alone() -> None:
    for edge, rows in (("top", slice(12, None)), ("bottom", slice(None, -12))):
        [painter] = made(ProgressOverlay(edge=edge, color="#00ff00", height=0.05))
        picture = shown(painter, 39)
        assert (picture[rows] == rgb(ground())[rows]).all()
        assert picture[2 if edge == "top" else -3, 5, 1] > 200


@pytest.mark.parametrize("corner", ["top_left", "top_right", "bottom_left", "bottom_right"])
@pytest.mark.parametrize("size", [(216, 384), (384, 216), (216, 216)])
@pytest.mark.parametrize("text", ["", "@me", "Sing with us every Thursday"])
def test_a_mark_lies_in_its_corner_within_margins(
    tmp_path: Path, corner: Any, size: tuple[int, int], text: str
) -> None:
    source = None if text else save(tmp_path / "a.png", (255, 255, 255))
    [painter] = made(WatermarkOverlay(source=source, text=text, corner=corner), size=size)
    changed = np.argwhere((shown(painter, 0, size=size) != rgb(ground(size=size))).any(axis=2))
    top, left = changed.min(axis=0) / (size[1], size[0])
    bottom, right = changed.max(axis=0) / (size[1], size[0])
    assert left > 0.02 and right < 0.98 and top > 0.02 and bottom < 0.98
    assert ((top + bottom) / 2 < 0.5) == corner.startswith("top")
    assert ((left + right) / 2 < 0.5) == corner.endswith("left")
    assert painter.remarks() == ()
    if size[0] < size[1]:  # where platforms lay their own texts and buttons
        assert top > 0.08 and bottom < 0.8
        assert right < 0.89 or corner != "bottom_right"


def test_a_mark_of_words_is_as_faint_as_wanted() -> None:
    size = (432, 768)
    marks = [WatermarkOverlay(text="WWWW", width=0.5, opacity=opacity) for opacity in (1.0, 0.3)]
    strong, weak = (int(shown(painter, 0, size=size).max()) for painter in made(*marks, size=size))
    under = int(rgb(ground())[0, 0, 0])
    assert strong > 240
    assert weak == pytest.approx(under + 0.3 * (255 - under), abs=6)


def test_a_mark_that_no_font_can_write_is_said() -> None:
    [painter] = made(WatermarkOverlay(text="\U000e0041\ue123"))
    assert untouched(shown(painter, 0))
    assert painter.remarks()[0].startswith("overlays.0: no font here has the letters")


def test_an_overlay_after_the_end_is_said_and_one_that_ends_before_it_starts_is_refused(tmp_path: Path) -> None:
    source = save(tmp_path / "a.png", RED)
    [painter] = made(ImageOverlay(source=source, start=9))
    assert all(untouched(picture) for picture in through(painter, range(40)).values())
    assert painter.remarks() == ("overlays.0 starts at 9 s, when the short is over: it is not seen",)
    with pytest.raises(Reject) as refused:
        made(ImageOverlay(source=source, start=3, end=2))
    assert refused.value.field == "overlays.0.end"


def test_a_title_that_begins_behind_the_end_is_a_remark_and_no_fault() -> None:
    [painter] = made(TitleOverlay(text="late", start=50))
    assert painter.remarks()
