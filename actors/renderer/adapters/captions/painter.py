"""Captions burnt in: each state of a page is drawn once and blended into the planes of every picture that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from actors.renderer.adapters.captions.styles import STYLES
from actors.renderer.adapters.captions.styles.look import Look, Rgb
from actors.renderer.adapters.captions.text import Glyphs, TypeCase, outlined
from actors.renderer.adapters.picture import planes_of
from actors.renderer.core import CaptionState, Page, Schedule, caption_pages, caption_states, spoken
from contracts.timeline import Timeline
from runtime.errors import Reject

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["Captions", "captions_of", "to_yuv"]

Alpha = np.ndarray[Any, np.dtype[np.uint16]]
Coverage = np.ndarray[Any, np.dtype[np.float32]]
TALL_AT, WIDE_AT = 0.70, 0.82
"""Height of the captions' middle: clear of the buttons and texts that platforms lay over a tall and a wide video."""


@dataclass(frozen=True)
class _Patch:
    """Per plane: what is left of the picture, and what is added to it; both times 255. `x`, `y` are even."""

    x: int
    y: int
    keep: tuple[Alpha, Alpha, Alpha]
    add: tuple[Alpha, Alpha, Alpha]


@dataclass(frozen=True)
class _Layout:
    """A page, drawn: the coverage of each of its words (None: left out) and of all of them with their border."""

    x: int
    y: int
    words: tuple[Coverage | None, ...]
    bordered: Coverage


class Captions:
    """The captions of one short. Raises `Reject` for a style that does not exist."""

    def __init__(
        self,
        pages: Sequence[Page],
        states: Sequence[CaptionState],
        style: str,
        size: tuple[int, int],
        fonts: Path | None,
    ) -> None:
        if style not in STYLES:
            raise Reject(
                f"There is no caption style {style!r}",
                advice=f"Use one of: {', '.join(STYLES)}",
                field="captions.style",
            )
        self.look: Look = STYLES[style]()
        self.width, self.height = size
        self._unit = min(size) / 1080
        self._case = TypeCase(self.look.em * self._unit, fonts)
        self._fonts = fonts
        self._pages, self._states = pages, states
        self._next = 0
        self._layout: tuple[int, _Layout | None] = (-1, None)
        self._patch: tuple[CaptionState, _Patch | None] | None = None
        self.left_out = 0

    def burn(self, frame: VideoFrame, number: int) -> None:
        """Blend what is shown on frame `number` into it. Frames must come in order."""
        while self._next < len(self._states) and self._states[self._next].last <= number:
            self._next += 1
        if self._next == len(self._states) or self._states[self._next].first > number:
            return
        state = self._states[self._next]
        if self._patch is None or self._patch[0] != state:
            layout = self._laid_out(state.page)
            self._patch = (state, None if layout is None else _painted(layout, state.active, self.look))
        if (patch := self._patch[1]) is not None:
            _blend(frame, patch)

    def remarks(self) -> tuple[str, ...]:
        """What could not be drawn, in words."""
        missing = "".join(sorted(self._case.missing))
        if not missing:
            return ()
        words = f"; {self.left_out} words are left out of the picture" if self.left_out else ""
        return (
            f"No font here has {missing[:40]!r}{words}. "
            "Put one that does into the folder named by CLIPWIRE_RENDERER_FONTS",
        )

    def _laid_out(self, number: int) -> _Layout | None:
        if self._layout[0] != number:
            glyphs = [self._case.set(word.text) for word in self._pages[number].words]
            self.left_out += sum(glyph is None for glyph in glyphs)
            self._layout = (number, self._drawn(glyphs, self._pages[number].spaces) if any(glyphs) else None)
        return self._layout[1]

    def _drawn(self, glyphs: Sequence[Glyphs | None], spaces: Sequence[bool]) -> _Layout:
        """Words in centred lines; shrunk as a whole where even one word is too wide."""
        room = self.look.max_width * self.width
        case = self._case
        widest = max(glyph.advance for glyph in glyphs if glyph is not None)
        gaps = [case.space * space for space in spaces]
        lines = _lines(glyphs, gaps, room)
        leading = round(self.look.line * case.size)
        margin = int(self.look.outline * self._unit + 2) * 2
        inner_w = max(_line_width(line, glyphs, gaps) for line in lines)
        width = _even_up(inner_w + 2 * margin + case.size * 0.3)
        height = _even_up(case.ascent + case.descent + leading * (len(lines) - 1) + 2 * margin)
        words: list[Coverage | None] = [None] * len(glyphs)
        for row, line in enumerate(lines):
            pen = (width - _line_width(line, glyphs, gaps)) / 2
            baseline = round(margin + case.ascent + row * leading)
            order = line[::-1] if _mostly_leftwards(line, glyphs) else line
            for before, n in pairwise([-1, *order]):
                glyph = glyphs[n]
                assert glyph is not None  # noqa: S101  # `_lines` has only words that were drawn
                pen += gaps[max(before, n)] if before >= 0 else 0.0
                words[n] = _placed(glyph, round(pen), baseline, width, height)
                pen += glyph.advance
        if widest > room:
            words = [None if word is None else _shrunk(word, room / widest) for word in words]
            height, width = next(word.shape for word in words if word is not None)
        together = np.maximum.reduce([word for word in words if word is not None])
        middle = (TALL_AT if self.height > self.width else WIDE_AT) * self.height
        return _Layout(
            x=_even_down((self.width - width) / 2),
            y=_even_down(min(max(middle - height / 2, 0), self.height - height)),
            words=tuple(words),
            bordered=outlined(together, self.look.outline * self._unit),
        )


