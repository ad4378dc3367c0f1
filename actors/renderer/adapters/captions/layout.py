"""A page set in type: where each word stands in the page's box, and its coverage. Pixels of the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from actors.renderer.adapters.captions.canvas import even_down, even_up, grown
from actors.renderer.adapters.captions.styles import Style
from actors.renderer.adapters.captions.typeset import TypeCase, Typed

__all__ = ["Layout", "LineBox", "WordBox", "laid_out"]

Coverage = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True)
class WordBox:
    """A word in an array of even sides at the even place `x`, `y` of the page."""

    x: int
    y: int
    fill: Coverage
    solid: Coverage
    """Letters and pictures with their outline."""
    picture: Coverage | None
    """What has its own colours: RGBA multiplied by alpha."""
    first: float
    last: float
    """Where it begins and ends on its line."""
    line: int
    leftwards: bool


@dataclass(frozen=True)
class LineBox:
    """The room of a line's letters: edges in pixels of the page."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Layout:
    """A page of even size. `words`: None where no font has one."""

    width: int
    height: int
    words: tuple[WordBox | None, ...]
    lines: tuple[LineBox, ...]

    @property
    def text_box(self) -> LineBox:
        """All lines."""
        return LineBox(
            min(line.left for line in self.lines),
            self.lines[0].top,
            max(line.right for line in self.lines),
            self.lines[-1].bottom,
        )


def laid_out(
    texts: Sequence[str],
    spaces: Sequence[bool],
    lines: Sequence[int],
    case: TypeCase,
    style: Style,
    unit: float,
    *,
    base: int = 0,
    scales: Sequence[float] | None = None,
) -> Layout:
    """Words in centred lines; `lines`: number of words of each; `unit`: pixels for one of the style's.

    `base`: 1 where the language is written from right to left; `scales`: how much larger each word is.
    """
    sizes = tuple(scales) if scales is not None else (1.0,) * len(texts)
    margin = _margin(style, unit)
    typed: list[tuple[int, Typed]] = []
    first = 0
    for count in lines:
        span = slice(first, first + count)
        own = (False, *spaces[first + 1 : first + count])
        typed.append((first, case.set(tuple(texts[span]), own, base, sizes[span])))
        first += count
    width = even_up(max(line.width for _, line in typed) + 2 * margin)
    boxes: list[LineBox] = []
    words: list[WordBox | None] = [None] * len(texts)
    top = float(margin)
    for number, (begin, line) in enumerate(typed):
        if number:
            before = typed[number - 1][1]
            extra = max(0.0, before.descent + line.ascent + style.outline * unit - style.line * case.size)
            top += style.line * case.size + extra + (before.ascent - line.ascent)
        left = (width - line.width) / 2
        baseline = round(top + line.ascent)
        boxes.append(LineBox(left, baseline - line.ascent, left + line.width, baseline + line.descent))
        for word in {piece.word for piece in line.pieces}:
            words[begin + word] = _word(line, word, (left, baseline, number), margin, style.outline * unit)
    height = even_up(boxes[-1].bottom + margin)
    return _roomy(Layout(width, height, tuple(words), tuple(boxes)))


def _roomy(layout: Layout) -> Layout:
    """The page made larger on all sides where the ink of a letter reaches far beyond its own width or its line."""
    words = [word for word in layout.words if word is not None]
    across = [0, *(-word.x for word in words), *(word.x + word.solid.shape[1] - layout.width for word in words)]
    down = [0, *(-word.y for word in words), *(word.y + word.solid.shape[0] - layout.height for word in words)]
    wide, high = -(-max(across) // 2) * 2, -(-max(down) // 2) * 2
    if not wide and not high:
        return layout
    return Layout(
        layout.width + 2 * wide,
        layout.height + 2 * high,
        tuple(
            word and replace(word, x=word.x + wide, y=word.y + high, first=word.first + wide, last=word.last + wide)
            for word in layout.words
        ),
        tuple(
            LineBox(line.left + wide, line.top + high, line.right + wide, line.bottom + high) for line in layout.lines
        ),
    )


def _margin(style: Style, unit: float) -> int:
    """Room around letters for all that a style puts around them, also when they move."""
    reach = style.outline * unit
    if style.shadow is not None:
        shadow = style.shadow
        reach += (max(abs(shadow.x), abs(shadow.y)) + 1.6 * shadow.blur) * unit
    for box in (style.box, style.marker):
        if box is not None:
            reach = max(reach, max(box.x, box.y) * unit + 2)
    return even_up(reach + 3 + (30 * unit if style.shade else 0))


def _word(line: Typed, word: int, place: tuple[float, int, int], margin: int, outline: float) -> WordBox:
    left, baseline, number = place
    pieces = [piece for piece in line.pieces if piece.word == word]
    spots = [(piece, round(left + piece.x) + piece.ink.left, baseline - piece.ink.above) for piece in pieces]
    pad = even_up(outline + 2)
    x = even_down(min(at for _, at, _ in spots) - pad)
    y = even_down(min(at for _, _, at in spots) - pad)
    wide = even_up(max(at + piece.ink.coverage.shape[1] for piece, at, _ in spots) + pad - x)
    high = even_up(max(at + piece.ink.coverage.shape[0] for piece, _, at in spots) + pad - y)
    fill, alpha = np.zeros((high, wide), np.uint8), np.zeros((high, wide), np.uint8)
    picture: Coverage | None = None
    for piece, across, down in spots:
        ink = piece.ink
        rows, columns = ink.coverage.shape
        spot = (slice(down - y, down - y + rows), slice(across - x, across - x + columns))
        target = fill if ink.picture is None else alpha
        np.maximum(target[spot], ink.coverage, out=target[spot])
        if ink.picture is not None:
            picture = np.zeros((high, wide, 4), np.uint8) if picture is None else picture
            picture[spot] = ink.picture
    whole = np.maximum(fill, alpha) if picture is not None else fill
    begins = min(piece.x for piece in pieces)
    ends = max(piece.x + piece.ink.advance for piece in pieces)
    rightwards = math.fsum(piece.ink.advance * (-1 if piece.leftwards else 1) for piece in pieces)
    return WordBox(x, y, fill, grown(whole, outline), picture, left + begins, left + ends, number, rightwards < 0)
