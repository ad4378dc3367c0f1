"""Every caption style and every script as the gallery shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from av.video.frame import VideoFrame

from actors.renderer.adapters.captions.fonts import EMOJI, bundled
from actors.renderer.adapters.captions.styles import STYLES
from actors.renderer.adapters.picture import Camera, Shape
from actors.renderer.core import Aim
from tests.support import scene
from tests.support.captions import painter_of, timeline_of
from tests.support.golden import compare, rgb_of

SIZE = (270, 480)
GALLERY = Path(__file__).resolve().parents[2] / "docs" / "gallery"
MOMENTS = (2, 26, 41)
"""Pictures at which a style is shown: a word that begins, one that goes on, the last of its page."""
TEXT = "Nobody told me it is 20 % off!"
SCRIPTS: dict[str, tuple[str, str]] = {
    "arabic": ("ar", "مرحبا بكم في عام 2024"),
    "bengali": ("bn", "বাংলাদেশ খুব সুন্দর"),
    "chinese": ("zh", "今天 天气 很好 。"),
    "cyrillic": ("ru", "Никто не знает ответа"),
    "devanagari": ("hi", "नमस्ते दुनिया कैसे हो"),
    "emoji": ("en", "fire🔥 👩🏽‍🚀 🇩🇪 👍🏽 1️⃣"),
    "greek": ("el", "Κανείς δεν το ξέρει"),
    "hebrew": ("he", "שלום עולם, 20% הנחה"),
    "japanese": ("ja", "今日 は いい 天気 です"),
    "korean": ("ko", "안녕하세요 세계 여러분"),
    "latin": ("vi", "Tiếng Việt, naïve Größe"),
    "tamil": ("ta", "வணக்கம் உலகம்"),
    "thai": ("th", "สวัสดี ชาวโลก"),
}
CASES = [(name, n) for name in STYLES for n in range(len(MOMENTS))]


def captioned(texts: list[str], number: int, style: str, language: str | None = None) -> Any:
    painter = painter_of(timeline_of(texts, style, size=SIZE, language=language, each=0.4))
    for n in range(number):
        painter.paint(_frame(), n)
    frame = _frame()
    painter.paint(frame, number)
    assert painter.remarks() == ()
    return rgb_of(frame)


def _frame() -> VideoFrame:
    return Camera(*SIZE).shoot(scene.evening(), Shape(scene.WIDTH, scene.HEIGHT, 1.0, 0), Aim("center"))


@pytest.mark.parametrize(("name", "n"), CASES)
def test_a_style_looks_as_it_did(name: str, n: int, tmp_path: Path) -> None:
    picture = captioned(TEXT.split(), MOMENTS[n], name)
    compare(GALLERY / "captions" / f"{name}-{n + 1}.jpg", picture, tmp_path)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_looks_as_it_did(script: str, tmp_path: Path) -> None:
    if script == "emoji" and not bundled(EMOJI[0]):
        pytest.skip("no font with colour emoji is installed")
    language, text = SCRIPTS[script]
    picture = captioned(text.split(), 14, "karaoke", language)
    compare(GALLERY / "scripts" / f"{script}.jpg", picture, tmp_path)


def test_no_picture_in_the_gallery_is_left_over() -> None:
    styles = {path.name for path in (GALLERY / "captions").glob("*")}
    scripts = {path.stem for path in (GALLERY / "scripts").glob("*")}
    assert styles == {f"{name}-{n + 1}.jpg" for name, n in CASES}
    assert scripts == set(SCRIPTS)
