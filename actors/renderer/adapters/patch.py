"""A coloured, partly transparent picture in YUV, blended into the pictures of the short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from actors.renderer.adapters.planes import planes_of

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["Patch", "Rgb", "blend", "faded", "halved", "patch_in_yuv", "patch_of", "to_yuv"]

Rgb = tuple[int, int, int]
"""sRGB, 0 to 255."""
Numbers = np.ndarray[Any, np.dtype[np.uint16]]


@dataclass(frozen=True)
class Patch:
    """Per plane: what is left of the picture, and what is added to it; both times 256. `x`, `y` are even.

    What is added holds half a code (128) more, so that blending rounds: a patch without any alpha keeps 256, adds 128.
    """

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
    small = halved(rest)
    return patch_in_yuv((amounts[0], halved(amounts[1]), halved(amounts[2])), (rest, small, small), x, y)


def patch_in_yuv(amounts: Sequence[Any], rests: Sequence[Any], x: int, y: int) -> Patch:
    """A patch of what each plane is given (codes) and what is left of it (a share from 0 to 1)."""
    keep = [(each * np.float32(256) + np.float32(0.5)).astype(np.uint16) for each in rests]
    # in * keep + add has to stay under 65536, whatever the rounding of its parts.
    room = [np.uint16(65535) - np.uint16(255) * each for each in keep]
    wanted = [(each * np.float32(256) + np.float32(128.5)).clip(0, 65535).astype(np.uint16) for each in amounts]
    add = [np.minimum(each, most) for each, most in zip(wanted, room, strict=True)]
    return Patch(x, y, (keep[0], keep[1], keep[2]), (add[0], add[1], add[2]))


def blend(frame: VideoFrame, patch: Patch) -> None:
    """out = (in * keep + add) / 256 in 16 bits, rounded by what `add` holds. Parts outside are cut."""
    for n, plane in enumerate(planes_of(frame)):
        shift = 1 if n else 0
        rows, columns = patch.keep[n].shape
        y, x = patch.y >> shift, patch.x >> shift
        if y + rows <= 0 or x + columns <= 0:
            return  # all of it is above or left of the picture
        top, left = max(0, -y), max(0, -x)
        box = plane[y + top : y + rows, x + left : x + columns]
        cut = (slice(top, top + box.shape[0]), slice(left, left + box.shape[1]))
        mixed = np.multiply(box, patch.keep[n][cut], dtype=np.uint16)
        mixed += patch.add[n][cut]
        mixed >>= 8
        box[:] = mixed


def faded(patch: Patch, share: float) -> Patch:
    """The patch as weak as `share` (0 to 1) says."""
    if share >= 1.0:
        return patch
    part = round(max(share, 0.0) * 256)
    keep = [(256 - ((256 - each.astype(np.uint32)) * part >> 8)).astype(np.uint16) for each in patch.keep]
    add = [(((each.astype(np.uint32) - 128) * part >> 8) + 128).astype(np.uint16) for each in patch.add]
    return Patch(patch.x, patch.y, (keep[0], keep[1], keep[2]), (add[0], add[1], add[2]))


def to_yuv(color: Rgb) -> tuple[float, float, float]:
    """Y'CbCr of an sRGB colour, BT.709 in limited range (ITU-R BT.709-6, items 3.2 to 3.5)."""
    r, g, b = (value / 255 for value in color)
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return 16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748


def halved(values: Any) -> Any:
    """A plane of even sides at half its size: the mean of every four."""
    return (values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]) / 4
