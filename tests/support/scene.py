"""Two drawn scenes for golden pictures: a face, a sun, gradients, fine lines and flat colours; no file, no letters."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from actors.renderer.adapters.planes import tag

__all__ = ["HEIGHT", "WIDTH", "evening", "room"]

WIDTH, HEIGHT = 540, 960
_Rgb = tuple[float, float, float]


@lru_cache(maxsize=1)
def evening() -> VideoFrame:
    """A person before hills, the sun low on the left."""
    x, y = _grid()
    picture = _between((64, 92, 150), (246, 190, 142), y / 0.62)
    far = np.hypot((x - 0.20) * WIDTH / HEIGHT, y - 0.20)
    picture += np.array([120, 95, 50]) * np.exp(-((far / 0.11) ** 2))[..., None]
    _fill(picture, far < 0.035, (255, 250, 230))
    _fill(picture, y > 0.56 + 0.03 * np.sin(x * 7 + 1) + 0.012 * np.sin(x * 19), (72, 96, 92))
    _fill(picture, y > 0.66 + 0.025 * np.sin(x * 5 + 3), (58, 88, 48))
    _person(picture, x, y)
    for number, color in enumerate(((200, 40, 40), (40, 160, 60), (40, 60, 190), (230, 200, 40), (128, 128, 128))):
        _fill(picture, (np.abs(x - 0.10) < 0.045) & (np.abs(y - 0.74 - 0.045 * number) < 0.0175), color)
    lines = (np.abs(x - 0.90) < 0.055) & (np.abs(y - 0.80) < 0.1)
    _fill(picture, lines, (235, 235, 235))
    _fill(picture, lines & ((y * HEIGHT).astype(int) // 4 % 2 == 0), (24, 24, 24))
    return _frame(picture)


@lru_cache(maxsize=1)
def room() -> VideoFrame:
    """A dark room with a lamp, stripes and shapes."""
    x, y = _grid()
    picture = _between((30, 62, 78), (16, 24, 40), np.hypot(x - 0.6, (y - 0.35) * 1.4) / 0.8)
    lamp = np.hypot((x - 0.66) * WIDTH / HEIGHT, y - 0.30)
    picture += np.array([170, 110, 40]) * np.exp(-((lamp / 0.16) ** 2))[..., None]
    _fill(picture, (np.abs(x - 0.66) < 0.12 * (y - 0.2) / 0.1 + 0.03) & (y > 0.22) & (y < 0.32), (250, 214, 150))
    _fill(picture, (y > 0.72) & (((x + y) * 26).astype(int) % 2 == 0), (120, 66, 40))
    _fill(picture, (y > 0.72) & (((x + y) * 26).astype(int) % 2 == 1), (86, 46, 30))
    _fill(picture, np.hypot((x - 0.25) * WIDTH / HEIGHT, y - 0.62) < 0.11, (196, 60, 52))
    _fill(picture, (np.abs(x - 0.62) < 0.15) & (np.abs(y - 0.66) < 0.09), (52, 140, 128))
    _fill(picture, (np.abs(x - 0.18) < 0.1) & (np.abs(y - 0.2) < 0.09), (214, 206, 190))
    _fill(picture, (np.abs(x - 0.18) < 0.085) & (np.abs(y - 0.2) < 0.075), (70, 96, 140))
    return _frame(picture)


def _person(picture: Any, x: Any, y: Any) -> None:
    """Shirt with fine stripes, neck, hair, a face that is lit from the left."""
    down = (y - 0.98) / 0.36
    shirt = np.abs(x - 0.52) < 0.36 * np.sqrt(np.clip(1 - down**2, 0, 1))
    _fill(picture, shirt, (52, 70, 112))
    _fill(picture, shirt & ((x * WIDTH).astype(int) // 5 % 3 == 0), (72, 92, 138))
    _fill(picture, (np.abs(x - 0.52) < 0.075) & (y > 0.5) & (y < 0.68), (176, 124, 98))
    _fill(picture, _within(x, y, 0.52, 0.415, 0.215, 0.150), (48, 32, 26))
    face = _within(x, y, 0.52, 0.445, 0.170, 0.132)
    skin = _between((232, 178, 148), (170, 116, 92), (x - 0.38) / 0.30)
    picture[face] = skin[face]
    for side in (-1, 1):
        _fill(picture, _within(x, y, 0.52 + side * 0.065, 0.425, 0.030, 0.009), (240, 236, 230))
        _fill(picture, _within(x, y, 0.52 + side * 0.065, 0.425, 0.013, 0.009), (60, 42, 34))
        _fill(picture, _within(x, y, 0.52 + side * 0.065, 0.400, 0.040, 0.004), (58, 40, 32))
    _fill(picture, _within(x, y, 0.515, 0.470, 0.016, 0.012), (186, 128, 104))
    _fill(picture, _within(x, y, 0.52, 0.515, 0.055, 0.010), (168, 78, 78))


def _grid() -> tuple[Any, Any]:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return (x + 0.5) / WIDTH, (y + 0.5) / HEIGHT


def _within(x: Any, y: Any, middle_x: float, middle_y: float, wide: float, high: float) -> Any:
    return ((x - middle_x) / wide) ** 2 + ((y - middle_y) / high) ** 2 < 1


def _between(one: _Rgb, other: _Rgb, share: Any) -> Any:
    share = np.clip(share, 0, 1)[..., None]
    return np.array(one) * (1 - share) + np.array(other) * share


def _fill(picture: Any, where: Any, color: _Rgb) -> None:
    picture[where] = color


def _frame(picture: Any) -> VideoFrame:
    rgb = VideoFrame.from_ndarray(np.clip(picture, 0, 255).astype(np.uint8), format="rgb24")
    frame = rgb.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    tag(frame)
    return frame