def _lines(glyphs: Sequence[Glyphs | None], gaps: Sequence[float], room: float) -> list[list[int]]:
    """Which words stand in which line: one, or two of nearly the same width, or as many as it takes."""
    drawn = [n for n, glyph in enumerate(glyphs) if glyph is not None]
    if _line_width(drawn, glyphs, gaps) <= room:
        return [drawn]
    halves = [(drawn[:cut], drawn[cut:]) for cut in range(1, len(drawn))]
    widths = [max(_line_width(half, glyphs, gaps) for half in pair) for pair in halves]
    if widths and min(widths) <= room:
        return list(halves[widths.index(min(widths))])
    lines: list[list[int]] = []
    for n in drawn:
        if lines and _line_width([*lines[-1], n], glyphs, gaps) <= room:
            lines[-1].append(n)
        else:
            lines.append([n])
    return lines


def _line_width(line: Sequence[int], glyphs: Sequence[Glyphs | None], gaps: Sequence[float]) -> float:
    """`gaps`: the pixels before each word, but for the first of a line."""
    return sum(glyph.advance for n in line if (glyph := glyphs[n]) is not None) + sum(gaps[n] for n in line[1:])


def _mostly_leftwards(line: Sequence[int], glyphs: Sequence[Glyphs | None]) -> bool:
    return sum(1 for n in line if (glyph := glyphs[n]) is not None and glyph.leftwards) * 2 > len(line)


def _placed(glyph: Glyphs, x: int, baseline: int, width: int, height: int) -> Coverage:
    """A word's coverage in the page's box; what reaches out of it (stacked marks) is cut."""
    box = np.zeros((height, width), np.float32)
    top, left = baseline - glyph.baseline, x - glyph.left
    rows, columns = glyph.coverage.shape
    y0, x0, y1, x1 = max(0, top), max(0, left), min(height, top + rows), min(width, left + columns)
    if y0 < y1 and x0 < x1:
        box[y0:y1, x0:x1] = glyph.coverage[y0 - top : y1 - top, x0 - left : x1 - left]
    return box


