"""Coverage in colours, one over the other, as a patch: composed straight in YUV 4:2:0, where colours are numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from actors.renderer.adapters.patch import Patch, Rgb, halved, patch_in_yuv, to_yuv

__all__ = [
    "Canvas",
    "Coverage",
    "blurred",
    "cut",
    "even_down",
    "even_up",
    "grown",
    "moved",
    "resized",
    "rounded",
    "scaled",
]

Coverage = np.ndarray[Any, np.dtype[np.uint8]]


class Canvas:
    """A transparent picture of even size, onto which colours are laid."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._add = [np.zeros((height >> bool(n), width >> bool(n)), np.float32) for n in range(3)]
        self._keep = [np.ones((height >> n, width >> n), np.float32) for n in range(2)]
        self._used = (width, height, 0, 0)

    def over(self, coverage: Coverage, color: Rgb, x: int, y: int, opacity: float = 1.0) -> None:
        """Lay a colour over it; `coverage` has even sides and begins at the even place `x`, `y`, all of it inside."""
        share = np.multiply(coverage, np.float32(opacity / 255), dtype=np.float32)
        small = halved(share)
        for n, value in enumerate(to_yuv(color)):
            part, (left, top) = (small, (x >> 1, y >> 1)) if n else (share, (x, y))
            box = self._add[n][top : top + part.shape[0], left : left + part.shape[1]]
            box += (np.float32(value) - box) * part
        self._hide(share, small, x, y)

    def picture(self, rgba: Coverage, x: int, y: int) -> None:
        """Lay a picture in its own colours over it: rows, columns, RGBA multiplied by alpha; even as above."""
        r, g, b, alpha = (np.multiply(rgba[..., n], np.float32(1 / 255), dtype=np.float32) for n in range(4))
        luma = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
        amounts = (
            16 * alpha + 219 * luma,
            128 * alpha + (224 / 1.8556) * (b - luma),
            128 * alpha + (224 / 1.5748) * (r - luma),
        )
        small = halved(alpha)
        for n, amount in enumerate(amounts):
            part, rest, (left, top) = (halved(amount), small, (x >> 1, y >> 1)) if n else (amount, alpha, (x, y))
            box = self._add[n][top : top + part.shape[0], left : left + part.shape[1]]
            box *= 1 - rest
            box += part
        self._hide(alpha, small, x, y)

    def patch(self, x: int, y: int) -> Patch | None:
        """What was laid onto it, at an even place of a picture; None: nothing was."""
        left, top, right, bottom = self._used
        if left >= right:
            return None
        spots = [(slice(top >> n, bottom >> n), slice(left >> n, right >> n)) for n in range(2)]
        add = [plane[spots[bool(n)]] for n, plane in enumerate(self._add)]
        keep = [plane[spot] for plane, spot in zip(self._keep, spots, strict=True)]
        return patch_in_yuv(add, (keep[0], keep[1], keep[1]), x + left, y + top)

    def _hide(self, share: Any, small: Any, x: int, y: int) -> None:
        rows, columns = share.shape
        left, top, right, bottom = self._used
        self._used = min(left, x), min(top, y), max(right, x + columns), max(bottom, y + rows)
        for n, part in enumerate((share, small)):
            box = self._keep[n][y >> n : (y >> n) + part.shape[0], x >> n : (x >> n) + part.shape[1]]
            box *= 1 - part


def moved(patch: Patch, x: int, y: int) -> Patch:
    """A patch at another even place."""
    return replace(patch, x=x, y=y)


def resized(patch: Patch, scale: float) -> Patch:
    """A patch larger or smaller about its middle: each sample is the mean of four neighbours (a tenth of the time that
    Pillow takes, and as smooth for the two or three pictures on which a word moves)."""
    rows, columns = patch.keep[0].shape
    size = (even_up(rows * scale), even_up(columns * scale))
    keep = [_sampled(each, (size[0] >> bool(n), size[1] >> bool(n)), scale) for n, each in enumerate(patch.keep)]
    add = [_sampled(each, (size[0] >> bool(n), size[1] >> bool(n)), scale) for n, each in enumerate(patch.add)]
    x, y = patch.x + (columns - size[1]) / 2, patch.y + (rows - size[0]) / 2
    return Patch(even_down(x + 1), even_down(y + 1), (keep[0], keep[1], keep[2]), (add[0], add[1], add[2]))


