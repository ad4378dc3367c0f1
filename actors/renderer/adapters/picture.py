"""One source picture to one picture of the short: window, one scaling, turning, smooth pan; all in YUV.

The window is cut by pointer (a view of the decoder's planes, nothing is copied), in whole source pixels and a little
wider than needed; after scaling the rest is cut on the output's own grid, so that a slow pan moves by single output
pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter

from actors.renderer.adapters.planes import (
    SUBSAMPLING,
    blur,
    copied,
    laid,
    matrix_of,
    plain,
    sliced,
    tag,
    window_of,
)
from actors.renderer.core import Aim, Panel, View, Window, cover_window, panels

if TYPE_CHECKING:
    from av.filter import Graph

__all__ = ["Camera", "Shape"]

FILLED = 0.97
"""Share of the picture that a crop shows from which on it need not be fitted."""
SLACK = 2
"""Source pixels that the first window is wider on each side, at least."""
REACH = 24
"""Source pixels by which it may be wider, and begin earlier."""
_HDR = {int(ColorTrc.SMPTE2084), int(ColorTrc.ARIB_STD_B67)}
_TURNS = {90: ("cclock",), 180: ("clock", "clock"), 270: ("clock",)}

_STILL = View()


@dataclass(frozen=True)
class Shape:
    """How a source picture is shown: pixels as stored, pixel aspect, degrees that it is turned counter-clockwise."""

    width: int
    height: int
    pixel_aspect: float
    rotation: int

    @property
    def sideways(self) -> bool:
        """Whether width and height swap."""
        return self.rotation % 180 != 0

    @property
    def display(self) -> tuple[float, float]:
        """Width and height as seen."""
        wide = self.width * self.pixel_aspect
        return (self.height, wide) if self.sideways else (wide, self.height)

    def stored(self, window: Window) -> Window:
        """A window of the picture as seen, in the picture as stored."""
        x, y, w, h = window.x, window.y, window.width, window.height
        match self.rotation % 360:
            case 90:  # turned counter-clockwise for display: its top is the stored right edge
                return Window(1 - y - h, x, h, w)
            case 180:
                return Window(1 - x - w, 1 - y - h, w, h)
            case 270:
                return Window(y, 1 - x - w, h, w)
        return window


class Camera:
    """Makes `width` x `height` pictures (yuv420p, BT.709, limited range) that its caller owns."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._scalers: dict[tuple[object, ...], VideoReformatter] = {}
        self._turners: dict[tuple[int, int, int], Graph] = {}

    def shoot(self, frame: VideoFrame, shape: Shape, aim: Aim, view: View = _STILL) -> VideoFrame:
        """The picture as `aim` has it, in shares of the picture as seen; `view`: closer, and to a side."""
        wide, high = shape.display
        parts = panels(aim, wide / high, self.width, self.height)
        if len(parts) == 1:
            return self._shot(frame, shape, parts[0], view)
        whole = VideoFrame(self.width, self.height, "yuv420p")
        tag(whole)
        for panel in parts:
            laid(whole, self._shot(frame, shape, panel, view), panel.x, panel.y)
        return whole

    def _shot(self, frame: VideoFrame, shape: Shape, panel: Panel, view: View) -> VideoFrame:
        aspect = panel.width / panel.height
        display_w, display_h = shape.display
        cover = cover_window(display_w, display_h, aspect, panel.center)
        if panel.fit and cover.width * cover.height <= FILLED:
            return self._fitted(frame, shape, cover, panel, view)
        zoom = panel.zoom * view.zoom
        x, y = panel.center[0] + view.x * cover.width / zoom, panel.center[1] + view.y * cover.height / zoom
        return self._covering(frame, shape, cover_window(display_w, display_h, aspect, (x, y), zoom), panel)

    def _covering(self, frame: VideoFrame, shape: Shape, window: Window, panel: Panel) -> VideoFrame:
        """Window cut roughly in the source, exactly after scaling."""
        taken, cut = self._cut(frame, shape.stored(window), shape, (panel.width, panel.height))
        seen = _turned_back(taken, shape)
        # The scale at which the wanted window is exactly the output; what is taken is a little larger.
        scaled_w = _even(max(panel.width, panel.width * seen.width / window.width))
        scaled_h = _even(max(panel.height, panel.height * seen.height / window.height))
        scaled = self._scaled(("cover", panel.x, panel.y), cut, scaled_w, scaled_h, shape, frame)
        x = round((window.x - seen.x) / seen.width * scaled_w)
        y = round((window.y - seen.y) / seen.height * scaled_h)
        return sliced(scaled, x, y, panel.width, panel.height)

    def _fitted(self, frame: VideoFrame, shape: Shape, cover: Window, panel: Panel, view: View) -> VideoFrame:
        """The whole picture, or the part that a closer view leaves of it, over a blurred, darkened cover of itself."""
        display_w, display_h = shape.display
        scale = min(panel.width / display_w, panel.height / display_h)
        inner_w, inner_h = min(_even(display_w * scale), panel.width), min(_even(display_h * scale), panel.height)
        inner = self._covering(
            frame,
            shape,
            cover_window(display_w, display_h, display_w / display_h, (0.5 + view.x, 0.5 + view.y), view.zoom),
            Panel(-1, -1, inner_w, inner_h, fit=False),
        )
        _, background = self._cut(frame, shape.stored(cover), shape, (panel.width, panel.height))
        small_w, small_h = max(16, _even(panel.width / 12)), max(16, _even(panel.height / 12))
        small = self._scaled(("small", panel.x, panel.y), background, small_w, small_h, shape, frame)
        blur(small)
        whole = self._reformatted(("ground", panel.x, panel.y), small, panel.width, panel.height, Interpolation.BICUBIC)
        laid(whole, inner, (panel.width - inner_w) // 4 * 2, (panel.height - inner_h) // 4 * 2)
        return whole

    def _cut(self, frame: VideoFrame, window: Window, shape: Shape, size: tuple[int, int]) -> tuple[Window, VideoFrame]:
        """The part of the stored picture that holds `window`, on whole pixels; and which part that is."""
        if frame.format.name not in SUBSAMPLING:
            frame = plain(frame)
        shown_w, shown_h = (size[1], size[0]) if shape.sideways else size
        x0, x1 = _pixels(window.x, window.width, frame.width, shown_w)
        y0, y1 = _pixels(window.y, window.height, frame.height, shown_h)
        taken = Window(x0 / frame.width, y0 / frame.height, (x1 - x0) / frame.width, (y1 - y0) / frame.height)
        return taken, window_of(frame, x0, y0, x1, y1)

    def _scaled(
        self, role: tuple[object, ...], cut: VideoFrame, width: int, height: int, shape: Shape, source: VideoFrame
    ) -> VideoFrame:
        """Scaled to `width` x `height` as seen, in BT.709; turned if the source is."""
        target = (height, width) if shape.sideways else (width, height)
        colors: dict[str, Any] = {}
        if source.color_trc in _HDR:
            colors = {"dst_color_trc": ColorTrc.BT709, "dst_color_primaries": ColorPrimaries.BT709}
            cut.color_trc, cut.color_primaries = source.color_trc, source.color_primaries
        space, full = matrix_of(source)
        cut.colorspace, cut.color_range = space, int(ColorRange.JPEG if full else ColorRange.MPEG)
        scaled = self._reformatted(role, cut, *target, Interpolation.BICUBIC, **colors)
        for turn in _TURNS.get(shape.rotation, ()):
            scaled = self._turned(scaled, turn)
        return scaled

    def _reformatted(
        self, role: tuple[object, ...], frame: VideoFrame, width: int, height: int, how: Interpolation, **colors: Any
    ) -> VideoFrame:
        scaler = self._scalers.setdefault(role, VideoReformatter())
        result = scaler.reformat(
            frame,
            width,
            height,
            "yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=how,
            threads=1,
            **colors,
        )
        if result is frame:  # nothing had to be done: it is still the decoder's, which must not be written into
            result = copied(frame)
        tag(result)
        return result

    def _turned(self, frame: VideoFrame, turn: str) -> VideoFrame:
        key = (frame.width, frame.height, 1 if turn == "clock" else 2)
        graph = self._turners.get(key)
        if graph is None:
            graph = av.filter.Graph()
            graph.threads = 1
            entry = graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 1000)
            )
            graph.link_nodes(entry, graph.add("transpose", f"dir={turn}"), graph.add("buffersink")).configure()
            self._turners[key] = graph
        graph.push(frame)
        turned = graph.vpull()
        tag(turned)
        return turned


