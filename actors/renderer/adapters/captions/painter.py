"""Captions, picture by picture: which page, which word, how far in its motion; patches are drawn once and blended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actors.renderer.adapters.captions.art import PageArt
from actors.renderer.adapters.captions.behind import shade_for
from actors.renderer.adapters.captions.canvas import cut, even_down, moved, resized
from actors.renderer.adapters.captions.fonts import visible
from actors.renderer.adapters.captions.layout import Layout, laid_out
from actors.renderer.adapters.captions.motion import bounce, pop, rise
from actors.renderer.adapters.captions.styles import Style
from actors.renderer.adapters.captions.typeset import TypeCase
from actors.renderer.adapters.patch import Patch, blend
from actors.renderer.core import CaptionState, Page

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["CaptionPainter", "Script", "missing_remarks"]

HOP, LIFT = 0.26, 0.35
"""Height of a bounce, and how far below its place a page begins to rise, in em."""


@dataclass(frozen=True)
class Script:
    """What is shown when, and where."""

    pages: Sequence[Page]
    states: Sequence[CaptionState]
    centers: Sequence[float]
    """Middle of every page, as a share of the picture's height."""
    room: float
    """Pixels that a line may take."""
    edges: tuple[float, float]
    """Top and bottom of the part of the picture that pages stay in, in pixels."""
    emphasis: frozenset[int]
    base: int
    """1 where the language is written from right to left."""
    fps: float


@dataclass
class _Shown:
    """The page on screen, with what was drawn of it."""

    number: int
    art: PageArt | None
    since: int
    shade: float = 0.0


