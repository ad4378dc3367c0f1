"""A coloured, partly transparent picture in YUV, blended into the pictures of the short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from actors.renderer.adapters.picture import planes_of

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["Patch", "Rgb", "blend", "patch_of", "to_yuv"]

Rgb = tuple[int, int, int]
"""sRGB, 0 to 255."""
Numbers = np.ndarray[Any, np.dtype[np.uint16]]


@dataclass(frozen=True)
class Patch:
    """Per plane: what is left of the picture, and what is added to it; both times 255. `x`, `y` are even."""

    x: int
    y: int
    keep: tuple[Numbers, Numbers, Numbers]
    add: tuple[Numbers, Numbers, Numbers]


def patch_of(color: Any, alpha: Any, x: int, y: int) -> Patch:
    """A patch of `color` (rows, columns, 3; sRGB 0 to 255, already multiplied by alpha) and `alpha` (rows, columns).

    `alpha` is a share from 0 to 1; rows and columns are even in number, `x` and `y` as well.
    """
    r, g, b = (np.asarray(color[..., n], np.float32) for n in range(3))
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    # The constant part of each component is scaled by alpha as the colour already is.
    amounts = (
        16 * alpha + luma * (219 / 255),
        128 * alpha + (b - luma) * (224 / 255 / 1.8556),
        128 * alpha + (r - luma) * (224 / 255 / 1.5748),
    )
    rest = 1 - np.asarray(alpha, np.float32)
    small = _halved(rest)
    keep = [np.round(each * 255).astype(np.uint16) for each in (rest, small, small)]
    scaled = (amounts[0], _halved(amounts[1]), _halved(amounts[2]))
    add = [np.round(each * 255).clip(0, 65535 - 512).astype(np.uint16) for each in scaled]
    return Patch(x, y, (keep[0], keep[1], keep[2]), (add[0], add[1], add[2]))


def blend(frame: VideoFrame, patch: Patch) -> None:
    """out = (in * keep + add) / 255, rounded, in 16 bits: the sum is at most 255 * 255. Parts outside are cut."""
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


def _halved(values: Any) -> Any:
    return (values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]) / 4
