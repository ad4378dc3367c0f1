"""Text to coverage: words of a line, shaped and rasterised by HarfBuzz in the fonts that have them.

Coverage: bytes, rows from the top.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import uharfbuzz as hb

from actors.renderer.adapters.captions.clusters import clusters, is_emoji, levels, visual_order
from actors.renderer.adapters.captions.fonts import Face, Fonts, visible
from actors.renderer.adapters.captions.styles import Style

__all__ = ["Ink", "Piece", "TypeCase", "Typed", "case_of"]

Coverage = np.ndarray[Any, np.dtype[np.uint8]]
SPACE = -1
EMOJI_SIZE = 0.92
"""Em of pictures against that of letters: theirs fill it, letters do not."""
GREEK_ACCENTS = frozenset("\u0301\u0300\u0342\u0313\u0314")


@dataclass(frozen=True)
class Ink:
    """What a run of glyphs puts on the picture: `left` of and `above` its origin on the baseline."""

    coverage: Coverage
    left: int
    above: int
    advance: float
    picture: Coverage | None = None
    """Its own colours, where it has some: rows, columns, RGBA multiplied by alpha; coverage is then that alpha."""


@dataclass(frozen=True)
class Piece:
    """A run of one word, `x` pixels from the left end of its line."""

    word: int
    x: float
    ink: Ink
    leftwards: bool


@dataclass(frozen=True)
class Typed:
    """A line of words. `ascent` and `descent`: of its ink, at least those of the font."""

    pieces: tuple[Piece, ...]
    width: float
    ascent: float
    descent: float


@dataclass(frozen=True)
class _Run:
    word: int
    text: str
    level: int
    face: Face | None
    scale: float = 1.0


class TypeCase:
    """The fonts of a style at one size. `size` is the em in pixels."""

    def __init__(
        self,
        family: str,
        size: float,
        weight: float,
        folder: Path | None = None,
        *,
        language: str | None = None,
        tracking: float = 0.0,
        gap: float = 1.0,
        upper: bool = False,
    ) -> None:
        self.size, self.weight, self.tracking, self.gap = size, weight, tracking, gap
        self._family, self._folder, self._language, self._upper = family, folder, language, upper
        self._fonts = Fonts(family, folder, language)
        font = self._fonts.main.font(size, weight)
        extents = font.get_font_extents("ltr")
        self.ascent = min(extents.ascender / 64, 1.0 * size)
        self.descent = min(-extents.descender / 64, 0.3 * size)
        self.space = font.get_glyph_h_advance(font.get_nominal_glyph(0x20)) / 64 * gap + tracking
        self.missing: set[str] = set()
        self._ink = lru_cache(maxsize=256)(self._drawn)
        self.set = lru_cache(maxsize=64)(self._set)

    def has(self, word: str) -> bool:
        """Whether a word has something to be seen, and enough of it can be drawn; what can't is in `missing` then."""
        signs = clusters(self._plain(word))
        lost = [each for each in signs if self._face(each) is None]
        self.missing.update(lost)
        left = visible("".join(each for each in signs if each not in lost))
        return left and not any(unicodedata.category(each[0])[0] in "LMN" for each in lost)

    def width(self, word: str, scale: float = 1.0) -> float:
        """How wide a word is by itself."""
        runs = self._runs((word,), (False,), 0, (scale,))
        return math.fsum(self._advance(run) for run in runs)

    def smaller(self, share: float) -> TypeCase:
        """The same letters in a smaller size."""
        other = TypeCase(
            self._family,
            self.size * share * 0.995,
            self.weight,
            self._folder,
            language=self._language,
            tracking=self.tracking * share,
            gap=self.gap,
            upper=self._upper,
        )
        other.missing = self.missing
        return other

    def _set(self, words: tuple[str, ...], spaces: tuple[bool, ...], base: int, scales: tuple[float, ...]) -> Typed:
        """Words in a line of their visual order; `spaces`: before each; `base`: 1 for a text from right to left.

        `scales`: how much larger each word is than the others.
        """
        runs = self._runs(words, spaces, base, scales)
        pieces: list[Piece] = []
        pen, ascent, descent = 0.0, self.ascent, self.descent
        for place in visual_order([run.level for run in runs]):
            run = runs[place]
            if run.word == SPACE:
                pen += self.space
                continue
            ink = self._ink(run.text, run.face, run.level % 2 == 1, run.scale)
            pieces.append(Piece(run.word, pen, ink, run.level % 2 == 1))
            pen += ink.advance
            ascent = max(ascent, ink.above)
            descent = max(descent, ink.coverage.shape[0] - ink.above)
        return Typed(tuple(pieces), pen, ascent, descent)

    def _runs(self, words: Sequence[str], spaces: Sequence[bool], base: int, scales: Sequence[float]) -> list[_Run]:
        plain = [self._plain(word) for word in words]
        text = "".join(" " * space + word for word, space in zip(plain, spaces, strict=True))
        found = levels(text, base)
        runs: list[_Run] = []
        place = 0
        for number, (word, space) in enumerate(zip(plain, spaces, strict=True)):
            if space:
                runs.append(_Run(SPACE, " ", found[place], None))
                place += 1
            for cluster in clusters(word):
                face, level = self._face(cluster), found[place]
                place += len(cluster)
                last = runs[-1] if runs else None
                if face is None:
                    continue
                if last and (last.word, last.level, last.face) == (number, level, face):
                    runs[-1] = _Run(number, last.text + cluster, level, face, scales[number])
                else:
                    runs.append(_Run(number, cluster, level, face, scales[number]))
        return runs

    def _face(self, cluster: str) -> Face | None:
        return self._fonts.having(cluster, emoji=is_emoji(cluster))

    def _plain(self, word: str) -> str:
        text = "".join(letter for letter in word if unicodedata.category(letter) != "Cc" or letter.isspace())
        return unicodedata.normalize("NFC", _capitals(text, self._language) if self._upper else text)

    def _advance(self, run: _Run) -> float:
        if run.face is None:
            return 0.0
        _, glyphs = self._shaped(run.text, run.face, run.level % 2 == 1, run.scale)
        return math.fsum(
            place.x_advance / 64 + (self.tracking if place.x_advance and not run.face.color else 0.0)
            for _, place in glyphs
        )

    def _shaped(self, text: str, face: Face, leftwards: bool, scale: float) -> tuple[Any, list[tuple[Any, Any]]]:
        """The font, and the glyphs of a text in it with their places, in 64ths of a pixel."""
        font = face.font(self.size * scale * (EMOJI_SIZE if face.color else 1.0), self.weight)
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if leftwards else "ltr"
        if self._language:
            buffer.language = self._language
        hb.shape(font, buffer)
        return font, list(zip(buffer.glyph_infos, buffer.glyph_positions, strict=True))

    def _drawn(self, text: str, face: Face, leftwards: bool, scale: float) -> Ink:
        font, glyphs = self._shaped(text, face, leftwards, scale)
        if face.color:
            return _pictured(face, font, glyphs)
        raster = hb.RasterDraw()
        pen = 0.0
        for info, place in glyphs:
            raster.transform = (1 / 64, 0, 0, 1 / 64, pen + place.x_offset / 64, place.y_offset / 64)
            raster.draw_glyph(font, info.codepoint)
            pen += place.x_advance / 64 + (self.tracking if place.x_advance else 0.0)
        image = raster.render()
        extents = image.extents
        if not extents.width or not extents.height:
            return Ink(np.zeros((1, 1), np.uint8), 0, 0, pen)
        rows = np.frombuffer(image.buffer, np.uint8).reshape(extents.height, extents.stride)[:, : extents.width]
        upright = rows[::-1].copy()  # HarfBuzz counts rows from the bottom
        return Ink(upright, extents.x_origin, extents.y_origin + extents.height, pen)