def _sampled(values: Any, size: tuple[int, int], scale: float) -> Any:
    for axis, (wanted, had) in enumerate(zip(size, values.shape, strict=True)):
        at = (np.arange(wanted) + 0.5 - wanted / 2) / scale + had / 2
        first, second = ((at + shift).astype(np.intp).clip(0, had - 1) for shift in (-0.3, 0.3))
        values = (np.take(values, first, axis) >> 1) + (np.take(values, second, axis) >> 1)
    return values


def cut(patch: Patch, first: int, last: int) -> Patch:
    """The columns from `first` to `last` (exclusive), both even, of a patch; a view of it."""
    keep = [each[:, first >> bool(n) : last >> bool(n)] for n, each in enumerate(patch.keep)]
    add = [each[:, first >> bool(n) : last >> bool(n)] for n, each in enumerate(patch.add)]
    return Patch(patch.x + first, patch.y, (keep[0], keep[1], keep[2]), (add[0], add[1], add[2]))


def grown(coverage: Coverage, radius: float) -> Coverage:
    """Coverage grown by a disc of `radius` pixels (grey dilation); the array must have room for it.

    A disc is a stack of rows, and a row of any length is the maximum of two shorter ones, so that it takes some forty
    passes whatever the radius (the idea of van Herk, Pattern Recognition Letters 13, 1992), each over bytes.
    """
    if radius <= 0:
        return coverage
    reach = math.floor(radius)
    chords: dict[int, Coverage] = {0: coverage}
    wide = coverage
    for length in range(1, reach + 2):
        wide = wide.copy()
        np.maximum(wide[:, length:], coverage[:, :-length], out=wide[:, length:])
        np.maximum(wide[:, :-length], coverage[:, length:], out=wide[:, :-length])
        chords[length] = wide
    result = coverage.copy()
    for dy in range(-reach - 1, reach + 2):
        chord = math.sqrt(max(0.0, (radius + 0.5) ** 2 - dy * dy)) - 0.5
        if chord < 0:
            continue
        whole = math.floor(chord)
        row, part = chords[whole], round((chord - whole) * 256)
        if part and whole + 1 in chords:
            edge = (chords[whole + 1].astype(np.uint16) * part >> 8).astype(np.uint8)
            row = np.maximum(row, edge)
        rows = row.shape[0]
        target, source = result[max(0, dy) : rows + min(0, dy)], row[max(0, -dy) : rows + min(0, -dy)]
        np.maximum(target, source, out=target)
    return result


def blurred(coverage: Coverage, radius: float) -> Coverage:
    """Coverage through a soft lens: three box blurs, nearly a Gaussian of `radius` / 2."""
    from PIL import Image, ImageFilter

    soft = Image.fromarray(coverage)
    for _ in range(3):
        soft = soft.filter(ImageFilter.BoxBlur(radius / 2))
    return np.asarray(soft, np.uint8).copy()


def scaled(coverage: Coverage, scale: float) -> Coverage:
    """Larger or smaller about its middle, in an array of even sides; also for RGBA."""
    from PIL import Image

    height, width = (even_up(side * scale) for side in coverage.shape[:2])
    image = Image.fromarray(coverage, "RGBa") if coverage.ndim == 3 else Image.fromarray(coverage)
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.uint8)


def rounded(width: int, height: int, box: tuple[float, float, float, float], radius: float) -> Coverage:
    """A rounded rectangle from left, top to right, bottom in an array of `height` rows, with smooth edges."""
    left, top, right, bottom = box
    radius = max(0.0, min(radius, (right - left) / 2, (bottom - top) / 2))
    x = np.abs(np.arange(width, dtype=np.float32) + 0.5 - (left + right) / 2) - ((right - left) / 2 - radius)
    y = np.abs(np.arange(height, dtype=np.float32) + 0.5 - (top + bottom) / 2) - ((bottom - top) / 2 - radius)
    across, down = np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None]
    inside = np.minimum(np.maximum(x[None, :], y[:, None]), 0)
    distance = np.sqrt(across * across + down * down) + inside - radius
    return np.asarray(((0.5 - distance).clip(0, 1) * 255).round(), np.uint8)


def even_up(value: float) -> int:
    """The next even number that is not smaller."""
    return max(2, -(-math.ceil(value - 1e-6) // 2) * 2)


def even_down(value: float) -> int:
    """The even number at or before it."""
    return math.floor(value / 2) * 2
