"""Letters have a contrast of at least 4.5 to what is directly behind them: by their colours, and as rendered pixels."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame

from actors.renderer.adapters.captions.block import text_block
from actors.renderer.adapters.captions.styles import STYLES
from actors.renderer.adapters.patch import blend
from actors.renderer.core.contrast import LEAST, contrast, luminance
from tests.support.captions import ground, noise, painted, painter_of, timeline_of
from tests.support.golden import rgb_of

SIZE = (1080, 1920)
ROWS = slice(1180, 1510)
SEEN = (ROWS, slice(220, 860))
GROUNDS = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "yellow": (255, 240, 40),
    "noise": None,
}


def test_black_on_white_has_the_contrast_that_wcag_names() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)  # the guide's own example
    assert luminance((255, 0, 0)) == pytest.approx(0.2126, abs=1e-4)


@pytest.mark.parametrize("name", STYLES)
def test_every_colour_of_a_style_stands_out_from_what_the_style_puts_behind_it(name: str) -> None:
    style = STYLES[name]
    resting = [color for color in (style.text, style.said, style.emphasis) if color is not None]
    for color, active in [*((each, False) for each in resting), (style.active, True)]:
        behind = style.behind(active=active)
        if behind is None:
            assert style.shade, "nothing is behind it, and nothing shades it"
        else:
            assert contrast(color, behind) >= LEAST, (color, behind)


@pytest.mark.parametrize("color", ["#ffe600", "#74c0fc", "#ffffff", "#101010", "#7a1fa2"])
@pytest.mark.parametrize("name", STYLES)
def test_a_colour_of_the_plan_is_taken_only_where_it_stands_out(name: str, color: str) -> None:
    style = STYLES[name].lit(color)
    behind = style.behind(active=True)
    if behind is not None:
        assert contrast(style.active, behind) >= LEAST, (style.active, behind)
    else:
        assert luminance(style.active) > 0.2, "no shade could set it apart"


def test_the_spoken_word_has_the_colour_of_the_plan() -> None:
    def seen(color: str | None) -> int:
        rgb = painted(timeline_of(["calm", "water"], style="lit", size=SIZE, color=color), 2).astype(int)
        return int((np.abs(rgb - np.array((150, 242, 215))).max(axis=-1) < 24).sum())

    assert seen("#96f2d7") > 500
    assert seen(None) == 0


def light(rgb: Any) -> Any:
    """Relative luminance of every pixel."""
    shares = rgb.astype(np.float64) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return linear @ np.array((0.2126, 0.7152, 0.0722))


def shifted(mask: Any, reach: int) -> Any:
    """Everything within `reach` pixels of a mask, in a diamond."""
    for _ in range(reach):
        wider = mask.copy()
        wider[1:] |= mask[:-1]
        wider[:-1] |= mask[1:]
        wider[:, 1:] |= mask[:, :-1]
        wider[:, :-1] |= mask[:, 1:]
        mask = wider
    return mask


def behind(name: str) -> VideoFrame:
    color = GROUNDS[name]
    return noise(SIZE) if color is None else ground(SIZE, color)


@lru_cache(maxsize=8)
def shown(name: str, number: int | None, on: str) -> Any:
    """Two words in a style on a ground: picture `number` of captions, or a text that stands."""
    picture = behind(on)
    if number is not None:
        painter_of(timeline_of(["Hmm", "no"], name)).paint(picture, number)
    else:
        block = text_block("Hmm no", name, SIZE, None, max_lines=2)
        assert block is not None
        blend(picture, block.centered(540, 1344))
    return rgb_of(picture)[SEEN]


def worst(name: str, number: int | None, on: str, colors: set[tuple[int, int, int]]) -> float:
    """The least contrast of letters in these colours to the pixels beside them, on a ground.

    Letters are what is of such a colour on black as well as on white. Beside them is what is three pixels from their
    inside: nearer, their edges are smooth. The worst in a hundred are left out: corners where smooth edges meet.
    """
    black, white, picture = (shown(name, number, each) for each in ("black", "white", on))
    solid = np.abs(black.astype(int) - white).max(axis=2) <= 4
    bright, found = light(picture), 21.0
    masks = {
        color: solid & (np.abs(black.astype(int) - color).max(axis=2) <= 26)
        for color in colors | {STYLES[name].text, STYLES[name].active}
    }
    letters = shifted(np.logical_or.reduce([*masks.values()]), 2)
    for color in colors:
        beside = np.sort(bright[shifted(masks[color], 3) & ~letters])
        assert masks[color].sum() > 300 and len(beside) > 200, f"no letters in {color}"
        own, least = float(np.median(bright[masks[color]])), len(beside) // 100
        for other in (beside[least], beside[-least - 1]):
            found = min(found, (max(own, other) + 0.05) / (min(own, other) + 0.05))
    return found


@pytest.mark.parametrize("name", STYLES)
def test_letters_stand_out_on_any_picture(name: str) -> None:
    style = STYLES[name]
    both = style.words > 1 and not style.reveal
    for on in GROUNDS:
        assert worst(name, 9, on, {style.active, *([style.text] if both else [])}) >= LEAST, on


@pytest.mark.parametrize("name", STYLES)
def test_a_text_that_stands_is_read_on_any_picture(name: str) -> None:
    for on in GROUNDS:
        assert worst(name, None, on, {STYLES[name].text}) >= LEAST, on


def test_a_shade_is_as_dark_as_the_picture_makes_it() -> None:
    darkness = []
    for on in ("black", "grey", "white"):
        before, after = behind(on), behind(on)
        painter_of(timeline_of(["a"], "clean")).paint(after, 3)
        darkness.append(int((rgb_of(before).astype(int) - rgb_of(after)).max()))
    assert darkness[0] == 0
    assert 0 < darkness[1] < darkness[2]


def test_a_shade_gets_darker_when_the_picture_gets_brighter_and_not_lighter_again() -> None:
    painter = painter_of(timeline_of(["wait"], "clean", each=1.0))
    beside = []
    for number, on in ((3, "grey"), (4, "white"), (5, "grey")):
        picture = behind(on)
        painter.paint(picture, number)
        beside.append(int(rgb_of(picture)[ROWS].min()))
    assert beside[2] < beside[0]
