"""A page in colours: the patches of its words at rest and of the one being said. Each is drawn once and kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from actors.renderer.adapters.captions.canvas import Canvas, Coverage, blurred, even_down, even_up, rounded, scaled
from actors.renderer.adapters.captions.layout import Layout, LineBox, WordBox
from actors.renderer.adapters.captions.styles import Style
from actors.renderer.adapters.captions.styles.style import BLACK, Box, Rgb, Shadow
from actors.renderer.adapters.patch import Patch

__all__ = ["PageArt"]

SHADE_EDGE = 22


class PageArt:
    """Draws one page at a place of the picture; patches are at their final places."""

    AT_REST = -1
    """As `active`: nothing was said yet, and nothing is hidden."""

    def __init__(
        self, layout: Layout, style: Style, unit: float, place: tuple[int, int], weighty: frozenset[int]
    ) -> None:
        self.layout, self.style = layout, style
        self.x, self.y = place
        self._unit = unit
        self._weighty = weighty
        self._shadows: dict[int, tuple[Coverage, int, int]] = {}
        self._shade: Coverage | None = None

    def color(self, n: int, active: int | None) -> Rgb:
        """The colour of word `n` while `active` is said (None: all were said)."""
        style = self.style
        if n == active:
            return style.active
        if style.said is not None and (active is None or n < active):
            return style.said
        return style.emphasis if style.emphasis is not None and n in self._weighty else style.text

    def page(self, active: int | None, *, without: int | None = None, shade: float = 0.0) -> Patch | None:
        """The page while a word is said; None: nothing of it is seen.

        `without`: the word that is drawn by itself; `shade`: how dark its ground is.
        """
        style, layout = self.style, self.layout
        canvas = Canvas(layout.width, layout.height)
        if shade:
            canvas.over(self._shaded(), BLACK, 0, 0, shade)
        if style.box is not None:
            shown = self._shown_lines(active)
            for line in shown:
                canvas.over(_boxed(line, style.box, self._unit, layout), style.box.color, 0, 0)
        words = [
            (n, word)
            for n, word in enumerate(layout.words)
            if word is not None and n != without and not self._hidden(n, active)
        ]
        self._words(canvas, words, active)
        return canvas.patch(self.x, self.y)

    def word(self, n: int, color: Rgb, scale: float = 1.0) -> Patch | None:
        """One word by itself, larger or smaller about its middle; with the marker, if it has one."""
        word = self.layout.words[n]
        if word is None:
            return None
        style, unit = self.style, self._unit
        marker = style.marker
        pad_x, pad_y = self._pad(marker)
        fill, solid = _sized(word.fill, scale), _sized(word.solid, scale)
        height, width = fill.shape
        canvas = Canvas(width + 2 * pad_x, height + 2 * pad_y)
        if marker is not None:
            rows = (word.fill.shape[0], word.fill.shape[1])
            box = _around(word, self.layout.lines[word.line], marker, unit)
            middle_x, middle_y = canvas.width / 2, canvas.height / 2
            edges = (
                middle_x + (box.left - word.x - rows[1] / 2) * scale,
                middle_y + (box.top - word.y - rows[0] / 2) * scale,
                middle_x + (box.right - word.x - rows[1] / 2) * scale,
                middle_y + (box.bottom - word.y - rows[0] / 2) * scale,
            )
            canvas.over(rounded(canvas.width, canvas.height, edges, marker.radius * unit), marker.color, 0, 0)
        else:
            if style.shadow is not None:
                self._cast(canvas, style.shadow, (n, word), solid, (pad_x, pad_y), scale)
            if style.outline:
                canvas.over(solid, style.border, pad_x, pad_y)
        canvas.over(fill, color, pad_x, pad_y)
        if word.picture is not None:
            canvas.picture(_sized(word.picture, scale), pad_x, pad_y)
        x = word.x + word.fill.shape[1] / 2 - canvas.width / 2
        y = word.y + word.fill.shape[0] / 2 - canvas.height / 2
        return canvas.patch(self.x + even_down(x + 1), self.y + even_down(y + 1))

    def _pad(self, marker: Box | None) -> tuple[int, int]:
        """How much wider than the word its patch is on each side."""
        unit = self._unit
        if marker is not None:
            room = max(line.bottom - line.top for line in self.layout.lines)
            return even_up(marker.x * unit * 1.3 + 4), even_up(marker.y * unit * 1.3 + room * 0.6)
        if (shadow := self.style.shadow) is None:
            return 0, 0
        reach = 1.6 * shadow.blur
        return even_up((abs(shadow.x) + reach) * unit + 1), even_up((abs(shadow.y) + reach) * unit + 1)

    def _words(self, canvas: Canvas, words: Sequence[tuple[int, WordBox]], active: int | None) -> None:
        style = self.style
        marked = style.marker is not None
        if style.shadow is not None:
            for n, word in words:
                self._cast(canvas, style.shadow, (n, word), word.solid, (word.x, word.y))
        if style.outline:
            for n, word in words:
                if not (marked and n == active):
                    canvas.over(word.solid, style.border, word.x, word.y)
        if style.marker is not None:
            for n, word in words:
                if n == active:
                    box = _around(word, self.layout.lines[word.line], style.marker, self._unit)
                    edges = (box.left, box.top, box.right, box.bottom)
                    shape = rounded(canvas.width, canvas.height, edges, style.marker.radius * self._unit)
                    canvas.over(shape, style.marker.color, 0, 0)
        for n, word in words:
            canvas.over(word.fill, self.color(n, active), word.x, word.y)
            if word.picture is not None:
                canvas.picture(word.picture, word.x, word.y)

    def _cast(
        self,
        canvas: Canvas,
        shadow: Shadow,
        numbered: tuple[int, WordBox],
        solid: Coverage,
        place: tuple[int, int],
        scale: float = 1.0,
    ) -> None:
        """The shadow of a word whose letters are drawn as `solid` at a place, cut at the edges of the canvas."""
        n, word = numbered
        if n not in self._shadows:
            self._shadows[n] = _shadow(word.solid, shadow, self._unit)
        soft, dx, dy = self._shadows[n]
        if scale != 1.0:  # blurring is dearer than scaling what was blurred
            before = soft.shape
            soft = scaled(soft, scale)
            middle_x = dx + before[1] / 2 - word.solid.shape[1] / 2
            middle_y = dy + before[0] / 2 - word.solid.shape[0] / 2
            dx = even_down(solid.shape[1] / 2 + middle_x * scale - soft.shape[1] / 2 + 1)
            dy = even_down(solid.shape[0] / 2 + middle_y * scale - soft.shape[0] / 2 + 1)
        left, top = place[0] + dx, place[1] + dy
        rows, columns = soft.shape
        cut_x, cut_y = max(0, -left), max(0, -top)
        soft = soft[
            cut_y : rows + min(0, canvas.height - top - rows), cut_x : columns + min(0, canvas.width - left - columns)
        ]
        if soft.size:
            canvas.over(soft, shadow.color, left + cut_x, top + cut_y, shadow.opacity)

    def _hidden(self, n: int, active: int | None) -> bool:
        return self.style.reveal and active is not None and self.AT_REST < active < n

    def _shown_lines(self, active: int | None) -> Sequence[LineBox]:
        shown = {word.line for n, word in enumerate(self.layout.words) if word and not self._hidden(n, active)}
        return [line for number, line in enumerate(self.layout.lines) if number in shown]

    def _shaded(self) -> Coverage:
        """A soft-edged ground behind all letters, full wherever they and their neighbourhood are."""
        if self._shade is None:
            layout, edge = self.layout, SHADE_EDGE * self._unit
            box = layout.text_box
            edges = (box.left - edge, box.top - edge / 3, box.right + edge, box.bottom + edge / 3)
            whole = blurred(rounded(layout.width, layout.height, edges, edge * 1.5), edge * 0.8)
            for line in layout.lines:  # full wherever there are letters, whatever the blur took
                full = (line.left - edge / 2, line.top, line.right + edge / 2, line.bottom)
                np.maximum(whole, rounded(layout.width, layout.height, full, edge / 2), out=whole)
            self._shade = whole
        return self._shade


def _shadow(solid: Coverage, shadow: Shadow, unit: float) -> tuple[Coverage, int, int]:
    """The shadow's coverage, and its even offset from that of the word."""
    reach = even_up(1.6 * shadow.blur * unit) if shadow.blur else 0
    x, y = round(shadow.x * unit), round(shadow.y * unit)
    odd_x, odd_y = x % 2, y % 2
    rows, columns = solid.shape
    room = np.zeros((rows + 2 * reach + 2 * odd_y, columns + 2 * reach + 2 * odd_x), np.uint8)
    room[reach + odd_y : reach + odd_y + rows, reach + odd_x : reach + odd_x + columns] = solid
    soft = blurred(room, shadow.blur * unit) if shadow.blur else room
    return soft, x - odd_x - reach, y - odd_y - reach


def _around(word: WordBox, line: LineBox, box: Box, unit: float) -> LineBox:
    return LineBox(
        word.first - box.x * unit, line.top - box.y * unit, word.last + box.x * unit, line.bottom + box.y * unit
    )


def _boxed(line: LineBox, box: Box, unit: float, layout: Layout) -> Coverage:
    edges = (line.left - box.x * unit, line.top - box.y * unit, line.right + box.x * unit, line.bottom + box.y * unit)
    return rounded(layout.width, layout.height, edges, box.radius * unit)


def _sized(coverage: Coverage, scale: float) -> Coverage:
    return coverage if scale == 1.0 else scaled(coverage, scale)
