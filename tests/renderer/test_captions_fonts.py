"""Which font a letter comes from, where words change direction, and emoji of every kind of font."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from actors.renderer.adapters.captions.clusters import clusters, is_emoji, leftwards, levels, visual_order
from actors.renderer.adapters.captions.fonts import CJK, FAMILIES, SCRIPTS, Fonts, bundled
from actors.renderer.adapters.captions.styles import STYLES
from actors.renderer.adapters.captions.typeset import TypeCase, _decoded, case_of

SIZE = (1080, 1920)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_that_a_style_may_name_is_installed(family: str) -> None:
    assert Fonts(family, None, None).main.path.name == Path(FAMILIES[family][1]).name


def test_a_folders_font_is_asked_before_those_of_other_scripts(tmp_path: Path) -> None:
    fonts = Fonts("noto", None, None)
    thai = fonts.having("ก", emoji=False)
    if thai is None:
        pytest.skip("no Thai font is installed")
    shutil.copy(thai.path, tmp_path / "own.ttf")
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    own = Fonts("noto", tmp_path, None)
    found = own.having("ก", emoji=False)
    assert found and found.path == tmp_path / "own.ttf"
    assert own.having("a", emoji=False) is own.main


@pytest.mark.skipif(not bundled(CJK[0]), reason="no font for Chinese is installed")
def test_a_character_that_languages_write_otherwise_comes_in_the_one_of_the_language() -> None:
    drawn = {}
    for language in ("ja", "zh", "zh-TW", "ko"):
        (piece,) = TypeCase("noto", 84, 700, language=language).set(("直",), (False,), 0, (1.0,)).pieces
        drawn[language] = piece.ink.coverage
    assert drawn["ja"].shape != drawn["zh"].shape or (drawn["ja"] != drawn["zh"]).any()


@pytest.mark.skipif(not bundled(SCRIPTS), reason="no fonts of other scripts are installed")
@pytest.mark.parametrize("word", ["नमस्ते", "مرحبا", "שלום", "สวัสดี", "வணக்கம்", "বাংলা", "Ấn", "q\u0301", "Ελλάδα", "Жизнь"])
@pytest.mark.parametrize("style", STYLES)
def test_every_style_has_the_letters_of_every_script(style: str, word: str) -> None:
    case = case_of(STYLES[style], SIZE, None, None)
    assert case.has(word) and not case.missing
    assert case.width(word) > 30


def test_letters_keep_their_marks_and_emoji_their_parts() -> None:
    assert clusters("q\u0301नि") == ["q\u0301", "नि"]
    whole = [
        "👩🏽\u200d🚀",
        "🇩🇪",
        "🇫🇷",
        "👍🏽",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0065\U000e007f",
    ]
    assert clusters("".join(whole)) == whole
    assert all(is_emoji(each) for each in whole)
    assert not any(is_emoji(each) for each in ("a", "1", "é", "©", "❤\ufe0e", "字"))


@pytest.mark.parametrize(
    ("text", "base", "shown"),
    [
        ("abc", 0, "abc"),
        ("אבג", 0, "גבא"),
        ("אב 12 גד", 1, "דג 12 בא"),
        ("say אב!", 0, "say בא!"),
        ("אב (cd)", 1, ")cd( בא"),
        ("אב (cd) 20%", 1, "20% )cd( בא"),
    ],
)
def test_lines_of_two_directions_are_shown_as_unicode_says(text: str, base: int, shown: str) -> None:
    """UAX 9. A bracket in a text from right to left is mirrored when its glyph is chosen, not here."""
    order = visual_order(levels(text, base))
    assert "".join(text[place] for place in order) == shown


def test_the_language_decides_in_which_direction_a_text_runs() -> None:
    assert leftwards(["2024", "ok"], "he")
    assert not leftwards(["אב"], "en")
    assert leftwards(["אבג", "ok"])
    assert not leftwards(["okay", "א"])


def test_capitals_are_those_of_the_language() -> None:
    wide = [TypeCase("noto", 84, 700, language=tongue, upper=True).width("iki") for tongue in ("tr", "en")]
    greek = TypeCase("noto", 84, 700, language="el", upper=True)
    assert greek.set(("ά",), (False,), 0, (1.0,)).pieces[0].ink.above == pytest.approx(
        greek.set(("\u03b1",), (False,), 0, (1.0,)).pieces[0].ink.above
    )
    assert wide[0] == pytest.approx(wide[1], rel=0.02)


def test_a_bitmap_of_a_font_is_scaled_to_its_place_whatever_its_colours() -> None:
    for mode in ("RGBA", "P", "L"):
        file = BytesIO()
        Image.new(mode, (136, 128), 200 if mode == "L" else None).save(file, "PNG")
        picture = _decoded(file.getvalue(), SimpleNamespace(width=84 * 64, height=-80 * 64))
        assert picture.shape == (80, 84, 4) and picture.dtype == np.uint8
