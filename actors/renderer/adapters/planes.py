"""Planes of pictures: views that cost nothing, windows, copies, and what a source says of its colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

__all__ = ["SUBSAMPLING", "blur", "copied", "laid", "matrix_of", "plain", "planes_of", "sliced", "tag", "window_of"]

Plane = np.ndarray[Any, np.dtype[np.uint8]]

SUBSAMPLING = {
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
_DIM = 0.55
_AVCOL_RGB = 0
_AVCOL_UNSPECIFIED = 2


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


def window_of(frame: VideoFrame, x0: int, y0: int, x1: int, y1: int) -> VideoFrame:
    kind = np.uint16 if frame.format.name.endswith("le") else np.uint8
    step_x, step_y = SUBSAMPLING[frame.format.name]
    views = []
    for n, plane in enumerate(frame.planes):
        sx, sy = (step_x, step_y) if n else (1, 1)
        views.append(_plane(plane, kind)[y0 // sy : y1 // sy, x0 // sx : x1 // sx])
    return VideoFrame.from_dlpack(tuple(views), format=frame.format.name)


def sliced(frame: VideoFrame, x: int, y: int, width: int, height: int) -> VideoFrame:
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


def laid(whole: VideoFrame, part: VideoFrame, x: int, y: int) -> None:
    """Put `part` into `whole`; `x` and `y` are even."""
    for n, (target, source) in enumerate(zip(planes_of(whole), planes_of(part), strict=True)):
        rows, columns = source.shape
        target[y >> bool(n) : (y >> bool(n)) + rows, x >> bool(n) : (x >> bool(n)) + columns] = source


def copied(frame: VideoFrame) -> VideoFrame:
    copy = VideoFrame(frame.width, frame.height, frame.format.name)
    for target, source in zip(planes_of(copy), planes_of(frame), strict=True):
        target[:] = source
    return copy


def plain(frame: VideoFrame) -> VideoFrame:
    """Packed, RGB, palette and other formats as planar YUV with as many bits as needed."""
    deep = any(component.bits > 8 for component in frame.format.components)
    rgb = frame.format.is_rgb or frame.format.has_palette
    return frame.reformat(
        format="yuv444p10le" if deep else "yuv444p",
        dst_colorspace=Colorspace.ITU709 if rgb else None,
        dst_color_range=ColorRange.MPEG if rgb else None,
        threads=1,
    )


def matrix_of(frame: VideoFrame) -> tuple[int, bool]:
    """Matrix and full range of a source. Untagged: BT.709 from 720 lines on, else BT.601, as players guess."""
    space = frame.colorspace
    if frame.format.is_rgb or frame.format.has_palette:
        return int(Colorspace.ITU709), False  # `plain` has made it so
    if space in {_AVCOL_RGB, _AVCOL_UNSPECIFIED}:
        space = int(Colorspace.ITU709 if min(frame.width, frame.height) >= 720 else Colorspace.ITU601)
    return space, frame.color_range == int(ColorRange.JPEG) or frame.format.name.startswith("yuvj")


def blur(frame: VideoFrame) -> None:
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