@lru_cache(maxsize=16)
def _pixels(first: float, share: float, size: int, shown: int) -> tuple[int, int]:
    """Even pixels that hold a share of a side, of which `shown` pixels are made.

    Sizes and places are whole numbers, before and after scaling; rounding them would make a slow zoom or pan tremble by
    half a pixel. Of the many ways to take a few pixels more, this is the one whose rounding is the least off.
    """
    whole = size // 2 * 2
    begin, long = first * size, share * size
    low = max(0, (int(begin) - SLACK) // 2 * 2)
    fewest = min(whole, math.ceil((long + SLACK) / 2) * 2)
    starts = np.arange(max(0, low - REACH), low + 1, 2)[None, :]
    counts = np.arange(fewest, min(whole, fewest + REACH) + 1, 2)[:, None]
    scaled = np.maximum(shown, 2 * np.rint(counts * shown / long / 2))
    step = counts / scaled
    place = np.clip(np.rint((begin - starts) / step), 0, scaled - shown)
    off = [np.abs(starts + (place + end) * step - begin - end * long / shown) for end in (0, shown)]
    fits = (starts + counts >= begin + long - 1) & (starts + counts <= whole)
    cost = np.maximum(*off) * shown / long + 0.0005 * counts + 0.02 * (place % 2)  # odd: chroma is half a pixel off
    number, start = np.unravel_index(np.where(fits, cost, np.inf).argmin(), cost.shape)
    if not fits[number, start]:
        return min(low, whole - fewest), min(low, whole - fewest) + fewest
    return int(starts[0, start]), int(starts[0, start] + counts[number, 0])


def _turned_back(taken: Window, shape: Shape) -> Window:
    """A window of the stored picture in the picture as seen: the inverse of `Shape.stored`."""
    return Shape(shape.width, shape.height, shape.pixel_aspect, -shape.rotation).stored(taken)


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
