"""The presenter of the sample video, and the card above them: drawn once per look, pasted into every frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

__all__ = ["FIGURE_SIZE", "card", "figure", "font", "smooth"]

FIGURE_SIZE = (340, 520)
_FINE = 3  # everything is drawn three times as large and scaled down, for smooth edges
_SKIN, _SHADE, _HAIR, _LIP = "#e8b48c", "#cf9468", "#3b2a20", "#9c3f3f"


def smooth(size: tuple[int, int], draw: Callable[[ImageDraw, int], None]) -> Picture:
    """An RGBA picture of `size`; `draw` gets a canvas that is larger by the factor it is told."""
    from PIL import Image, ImageDraw

    large = Image.new("RGBA", (size[0] * _FINE, size[1] * _FINE), (0, 0, 0, 0))
    draw(ImageDraw.Draw(large), _FINE)
    # Reduced with premultiplied alpha, so that edges do not pick up the black of what is transparent.
    return large.convert("RGBa").reduce(_FINE).convert("RGBA")


@lru_cache(maxsize=8)
def font(size: int, weight: int) -> FreeTypeFont:
    """Noto Sans in pixels, weight 100 to 900."""
    import fontpkg_noto_sans
    from PIL import ImageFont

    path = Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"
    face = ImageFont.truetype(str(path), size)
    axes = {b"Weight": weight, b"Width": 100}
    face.set_variation_by_axes(
        [axes.get(axis["name"] or b"", int(axis["default"] or 0)) for axis in face.get_variation_axes()]
    )
    return face


@lru_cache(maxsize=64)
def figure(jacket: str, mouth: int, blink: bool) -> Picture:
    """The presenter from the waist up. `mouth`: 0 closed to 3 wide open."""

    def draw(pen: ImageDraw, k: int) -> None:
        def box(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
            return (x0 * k, y0 * k, x1 * k, y1 * k)

        pen.rounded_rectangle(box(22, 330, 318, 700), 110 * k, fill=jacket)
        pen.polygon([(120 * k, 332 * k), (220 * k, 332 * k), (170 * k, 470 * k)], fill="#f7f4ec")
        pen.rounded_rectangle(box(136, 270, 204, 360), 30 * k, fill=_SHADE)
        pen.polygon([(136 * k, 334 * k), (118 * k, 330 * k), (150 * k, 440 * k), (172 * k, 466 * k)], fill="#22283a")
        pen.polygon([(204 * k, 334 * k), (222 * k, 330 * k), (190 * k, 440 * k), (168 * k, 466 * k)], fill="#22283a")
        pen.ellipse(box(68, 28, 272, 230), fill=_HAIR)
        for ear in (72, 244):
            pen.ellipse(box(ear, 150, ear + 26, 200), fill=_SHADE)
        pen.rounded_rectangle(box(84, 62, 256, 306), 84 * k, fill=_SKIN)
        pen.pieslice(box(76, 24, 264, 190), 176, 364, fill=_HAIR)
        pen.ellipse(box(96, 92, 200, 150), fill=_SKIN)
        _eyes(pen, k, blink)
        pen.polygon([(170 * k, 172 * k), (158 * k, 222 * k), (180 * k, 224 * k)], fill=_SHADE)
        _mouth(pen, k, mouth)

    return smooth(FIGURE_SIZE, draw)


def _eyes(pen: ImageDraw, k: int, blink: bool) -> None:
    for middle in (131, 209):
        pen.line(
            [((middle - 24) * k, 148 * k), (middle * k, 140 * k), ((middle + 24) * k, 147 * k)], fill=_HAIR, width=8 * k
        )
        if blink:
            pen.line([((middle - 18) * k, 178 * k), ((middle + 18) * k, 178 * k)], fill=_HAIR, width=5 * k)
            continue
        pen.ellipse(((middle - 21) * k, 163 * k, (middle + 21) * k, 191 * k), fill="#ffffff")
        pen.ellipse(((middle - 11) * k, 165 * k, (middle + 11) * k, 189 * k), fill="#35506b")
        pen.ellipse(((middle - 5) * k, 171 * k, (middle + 5) * k, 183 * k), fill="#101820")
        pen.ellipse(((middle + 2) * k, 169 * k, (middle + 7) * k, 174 * k), fill="#ffffff")


def _mouth(pen: ImageDraw, k: int, opening: int) -> None:
    if opening == 0:
        pen.arc((138 * k, 232 * k, 202 * k, 264 * k), 20, 160, fill=_LIP, width=6 * k)
        return
    half = (0, 7, 13, 19)[opening]
    width = (0, 30, 30, 27)[opening]
    pen.ellipse(((170 - width) * k, (256 - half) * k, (170 + width) * k, (256 + half) * k), fill=_LIP)
    pen.ellipse(((174 - width) * k, (260 - half) * k, (166 + width) * k, (252 + half) * k), fill="#3d1414")
    if opening > 1:
        pen.rounded_rectangle((152 * k, (257 - half) * k, 188 * k, (263 - half) * k), 2 * k, fill="#fdfdfd")


@lru_cache(maxsize=64)
def card(text: str, accent: str) -> Picture:
    """The words of the moment on a rounded card, at most 240 pixels wide: whole in a crop that is nearly on them."""
    lines = _lines(text)
    size = next(size for size in (40, 36, 32, 28) if _longest(lines, size) <= 190 or size == 28)
    width, height = int(_longest(lines, size)) + 50, 76 + 42 * (len(lines) - 1)

    def draw(pen: ImageDraw, k: int) -> None:
        pen.rounded_rectangle((0, 0, width * k - 1, height * k - 1), 26 * k, fill="#0b0f1ad8")
        pen.rounded_rectangle((22 * k, (height - 12) * k, (width - 22) * k, (height - 8) * k), 2 * k, fill=accent)
        for number, line in enumerate(lines):
            at = (width * k / 2, (35 + 42 * number) * k)
            pen.text(at, line, font=font(size * k, 700), fill="#ffffff", anchor="mm")

    return smooth((width, height), draw)


def _lines(text: str) -> tuple[str, ...]:
    """In two lines of about the same length where one would be long."""
    words = text.split()
    if len(words) == 1 or _longest((text,), 40) <= 190:
        return (text,)
    parts = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    return min(parts, key=lambda part: _longest(part, 40))


def _longest(lines: Sequence[str], size: int) -> float:
    return max(font(size, 700).getlength(line) for line in lines)
