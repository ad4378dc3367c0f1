"""A few lines of text in a caption style, standing still: titles, thumbnails, watermarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from actors.renderer.adapters.captions.art import PageArt
from actors.renderer.adapters.captions.canvas import even_down, moved
from actors.renderer.adapters.captions.clusters import leftwards
from actors.renderer.adapters.captions.layout import LineBox, laid_out
from actors.renderer.adapters.captions.painter import missing_remarks
from actors.renderer.adapters.captions.styles import Style, style_named
from actors.renderer.adapters.captions.typeset import TypeCase, case_of
from actors.renderer.adapters.patch import Patch
from actors.renderer.core import Room, SpokenWord, emphasised, lines_of
from actors.renderer.core.glue import whole
from contracts.text import spaced

__all__ = ["TextBlock", "text_block"]

SHADE = 0.6
"""So dark that light letters have a contrast of 4.5 to whatever is behind, which nobody measures here."""
SIZES = (1.0, 0.88, 0.77, 0.68, 0.6, 0.52, 0.46, 0.4, 0.35, 0.3)


@dataclass(frozen=True)
class TextBlock:
    """Lines of text as a patch of `width` x `height` pixels at (0, 0); `remarks`: what could not be drawn."""

    width: int
    height: int
    patch: Patch
    remarks: tuple[str, ...] = ()

    def at(self, x: float, y: float) -> Patch:
        """The patch with its top left corner there, on the next even pixels."""
        return moved(self.patch, even_down(x), even_down(y))

    def centered(self, x: float, y: float) -> Patch:
        """The patch with its middle there."""
        return self.at(x - self.width / 2, y - self.height / 2)


def text_block(
    text: str,
    style: str | Style,
    size: tuple[int, int],
    fonts: Path | None,
    *,
    max_lines: int,
    width: float = 0.86,
    scale: float = 1.0,
    language: str | None = None,
    field: str = "captions.style",
) -> TextBlock | None:
    """A text in a style for a picture of `size`, in at most so many lines of `width` (a share of the picture's).

    It is set `scale` times as large as captions, and smaller where it would not fit. None where no font has any of
    it. Raises `Reject`, naming `field`, for an unknown style.
    """
    look = style if isinstance(style, Style) else style_named(style, field)
    unit = min(size) / 1080
    case = case_of(look, size, fonts, language, scale=scale)
    words = [word for word in text.split() if case.has(word)]
    remarks = missing_remarks(case.missing, 0)
    if not words:
        return None
    spaces = (False, *(spaced(before, word) for before, word in pairwise(words)))
    said = [SpokenWord(word, 0.0, 0.0) for word in words]
    weighty = whole(emphasised(said), words)
    scales = [look.emphasis_scale if n in weighty else 1.0 for n in range(len(words))]
    room = width * size[0]
    fitting, lines = _fitting(case, words, spaces, scales, room, max_lines, said)
    base = int(leftwards(words, language))
    layout = laid_out(words, spaces, lines, fitting, look, unit, base=base, scales=scales)
    box: LineBox = layout.text_box
    if box.right - box.left > room:
        fitting = fitting.smaller(room / (box.right - box.left))
        layout = laid_out(words, spaces, lines, fitting, look, unit, base=base, scales=scales)
    art = PageArt(layout, look, unit, (0, 0), weighty)
    patch = art.page(art.AT_REST, shade=SHADE if look.shade else 0.0)
    if patch is None:
        return None
    rows, columns = patch.keep[0].shape
    return TextBlock(columns, rows, moved(patch, 0, 0), remarks)


def _fitting(
    case: TypeCase,
    words: Sequence[str],
    spaces: Sequence[bool],
    scales: Sequence[float],
    room: float,
    max_lines: int,
    said: Sequence[SpokenWord],
) -> tuple[TypeCase, tuple[int, ...]]:
    """The largest letters in which the words fit, and how many of them stand in each line."""
    smaller = case
    for share in SIZES:
        smaller = case if share == 1.0 else case.smaller(share)
        widths = [smaller.width(word, scale) for word, scale in zip(words, scales, strict=True)]
        lines = lines_of(said, widths, spaces, Room(room, smaller.space, max_lines, len(words)))
        if lines:
            return smaller, lines
    return smaller, (len(words),)  # one line, which the caller shrinks further
