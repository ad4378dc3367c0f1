"""How bright the picture is behind letters, and how much it must be darkened for them to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from actors.renderer.adapters.patch import Rgb
from actors.renderer.adapters.planes import planes_of
from actors.renderer.core.contrast import LEAST, brightest_behind

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["shade_for"]

STEP = 4
"""Every so many chroma samples are looked at, across and down."""
LEVELS = 24
MARGIN = 1.06
"""Contrast aimed at, against the least: 8-bit colours and the encoder round."""


def _linear(rgb: Any) -> Any:
    """WCAG 2.2, relative luminance: what sRGB values stand for."""
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


_WEIGHTS = np.array((0.2126, 0.7152, 0.0722), np.float32)
_LIGHT = np.stack([_linear(np.arange(1, 257, dtype=np.float32) / 255 * (1 - n / LEVELS)) for n in range(LEVELS + 1)])
"""For each level of shade and each code the light of the next code: never too little."""


def shade_for(frame: VideoFrame, box: tuple[int, int, int, int], texts: tuple[Rgb, ...], least: float = 0.0) -> float:
    """How opaque a black shade over `box` (x, y, width, height) must be, from `least` to 1, in steps.

    So that the brightest thing that is found there leaves the darkest of the texts, all light, a contrast of 4.5.
    The picture is BT.709 in limited range.
    """
    limit = min(brightest_behind(color, LEAST * MARGIN) for color in texts)
    codes = (_sampled(frame, box) * 255).astype(np.uint8)
    level = round(least * LEVELS)
    while level < LEVELS and (_LIGHT[level][codes] @ _WEIGHTS).max(initial=0) > limit:
        level += 1
    return level / LEVELS


def _sampled(frame: VideoFrame, box: tuple[int, int, int, int]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """R'G'B' of samples in a box of the picture, from 0 to 1: rows of three."""
    x, y, width, height = (max(0, each // 2) for each in box)
    luma, cb, cr = planes_of(frame)
    spot = (slice(y, y + height, STEP), slice(x, x + width, STEP))
    blue, red = (plane[spot].astype(np.float32) - 128 for plane in (cb, cr))
    light = luma[2 * y : 2 * (y + height) : 2 * STEP, 2 * x : 2 * (x + width) : 2 * STEP].astype(np.float32)
    rows, columns = min(light.shape[0], blue.shape[0]), min(light.shape[1], blue.shape[1])
    light, blue, red = ((each[:rows, :columns]) for each in (light, blue, red))
    gray = (light - 16) / 219
    r, b = gray + red * (1.5748 / 224), gray + blue * (1.8556 / 224)
    g = (gray - 0.2126 * r - 0.0722 * b) / 0.7152
    return np.stack((r, g, b), axis=-1).reshape(-1, 3).clip(0, 1)
