"""Which fonts there are: those of Python packages that come with the renderer, a folder's, and at last the system's.

A font is opened when a letter is looked for in it, and no font that stands behind the one that has it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

import uharfbuzz as hb

__all__ = ["FAMILIES", "Face", "Fonts", "bundled", "visible"]

FAMILIES: dict[str, tuple[str, str]] = {
    "noto": ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    "montserrat": ("fontpkg_montserrat", "files/Montserrat[wght].ttf"),
    "anton": ("fontpkg_anton", "files/Anton-Regular.ttf"),
    "rubik": ("fontpkg_rubik", "files/Rubik[wght].ttf"),
    "lilita": ("fontpkg_lilita_one", "files/LilitaOne-Regular.ttf"),
}
"""Families that a style may name: package and file."""
EMOJI = ("dynamic_font", "assets/fonts/NotoColorEmoji-Regular.ttf")
SCRIPTS = "manimgx_fonts"
CJK = ("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc")
CJK_FACES = {"ja": 0, "ko": 1, "zh": 2, "zh-hant": 3, "zh-tw": 3, "zh-hk": 4, "yue": 4}
"""Number of the face in the collection for a language; the same character looks otherwise in each."""
LAST_SCRIPTS = ("NotoSansSymbols", "NotoEmoji")
"""Outlines of signs: only where no colour emoji has them."""
SYSTEM = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts")
HOME = (".local/share/fonts", ".fonts", "Library/Fonts")
SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
MOST_SYSTEM_FONTS, MOST_SEARCHES, LARGEST = 2000, 12, 100 << 20
"""So many of the machine's fonts are looked at, at most so often, none of more bytes than that."""


@dataclass(frozen=True, eq=False)
class Face:
    """One opened font."""

    path: Path
    index: int
    face: Any
    letters: Any
    """Set of its code points."""
    color: bool
    """Whether its glyphs are pictures (COLR or bitmaps)."""

    def has(self, codes: set[int]) -> bool:
        """Whether it has all of these code points."""
        return all(code in self.letters for code in codes)

    def font(self, size: float, weight: float) -> Any:
        """It at an em of `size` pixels, scaled to 26.6 fixed point; as bold as asked for where it can vary."""
        return _font(self, size, weight)


class Fonts:
    """The fonts in the order in which they are asked for a letter."""

    def __init__(self, family: str, folder: Path | None, language: str | None) -> None:
        self._folder = folder
        self._language = (language or "").lower()
        self._first = [face for name in dict.fromkeys((family, "noto")) if (face := _in_package(*FAMILIES[name]))]
        self._known: list[Face] = list(self._first)
        self._rest = self._others()
        self._found: dict[str, Face | None] = {}
        self._borrowed: list[Face] = []
        self._searches = 0

    @property
    def main(self) -> Face:
        """The font of the style itself."""
        return self._first[0]

    def having(self, cluster: str, *, emoji: bool) -> Face | None:
        """The first font that has every letter; for an emoji the first one with pictures, if any has it."""
        key = f"{emoji}{cluster}"
        if key not in self._found:
            self._found[key] = self._search(cluster, emoji=emoji)
        return self._found[key]

    def _search(self, cluster: str, *, emoji: bool) -> Face | None:
        needed = {ord(letter) for letter in cluster if not invisible(letter)}
        having = (face for face in self._all() if face.has(needed))
        if not emoji:
            return next(having, None) or self._of_system(needed, color=False)
        outlined: Face | None = None
        for face in having:
            if face.color:
                return face
            outlined = outlined or face
        return self._of_system(needed, color=True) or outlined or self._of_system(needed, color=False)

    def _all(self) -> Iterator[Face]:
        yield from self._known
        for face in self._rest:
            self._known.append(face)
            yield face

    def _of_system(self, needed: set[int], *, color: bool) -> Face | None:
        """A font of the machine; others are closed again, for together they may be larger than the memory."""
        for face in self._borrowed:
            if face.has(needed) and (face.color or not color):
                return face
        if self._searches >= MOST_SEARCHES:
            return None
        self._searches += 1
        for path in _system():
            face_or_none = _read(path, 0)
            if face_or_none and face_or_none.has(needed) and (face_or_none.color or not color):
                self._borrowed.append(face_or_none)
                return face_or_none
        return None

    def _others(self) -> Iterator[Face]:
        folder = _package(SCRIPTS)
        scripts = sorted(folder.glob("NotoSans*.ttf")) if folder else []
        last = [path for path in scripts if path.name.startswith(LAST_SCRIPTS)]
        last += sorted(folder.glob("NotoEmoji*.ttf")) if folder else []
        plain = [path for path in scripts if path not in last and "Italic" not in path.name]
        paths = chain(
            ((path, 0) for path in _files(self._folder)),
            ((path, 0) for path in plain),
            self._cjk(),
            _of(EMOJI),
            ((path, 0) for path in last),
        )
        for path, index in paths:
            if (face := _opened(path, index)) is not None:
                yield face

    def _cjk(self) -> Iterator[tuple[Path, int]]:
        parts = self._language.split("-")
        names = [self._language, "-".join(parts[:2]), parts[0]]
        index = next((CJK_FACES[name] for name in names if name in CJK_FACES), CJK_FACES["ja"])
        return ((path, index) for path, _ in _of(CJK))