def case_of(
    style: Style, size: tuple[int, int], fonts: Path | None, language: str | None, *, scale: float = 1.0
) -> TypeCase:
    """The letters of a style for a picture of `size`; `scale`: so many times as large as captions."""
    unit = min(size) / 1080
    return TypeCase(
        style.font,
        style.em * unit * scale,
        style.weight,
        fonts,
        language=language,
        tracking=style.tracking * unit * scale,
        gap=style.gap,
        upper=style.upper,
    )


def _capitals(word: str, language: str | None) -> str:
    """A word in capitals as its language has them: dotted ones in Turkish, without accents in Greek."""
    tongue = (language or "").lower().partition("-")[0]
    if tongue in {"tr", "az"}:
        return word.replace("i", "İ").replace("ı", "I").upper()
    if tongue == "el":
        plain = "".join(letter for letter in unicodedata.normalize("NFD", word) if letter not in GREEK_ACCENTS)
        return unicodedata.normalize("NFC", plain).upper()
    return word.upper()


def _pictured(face: Face, font: Any, glyphs: Sequence[tuple[Any, Any]]) -> Ink:
    """Colour glyphs side by side."""
    parts: list[tuple[Coverage, int, int]] = []
    pen = 0.0
    for info, place in glyphs:
        drawn = _painted(face, font, info.codepoint)
        if drawn is not None:
            picture, left, above = drawn
            x = round(pen + place.x_offset / 64) + left
            parts.append((picture, x, above + round(place.y_offset / 64)))
        pen += place.x_advance / 64
    if not parts:
        return Ink(np.zeros((1, 1), np.uint8), 0, 0, pen)
    left = min(x for _, x, _ in parts)
    above = max(top for _, _, top in parts)
    width = max(x + picture.shape[1] for picture, x, _ in parts) - left
    height = max(picture.shape[0] - top for picture, _, top in parts) + above
    whole = np.zeros((height, width, 4), np.uint8)
    for picture, x, top in parts:
        rows, columns = picture.shape[:2]
        box = whole[above - top : above - top + rows, x - left : x - left + columns]
        np.maximum(box, picture, out=box)  # side by side: they hardly ever overlap
    return Ink(np.ascontiguousarray(whole[..., 3]), left, above, pen, whole)