class CaptionPainter:
    """The captions of one shape of a short. Pictures must come in order."""

    def __init__(self, script: Script, style: Style, case: TypeCase, size: tuple[int, int]) -> None:
        self._script, self.style, self._case = script, style, case
        self.width, self.height = size
        self._unit = min(size) / 1080
        self._next = 0
        self._shown = _Shown(-1, None, 0)
        self._patches: dict[tuple[object, ...], Patch | None] = {}
        self.drawn = self.left_out = 0

    def paint(self, frame: VideoFrame, number: int) -> None:
        """Blend what is shown on picture `number` into it."""
        states = self._script.states
        while self._next < len(states) and states[self._next].last <= number:
            self._next += 1
        if self._next == len(states) or states[self._next].first > number:
            return
        state = states[self._next]
        if self._shown.number != state.page:
            self._shown = _Shown(state.page, self._art(state.page), state.first)
            self._patches.clear()
        if (art := self._shown.art) is not None:
            for patch in self._layers(art, state, frame, number):
                blend(frame, patch)

    def remarks(self) -> tuple[str, ...]:
        """What could not be drawn, in words."""
        return missing_remarks(self._case.missing, self.left_out)

    def close(self) -> None:
        """Nothing is open."""

    @property
    def coverage(self) -> float | None:
        """Share of the words so far that were drawn; None: none was due."""
        due = self.drawn + self.left_out
        return self.drawn / due if due else None

    def _layers(self, art: PageArt, state: CaptionState, frame: VideoFrame, number: int) -> list[Patch]:
        """The page, and over it the word being said where it moves."""
        style, fps = self.style, self._script.fps
        shade = self._shaded(art, frame) if style.shade else 0.0
        t = (number - state.first) / fps
        alone = state.active if style.motion != "none" or style.active_scale != 1.0 else None
        base = self._kept(
            "page", state.active, alone, shade, draw=lambda: art.page(state.active, without=alone, shade=shade)
        )
        layers = [base] if base else []
        if alone is not None and art.layout.words[alone] is not None:
            layers += self._moving(art, alone, t, (number - state.first) / (state.last - state.first))
        lift = rise((number - self._shown.since) / fps) if style.rise and self._fresh(state.page) else 0.0
        if lift:
            by = even_down(lift * LIFT * style.em * self._unit)
            layers = [moved(patch, patch.x, patch.y + by) for patch in layers]
        return layers

    def _moving(self, art: PageArt, n: int, t: float, share: float) -> list[Patch]:
        style = self.style
        if style.motion == "fill":
            return self._filling(art, n, share)
        patch = self._kept("word", n, draw=lambda: art.word(n, style.active, style.active_scale))
        if patch is None:
            return []
        if style.motion == "pop" and (scale := pop(t)) != 1.0:
            return [resized(patch, scale)]
        hop = bounce(t) * HOP * style.em * self._unit if style.motion == "bounce" else 0.0
        return [moved(patch, patch.x, patch.y - even_down(hop))]

    def _filling(self, art: PageArt, n: int, share: float) -> list[Patch]:
        """The word in its colour up to where it is said, from the side where its script begins."""
        word = art.layout.words[n]
        before = self._kept("before", n, draw=lambda: art.word(n, art.color(n, -1)))
        after = self._kept("after", n, draw=lambda: art.word(n, self.style.active))
        if word is None or before is None or after is None:
            return []
        width = after.keep[0].shape[1]
        first, last = art.x + word.first - after.x, art.x + word.last - after.x
        said = last - share * (last - first) if word.leftwards else first + share * (last - first)
        border = min(max(even_down(said), 0), width)
        left, right = (before, after) if word.leftwards else (after, before)
        return [
            cut(patch, *span) for patch, span in ((left, (0, border)), (right, (border, width))) if span[0] < span[1]
        ]

    def _kept(self, *key: object, draw: Callable[[], Patch | None]) -> Patch | None:
        """Drawn the first time, then remembered as long as the page is on screen."""
        if key not in self._patches:
            self._patches[key] = draw()
        return self._patches[key]

    def _fresh(self, number: int) -> bool:
        """Whether nothing was on screen right before a page."""
        pages = self._script.pages
        return number == 0 or pages[number - 1].end < pages[number].start - 1e-6

    def _shaded(self, art: PageArt, frame: VideoFrame) -> float:
        """The shade that the page needs now; it never gets lighter while the page stands."""
        style, layout = self.style, art.layout
        colors = {style.text, style.active, *(each for each in (style.said, style.emphasis) if each)}
        box = (art.x, art.y, layout.width, layout.height)
        self._shown.shade = shade_for(frame, box, tuple(colors), self._shown.shade)
        return self._shown.shade

    def _art(self, number: int) -> PageArt | None:
        script, unit = self._script, self._unit
        page = script.pages[number]
        words = [word.text for word in page.words]
        readable = [self._case.has(word) for word in words]
        self.drawn += sum(readable)
        self.left_out += sum(visible(word) for word in words) - sum(readable)
        if not any(readable):
            return None
        weighty = frozenset(n for n in range(len(words)) if page.first + n in script.emphasis)
        texts = [word if fine else "" for word, fine in zip(words, readable, strict=True)]
        layout = self._fitted(texts, page, weighty)
        middle = script.centers[number] * self.height
        top = middle - layout.height / 2
        lines = layout.text_box
        top = min(
            max(top, script.edges[0] - lines.top), max(script.edges[1] - lines.bottom, script.edges[0] - lines.top)
        )
        place = even_down((self.width - layout.width) / 2), even_down(top)
        return PageArt(layout, self.style, unit, place, weighty)

    def _fitted(self, texts: Sequence[str], page: Page, weighty: frozenset[int]) -> Layout:
        """The page in its lines; in smaller letters where even one word is too wide."""
        style, script = self.style, self._script
        case = self._case
        scales = tuple(style.emphasis_scale if n in weighty else 1.0 for n in range(len(texts)))
        for _ in range(3):
            layout = laid_out(texts, page.spaces, page.lines, case, style, self._unit, base=script.base, scales=scales)
            box = layout.text_box
            if (share := script.room / max(box.right - box.left, 1e-6)) >= 1:
                break
            case = case.smaller(share)
        return layout


def missing_remarks(missing: set[str], left_out: int) -> tuple[str, ...]:
    """What no font here has, in words; `left_out`: how many words are not seen because of it."""
    if not missing:
        return ()
    signs = "".join(sorted(missing))
    words = f"; {left_out} words are left out of the picture" if left_out else ""
    return (
        f"No font here has {signs[:40]!r}{words}. Put one that does into the folder named by CLIPWIRE_RENDERER_FONTS",
    )