def invisible(letter: str) -> bool:
    """Whether a font need not have it: joiners, variation selectors, direction marks, tags, spaces."""
    code = ord(letter)
    return letter.isspace() or unicodedata.category(letter) == "Cf" or 0xFE00 <= code <= 0xFE0F


def visible(text: str) -> bool:
    """Whether there is anything in a text that is seen."""
    return not all(invisible(letter) or unicodedata.category(letter) == "Cc" for letter in text)


def bundled(module: str) -> bool:
    """Whether a package with fonts is installed."""
    return _package(module) is not None


def _of(place: tuple[str, str]) -> Iterator[tuple[Path, int]]:
    folder = _package(place[0])
    if folder is not None and (folder / place[1]).is_file():
        yield folder / place[1], 0


@lru_cache(maxsize=64)
def _package(module: str) -> Path | None:
    """The folder of a package, which is not imported: only its files are wanted."""
    spec = find_spec(module)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def _in_package(module: str, file: str) -> Face | None:
    folder = _package(module)
    return _opened(folder / file, 0) if folder is not None else None


def _files(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


@lru_cache(maxsize=1)
def _system() -> list[Path]:
    """Fonts of the machine: bold ones first, and upright before italic."""
    places = [Path(place) for place in SYSTEM] + [Path.home() / place for place in HOME]
    found = [path for place in places for path in _files(place)][:MOST_SYSTEM_FONTS]

    def odd(path: Path) -> tuple[bool, bool, bool, str]:
        name = path.stem.lower()
        return "italic" in name or "oblique" in name, "mono" in name or "serif" in name, "bold" not in name, path.name

    return sorted(found, key=odd)


@lru_cache(maxsize=256)
def _opened(path: Path, index: int) -> Face | None:
    return _read(path, index)


def _read(path: Path, index: int) -> Face | None:
    """None for a file that is no font, or far too large for one."""
    try:
        if path.stat().st_size > LARGEST:
            return None
        face = hb.Face(hb.Blob.from_file_path(str(path)), index)
    except (OSError, hb.HarfBuzzError):
        return None
    letters = face.unicodes
    color = bool(face.has_color_paint or face.has_color_layers or face.has_color_png)
    return Face(path, index, face, letters, color) if len(letters) else None


@lru_cache(maxsize=256)
def _font(opened: Face, size: float, weight: float) -> Any:
    font = hb.Font(opened.face)
    scale = round(size * 64)  # 26.6 fixed point, as font units of this size
    font.scale = (scale, scale)
    if any(axis.tag == "wght" for axis in opened.face.axis_infos):
        font.set_variations({"wght": float(weight)})
    return font
