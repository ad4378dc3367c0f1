"""Text to coverage: shaped and rasterised by HarfBuzz, in Noto Sans Bold and what other fonts there are.

Coverage is an array of floats from 0 to 1, rows from the top, as all pictures here.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import fontpkg_noto_sans
import numpy as np
import uharfbuzz as hb

__all__ = ["Glyphs", "TypeCase", "outlined"]

Coverage = np.ndarray[Any, np.dtype[np.float32]]
BUNDLED = Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"
BOLD = {"wght": 700.0}


@dataclass(frozen=True)
class Glyphs:
    """One word: coverage, where its origin (on the baseline) lies in it, advance, and whether it reads leftwards."""

    coverage: Coverage
    left: int
    baseline: int
    advance: float
    leftwards: bool


@dataclass(frozen=True)
class _Face:
    font: Any
    letters: frozenset[int]


class TypeCase:
    """The fonts at one size. `size` is the em in pixels."""

    def __init__(self, size: float, more: Path | None = None) -> None:
        self.size = size
        self._faces = [_face(path, size) for path in (BUNDLED, *_fonts_in(more))]
        font = self._faces[0].font
        extents = font.get_font_extents("ltr")
        self.ascent, self.descent = extents.ascender / 64, -extents.descender / 64
        self.space = font.get_glyph_h_advance(font.get_nominal_glyph(0x20)) / 64
        self.missing: set[str] = set()
        self.set = lru_cache(maxsize=512)(self._set)

    def _set(self, word: str) -> Glyphs | None:
        """A word; None where no font has its letters. Signs that none has (emoji) are dropped. `missing` has all."""
        word = unicodedata.normalize("NFC", word)
        face = self._face_for(word)
        if face is None:
            kept = "".join(letter for letter in word if self._face_for(letter) is not None)
            lost = {letter for letter in word if letter not in kept}
            self.missing |= lost
            if not kept.strip() or any(unicodedata.category(letter)[0] in "LMN" for letter in lost):
                return None
            word, face = kept, self._face_for(kept)
        return None if face is None else _drawn(face.font, word)

    def _face_for(self, text: str) -> _Face | None:
        needed = {ord(letter) for letter in text if not _invisible(letter)}
        return next((face for face in self._faces if needed <= face.letters), None)


def _invisible(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cf", "Zs"} or 0xFE00 <= ord(letter) <= 0xFE0F


def _face(path: Path, size: float) -> _Face:
    face = hb.Face(hb.Blob.from_file_path(str(path)))
    font = hb.Font(face)
    scale = round(size * 64)  # 26.6 fixed point, as font units of this size
    font.scale = (scale, scale)
    if any(axis.tag == "wght" for axis in face.axis_infos):
        font.set_variations(BOLD)
    return _Face(font, frozenset(face.unicodes))


def _fonts_in(folder: Path | None) -> Iterable[Path]:
    if folder is None or not folder.is_dir():
        return ()
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".ttf", ".otf"})


def _drawn(font: Any, word: str) -> Glyphs:
    buffer = hb.Buffer()
    buffer.add_str(word)
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    raster = hb.RasterDraw()
    pen = 0.0
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        raster.transform = (1 / 64, 0, 0, 1 / 64, pen + place.x_offset / 64, place.y_offset / 64)
        raster.draw_glyph(font, info.codepoint)
        pen += place.x_advance / 64
    image = raster.render()
    extents = image.extents
    if not extents.width or not extents.height:
        return Glyphs(np.zeros((1, 1), np.float32), 0, 0, pen, buffer.direction == "rtl")
    rows = np.frombuffer(image.buffer, np.uint8).reshape(extents.height, extents.stride)[:, : extents.width]
    upright = rows[::-1].astype(np.float32) / np.float32(255)  # HarfBuzz counts rows from the bottom
    return Glyphs(upright, -extents.x_origin, extents.y_origin + extents.height, pen, buffer.direction == "rtl")


def outlined(coverage: Coverage, radius: float) -> Coverage:
    """Coverage grown by a disc of `radius` pixels with a soft edge (grey dilation); the array must have room for it."""
    reach = math.ceil(radius)
    grown = coverage.copy()
    height, width = coverage.shape
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            weight = min(1.0, radius + 0.5 - math.hypot(dx, dy))
            if weight <= 0:
                continue
            target = grown[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)]
            source = coverage[max(0, -dy) : height + min(0, -dy), max(0, -dx) : width + min(0, -dx)]
            np.maximum(target, source if weight == 1.0 else source * np.float32(weight), out=target)
    return grown