def _painted(face: Face, font: Any, glyph: int) -> tuple[Coverage, int, int] | None:
    """One colour glyph as RGBA multiplied by alpha, with its place; None where it has no picture (a joiner)."""
    extents = font.get_glyph_extents(glyph)
    if extents is None or not extents.width or not extents.height:
        return None
    left, top = math.floor(extents.x_bearing / 64), math.ceil(extents.y_bearing / 64)
    if face.face.has_color_png:
        png = font.get_glyph_color_png(glyph)
        return None if png is None or not len(png) else (_decoded(png.data, extents), left, top)
    paint = hb.RasterPaint()
    paint.transform = (1 / 64, 0, 0, 1 / 64, 0, 0)
    paint.set_glyph_extents(extents)
    paint.paint_glyph(font, glyph)
    image = paint.render()
    if image is None:
        return None
    place = image.extents
    rows = np.frombuffer(image.buffer, np.uint8).reshape(place.height, place.stride // 4, 4)[:, : place.width]
    rgba = np.ascontiguousarray(rows[::-1, :, [2, 1, 0, 3]])
    return rgba, place.x_origin, place.y_origin + place.height


def _decoded(png: bytes, extents: Any) -> Coverage:
    from PIL import Image

    size = (max(1, round(extents.width / 64)), max(1, round(-extents.height / 64)))
    with Image.open(BytesIO(png)) as image:
        scaled = image.convert("RGBA").convert("RGBa").resize(size, Image.Resampling.LANCZOS)
    return np.asarray(scaled, np.uint8).copy()