def _shrunk(coverage: Coverage, scale: float) -> Coverage:
    """Smaller by dropping whole rows and columns: for the rare word that is wider than the picture."""
    height, width = (_even_up(size * scale) for size in coverage.shape)
    rows = (np.arange(height) / scale).astype(int).clip(0, coverage.shape[0] - 1)
    columns = (np.arange(width) / scale).astype(int).clip(0, coverage.shape[1] - 1)
    return np.asarray(coverage[rows][:, columns], np.float32)


def _painted(layout: _Layout, active: int | None, look: Look) -> _Patch:
    """The page in colours, premultiplied, as YUV 4:2:0."""
    plain = [word for n, word in enumerate(layout.words) if word is not None and n != active]
    lit = layout.words[active] if active is not None else None
    white = np.maximum.reduce(plain) if plain else np.zeros_like(layout.bordered)
    yellow = lit if lit is not None else np.zeros_like(layout.bordered)
    white = np.minimum(white, 1 - yellow)
    black = np.maximum(layout.bordered - white - yellow, 0)
    alpha = black + white + yellow
    keep: list[Alpha] = []
    add: list[Alpha] = []
    colors = [to_yuv(color) for color in (look.border, look.text, look.active)]
    for plane in range(3):
        shares = (black, white, yellow)
        amount = sum(share * color[plane] for share, color in zip(shares, colors, strict=True))
        rest = 1 - alpha
        if plane:
            amount, rest = _halved(amount), _halved(rest)
        keep.append(np.round(rest * 255).astype(np.uint16))
        add.append(np.round(amount * 255).clip(0, 65535 - 512).astype(np.uint16))
    return _Patch(layout.x, layout.y, (keep[0], keep[1], keep[2]), (add[0], add[1], add[2]))


def _halved(values: Any) -> Any:
    return (values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]) / 4


def _blend(frame: VideoFrame, patch: _Patch) -> None:
    """out = (in * keep + add) / 255, rounded, in 16 bits: the sum is at most 255 * 255."""
    for n, plane in enumerate(planes_of(frame)):
        shift = 1 if n else 0
        rows, columns = patch.keep[n].shape
        y, x = patch.y >> shift, patch.x >> shift
        top, left = max(0, -y), max(0, -x)
        box = plane[y + top : y + rows, x + left : x + columns]
        cut = (slice(top, top + box.shape[0]), slice(left, left + box.shape[1]))
        mixed = box * patch.keep[n][cut] + patch.add[n][cut]
        mixed += 128
        box[:] = (mixed + (mixed >> 8)) >> 8


def to_yuv(color: Rgb) -> tuple[float, float, float]:
    """Y'CbCr of an sRGB colour, BT.709 in limited range (ITU-R BT.709-6, items 3.2 to 3.5)."""
    r, g, b = (value / 255 for value in color)
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return 16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748


def _even_up(value: float) -> int:
    return -(-int(value + 0.999) // 2) * 2


def _even_down(value: float) -> int:
    return int(value) // 2 * 2


class _Burnt:
    """The captions of a timeline as a painter."""

    def __init__(self, captions: Captions) -> None:
        self._captions = captions

    def paint(self, frame: VideoFrame, number: int) -> None:
        """See `Painter.paint`."""
        self._captions.burn(frame, number)

    def remarks(self) -> tuple[str, ...]:
        """See `Painter.remarks`."""
        return self._captions.remarks()

    def close(self) -> None:
        """Nothing is open."""


def captions_of(timeline: Timeline, schedule: Schedule, size: tuple[int, int], fonts: Path | None) -> _Burnt:
    """The captions of a timeline on one canvas. Raises `Reject` for a style that does not exist."""
    duration = schedule.frames / schedule.fps
    words = spoken(timeline.captions.words, 0.0, duration) if timeline.captions.burnt else ()
    pages = caption_pages(words, duration)
    states = caption_states(pages, schedule.fps, schedule.frames)
    return _Burnt(Captions(pages, states, timeline.captions.style, size, fonts))
