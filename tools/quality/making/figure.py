"""People, drawn: a shaded head with eyes, brows, nose and a mouth that opens, and shoulders below it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FACE", "Look", "Sprite", "sprite"]

WIDTH, HEIGHT = 400, 640
"""Pixels of a figure before it is made smaller; its face is 120 wide."""
FACE = (120, 156)
"""Width and height of the face, forehead to chin."""
CENTRE = (200, 150)
"""Middle of the face."""
LARGE = 2
"""Everything is drawn so many times larger, for smooth edges."""

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """How somebody looks; colours as blue, green, red."""

    skin: Colour
    hair: Colour
    clothes: Colour
    long_hair: bool = False
    glasses: bool = False
    beard: bool = False


@dataclass(frozen=True)
class Sprite:
    """A figure to be pasted. `color`: with its own share in, `rest`: the share of what is behind, 0 to 255, both of
    shape (height, width, 3). `x`, `y`: the middle of the face in it; `face`: width and height of the face."""

    color: NDArray[Any]
    rest: NDArray[Any]
    x: int
    y: int
    face: tuple[float, float]


@lru_cache(maxsize=512)
def sprite(look: Look, face: int, mouth: int, blink: bool, mirrored: bool = False) -> Sprite:
    """A figure whose face is `face` pixels wide. `mouth`: from 0, closed, to 3, wide open."""
    import cv2
    import numpy as np

    color, alpha = _drawn(look, mouth, blink)
    scale = face / (FACE[0] * LARGE)
    size = (round(color.shape[1] * scale), round(color.shape[0] * scale))
    premultiplied = cv2.resize(color * alpha[..., None], size, interpolation=cv2.INTER_AREA)
    own = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    if mirrored:
        premultiplied, own = premultiplied[:, ::-1], own[:, ::-1]
    rest = np.repeat((255 * (1 - own))[..., None], 3, axis=2)
    return Sprite(
        np.ascontiguousarray(np.clip(premultiplied, 0, 255).astype(np.uint8)),
        np.ascontiguousarray(np.clip(rest, 0, 255).astype(np.uint8)),
        round(CENTRE[0] * LARGE * scale),
        round(CENTRE[1] * LARGE * scale),
        (face, face * FACE[1] / FACE[0]),
    )


@lru_cache(maxsize=64)
def _drawn(look: Look, mouth: int, blink: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    """Colours (float, blue green red) and coverage (0 to 1), LARGE times the size."""
    import cv2
    import numpy as np

    pen = _Pen()
    if look.long_hair:
        pen.ellipse((0, 20), (76, 112), look.hair)
    pen.ellipse((0, 250), (150, 140), look.clothes)
    pen.ellipse((0, 420), (160, 300), look.clothes)
    pen.ellipse((0, 92), (34, 46), _darker(look.skin, 0.82))
    pen.ellipse((0, 122), (40, 22), _darker(look.skin, 0.9))
    pen.ellipse((0, -22), (68, 70), look.hair)
    for side in (-1, 1):
        pen.ellipse((side * 60, 6), (9, 18), _darker(look.skin, 0.85))
    pen.ellipse((0, 0), (60, 78), look.skin)
    pen.soft((0, 96), (46, 16), _darker(look.skin, 0.5), 0.5)
    _shade(pen, look)
    _eyes(pen, look, blink)
    _mouth(pen, look, mouth)
    pen.hair(look)
    color, alpha = pen.finish()
    across = (np.arange(color.shape[1]) / LARGE - CENTRE[0]) / 200
    color = color * (1.06 - 0.28 * np.clip(across, -0.4, 0.6))[None, :, None]
    return np.clip(cv2.GaussianBlur(color, (0, 0), 0.8), 0, 255).astype(np.float32), alpha


def _shade(pen: _Pen, look: Look) -> None:
    """Light from the left: the far cheek, the sockets, the nose."""
    dark = _darker(look.skin, 0.55)
    pen.soft((48, 18), (18, 52), dark, 0.45)
    pen.soft((0, 70), (36, 12), dark, 0.35)
    for side in (-1, 1):
        pen.soft((side * 25, -13), (20, 13), dark, 0.5)
        pen.soft((side * 33, 26), (14, 12), (90, 95, 190), 0.14)
    pen.soft((9, 8), (7, 26), dark, 0.45)
    pen.soft((-3, 6), (4, 24), (255, 255, 255), 0.22)
    pen.soft((0, 31), (16, 6), dark, 0.5)
    for side in (-1, 1):
        pen.soft((side * 8, 28), (4, 3), _darker(look.skin, 0.25), 0.9)
    if look.beard:
        pen.soft((0, 62), (46, 24), look.hair, 0.8)


def _eyes(pen: _Pen, look: Look, blink: bool) -> None:
    for side in (-1, 1):
        x = side * 25
        pen.arc((x, -24), (19, 9), 200, 340, _darker(look.hair, 0.8), 6)
        if blink:
            pen.arc((x, -14), (14, 6), 20, 160, _darker(look.skin, 0.4), 3)
        else:
            pen.ellipse((x, -11), (14, 7), (236, 238, 240))
            pen.ellipse((x, -11), (7, 7), (70, 66, 50))
            pen.ellipse((x, -11), (3.5, 3.5), (16, 14, 12))
            pen.ellipse((x - 2, -14), (2, 2), (250, 250, 250))
            pen.arc((x, -11), (15, 8), 190, 350, (34, 28, 26), 3)
        if look.glasses:
            pen.arc((x, -10), (21, 17), 0, 360, (40, 34, 30), 3)
    if look.glasses:
        pen.arc((0, -12), (5, 3), 180, 360, (40, 34, 30), 3)


def _mouth(pen: _Pen, look: Look, opening: int) -> None:
    lip = (82, 78, 168)
    half = (3, 7, 12, 17)[opening]
    pen.ellipse((0, 47), (25 - 2 * opening, half + 3), lip)
    if opening:
        pen.ellipse((0, 47), (20 - 2 * opening, half), (28, 20, 60))
        if opening > 1:
            pen.ellipse((0, 47 - half + 3), (13, 3), (238, 240, 242))
    else:
        pen.arc((0, 44), (23, 5), 20, 160, (38, 30, 84), 2)


def _darker(colour: Colour, share: float) -> Colour:
    blue, green, red = (round(part * share) for part in colour)
    return blue, green, red


Pair = tuple[float, float]
Place = tuple[slice, slice]


class _Pen:
    """Draws around the middle of the face."""

    def __init__(self) -> None:
        import numpy as np

        self._color = np.zeros((HEIGHT * LARGE, WIDTH * LARGE, 3), np.float32)
        self._alpha = np.zeros((HEIGHT * LARGE, WIDTH * LARGE), np.float32)

    def ellipse(self, at: Pair, axes: Pair, colour: Colour) -> None:
        """Filled, with an edge that is smooth once it is made smaller."""
        self._paint(*self._mask(at, axes, 0, 360, -1), colour)

    def arc(self, at: Pair, axes: Pair, start: float, end: float, colour: Colour, width: int) -> None:
        """A part of an outline; degrees clockwise from the right."""
        self._paint(*self._mask(at, axes, start, end, width * LARGE), colour)

    def soft(self, at: Pair, axes: Pair, colour: Colour, share: float) -> None:
        """A shadow or a light without an edge, on what is there already."""
        import cv2

        place, mask = self._mask(at, axes, 0, 360, -1)
        mask = cv2.GaussianBlur(mask, (0, 0), min(axes) * LARGE * 0.45) * share * self._alpha[place]
        self._color[place] += (self._flat(colour) - self._color[place]) * mask[..., None]

    def hair(self, look: Look) -> None:
        """The fringe: hair over the upper part of the forehead, cut off below by a wide ellipse of none."""
        import numpy as np

        place, top = self._mask((0, -16), (66, 74), 0, 360, -1)
        bare = np.zeros(self._alpha.shape, np.float32)
        there, below = self._mask((6, 22), (62, 72), 0, 360, -1)
        bare[there] = below
        self._paint(place, np.clip(top - bare[place], 0, 1), look.hair)

    def finish(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Colours and coverage."""
        return self._color, self._alpha

    def _paint(self, place: Place, mask: NDArray[Any], colour: Colour) -> None:
        import numpy as np

        self._color[place] += (self._flat(colour) - self._color[place]) * mask[..., None]
        self._alpha[place] = np.maximum(self._alpha[place], mask)

    def _mask(self, at: Pair, axes: Pair, start: float, end: float, width: int) -> tuple[Place, NDArray[Any]]:
        """An ellipse, from 0 to 1, and the part of the figure that it is in, with room for a soft edge."""
        import cv2
        import numpy as np

        x, y = round((CENTRE[0] + at[0]) * LARGE), round((CENTRE[1] + at[1]) * LARGE)
        across, down = round(axes[0] * LARGE), round(axes[1] * LARGE)
        rim = max(width, 0) + 2 * min(across, down) + 4
        left, top = max(0, x - across - rim), max(0, y - down - rim)
        right, low = min(WIDTH * LARGE, x + across + rim), min(HEIGHT * LARGE, y + down + rim)
        mask = np.zeros((low - top, right - left), np.uint8)
        cv2.ellipse(mask, (x - left, y - top), (across, down), 0, start, end, 255, width, cv2.LINE_AA)
        return (slice(top, low), slice(left, right)), mask.astype(np.float32) / 255

    @staticmethod
    def _flat(colour: Colour) -> NDArray[Any]:
        import numpy as np

        return np.array(colour, np.float32)
