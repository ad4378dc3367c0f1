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

from actors.renderer.core import Aim, Panel, View, Window, cover_window, panels

if TYPE_CHECKING:
    from av.filter import Graph

__all__ = ["Camera", "Shape", "planes_of", "tag"]

Plane = np.ndarray[Any, np.dtype[np.uint8]]

FILLED = 0.97
"""Share of the picture that a crop shows from which on it need not be fitted."""
SLACK = 2
"""Source pixels that the first window is wider on each side, at least."""
REACH = 24
"""Source pixels by which it may be wider, and begin earlier."""
_SUBSAMPLING = {
    "yuv420p": (2, 2),
    "yuvj420p": (2, 2),
    "yuv422p": (2, 1),
    "yuvj422p": (2, 1),
    "yuv444p": (1, 1),
    "yuvj444p": (1, 1),
    "yuv420p10le": (2, 2),
    "yuv422p10le": (2, 1),
    "yuv444p10le": (1, 1),
    "yuv420p12le": (2, 2),
    "yuv422p12le": (2, 1),
    "yuv444p12le": (1, 1),
}
"""Formats that can be cut by pointer, with their chroma subsampling; others are converted as a whole first."""
_HDR = {int(ColorTrc.SMPTE2084), int(ColorTrc.ARIB_STD_B67)}
_TURNS = {90: ("cclock",), 180: ("clock", "clock"), 270: ("clock",)}
_DIM = 0.55
_AVCOL_RGB = 0
_AVCOL_UNSPECIFIED = 2


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

    def shoot(self, frame: VideoFrame, shape: Shape, aim: Aim, view: View = View()) -> VideoFrame:  # noqa: B008  # frozen
        """The picture as `aim` has it, in shares of the picture as seen; `view`: closer, and to a side."""
        wide, high = shape.display
        parts = panels(aim, wide / high, self.width, self.height)
        if len(parts) == 1:
            return self._shot(frame, shape, parts[0], view)
        whole = VideoFrame(self.width, self.height, "yuv420p")
        tag(whole)
        for panel in parts:
            _laid(whole, self._shot(frame, shape, panel, view), panel.x, panel.y)
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
        return _sliced(scaled, x, y, panel.width, panel.height)

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
        _blur(small)
        whole = self._reformatted(("ground", panel.x, panel.y), small, panel.width, panel.height, Interpolation.BICUBIC)
        _laid(whole, inner, (panel.width - inner_w) // 4 * 2, (panel.height - inner_h) // 4 * 2)
        return whole

    def _cut(self, frame: VideoFrame, window: Window, shape: Shape, size: tuple[int, int]) -> tuple[Window, VideoFrame]:
        """The part of the stored picture that holds `window`, on whole pixels; and which part that is."""
        if frame.format.name not in _SUBSAMPLING:
            frame = _plain(frame)
        shown_w, shown_h = (size[1], size[0]) if shape.sideways else size
        x0, x1 = _pixels(window.x, window.width, frame.width, shown_w)
        y0, y1 = _pixels(window.y, window.height, frame.height, shown_h)
        taken = Window(x0 / frame.width, y0 / frame.height, (x1 - x0) / frame.width, (y1 - y0) / frame.height)
        return taken, _window_of(frame, x0, y0, x1, y1)

    def _scaled(
        self, role: tuple[object, ...], cut: VideoFrame, width: int, height: int, shape: Shape, source: VideoFrame
    ) -> VideoFrame:
        """Scaled to `width` x `height` as seen, in BT.709; turned if the source is."""
        target = (height, width) if shape.sideways else (width, height)
        colors: dict[str, Any] = {}
        if source.color_trc in _HDR:
            colors = {"dst_color_trc": ColorTrc.BT709, "dst_color_primaries": ColorPrimaries.BT709}
            cut.color_trc, cut.color_primaries = source.color_trc, source.color_primaries
        space, full = _matrix(source)
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
        if (
            result is frame
        ):  # nothing had to be done: the picture is still the decoder's, which must not be written into
            result = _copied(frame)
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


def tag(frame: VideoFrame) -> None:
    """Say that a picture is BT.709 in limited range."""
    frame.colorspace, frame.color_range = int(Colorspace.ITU709), int(ColorRange.MPEG)
    frame.color_primaries, frame.color_trc = int(ColorPrimaries.BT709), int(ColorTrc.BT709)


def planes_of(frame: VideoFrame) -> list[Plane]:
    """The planes of an 8-bit planar picture as writable views, without their padding."""
    return [_plane(plane, np.uint8)[: plane.height, : plane.width] for plane in frame.planes]


def _plane(plane: Any, kind: Any) -> Any:
    """A plane as rows; `numpy.from_dlpack` would give a view that can't be handed on."""
    return np.frombuffer(plane, kind).reshape(-1, plane.line_size // np.dtype(kind).itemsize)


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


def _window_of(frame: VideoFrame, x0: int, y0: int, x1: int, y1: int) -> VideoFrame:
    kind = np.uint16 if frame.format.name.endswith("le") else np.uint8
    step_x, step_y = _SUBSAMPLING[frame.format.name]
    views = []
    for n, plane in enumerate(frame.planes):
        sx, sy = (step_x, step_y) if n else (1, 1)
        views.append(_plane(plane, kind)[y0 // sy : y1 // sy, x0 // sx : x1 // sx])
    return VideoFrame.from_dlpack(tuple(views), format=frame.format.name)


def _sliced(frame: VideoFrame, x: int, y: int, width: int, height: int) -> VideoFrame:
    """A window of an owned yuv420p picture, by single pixels; chroma is then off by half a chroma pixel at most."""
    x, y = min(max(x, 0), frame.width - width), min(max(y, 0), frame.height - height)
    if (frame.width, frame.height) == (width, height):
        return frame
    luma, *chroma = planes_of(frame)
    views = [luma[y : y + height, x : x + width]]
    views += [plane[y // 2 : y // 2 + height // 2, x // 2 : x // 2 + width // 2] for plane in chroma]
    sliced = VideoFrame.from_dlpack(tuple(views), format="yuv420p")
    tag(sliced)
    return sliced


def _laid(whole: VideoFrame, part: VideoFrame, x: int, y: int) -> None:
    """Put `part` into `whole`; `x` and `y` are even."""
    for n, (target, source) in enumerate(zip(planes_of(whole), planes_of(part), strict=True)):
        rows, columns = source.shape
        target[y >> bool(n) : (y >> bool(n)) + rows, x >> bool(n) : (x >> bool(n)) + columns] = source


def _copied(frame: VideoFrame) -> VideoFrame:
    copy = VideoFrame(frame.width, frame.height, frame.format.name)
    for target, source in zip(planes_of(copy), planes_of(frame), strict=True):
        target[:] = source
    return copy


def _plain(frame: VideoFrame) -> VideoFrame:
    """Packed, RGB, palette and other formats as planar YUV with as many bits as needed."""
    deep = any(component.bits > 8 for component in frame.format.components)
    rgb = frame.format.is_rgb or frame.format.has_palette
    return frame.reformat(
        format="yuv444p10le" if deep else "yuv444p",
        dst_colorspace=Colorspace.ITU709 if rgb else None,
        dst_color_range=ColorRange.MPEG if rgb else None,
        threads=1,
    )


def _matrix(frame: VideoFrame) -> tuple[int, bool]:
    """Matrix and full range of a source. Untagged: BT.709 from 720 lines on, else BT.601, as players guess."""
    space = frame.colorspace
    if frame.format.is_rgb or frame.format.has_palette:
        return int(Colorspace.ITU709), False  # `_plain` has made it so
    if space in {_AVCOL_RGB, _AVCOL_UNSPECIFIED}:
        space = int(Colorspace.ITU709 if min(frame.width, frame.height) >= 720 else Colorspace.ITU601)
    return space, frame.color_range == int(ColorRange.JPEG) or frame.format.name.startswith("yuvj")


def _turned_back(taken: Window, shape: Shape) -> Window:
    """A window of the stored picture in the picture as seen: the inverse of `Shape.stored`."""
    return Shape(shape.width, shape.height, shape.pixel_aspect, -shape.rotation).stored(taken)


def _blur(frame: VideoFrame) -> None:
    """A box blur, three times (nearly Gaussian), on a small picture; and darker, so that the front stands out."""
    for n, plane in enumerate(planes_of(frame)):
        soft = plane.astype(np.float32)
        for _ in range(3):
            for axis in (0, 1):
                soft = _box(soft, 3 if n == 0 else 2, axis)
        plane[:] = np.round(16 + (soft - 16) * _DIM if n == 0 else 128 + (soft - 128) * 0.85)


def _box(values: Any, radius: int, axis: int) -> Any:
    padding = [(0, 0), (0, 0)]
    padding[axis] = (radius, radius)
    padded = np.pad(values, padding, mode="edge")
    size = values.shape[axis]
    return sum(np.take(padded, range(n, n + size), axis=axis) for n in range(2 * radius + 1)) / (2 * radius + 1)


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
