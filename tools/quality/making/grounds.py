"""What is behind the people: rooms, slides, streets, and the desktop of a screen recording."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["desk", "room", "slide", "street"]

ROOM = (1280, 720)
"""Pixels of a whole room; a camera shows a part of it."""
Size = tuple[int, int]
Part = tuple[float, float, float]
"""Left, top and width of what a camera shows; shares of the room's width and height."""


@lru_cache(maxsize=24)
def room(seed: int, part: Part, size: Size) -> NDArray[Any]:
    """A part of room `seed` as a picture of `size` (width, height). What is near the camera blurs what is behind."""
    import cv2
    import numpy as np

    whole = _room(seed)
    left, top, width = (
        round(part[0] * ROOM[0]),
        round(part[1] * ROOM[1]),
        round(part[2] * ROOM[0]),
    )
    height = min(round(width * size[1] / size[0]), ROOM[1] - top)
    width = round(height * size[0] / size[1])
    picture = cv2.resize(whole[top : top + height, left : left + width], size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(cv2.GaussianBlur(picture, (0, 0), 0.6 / max(0.2, part[2])))


@lru_cache(maxsize=4)
def _room(seed: int) -> NDArray[Any]:
    import cv2
    import numpy as np

    rng = np.random.default_rng(seed)
    width, height = ROOM
    wall, floor = rng.uniform(90, 190) + rng.uniform(-30, 30, 3), rng.uniform(50, 110) + rng.uniform(-20, 20, 3)
    down = np.linspace(1.1, 0.75, height)[:, None, None]
    picture = np.broadcast_to(wall, (height, width, 3)) * down
    picture[int(0.8 * height) :] = floor
    for _ in range(int(rng.integers(9, 14))):
        x, y = int(rng.integers(0, width)), int(rng.integers(60, 560))
        w, h = int(rng.integers(60, 240)), int(rng.integers(50, 230))
        colour = tuple(float(v) for v in rng.uniform(30, 225, 3))
        cv2.rectangle(picture, (x, y), (x + w, y + h), colour, -1)
        cv2.rectangle(picture, (x, y), (x + w, y + h), tuple(0.6 * v for v in colour), 5)
        for line in range(y + 14, y + h - 6, int(rng.integers(14, 40))):
            cv2.line(picture, (x + 8, line), (x + w - 8, line), tuple(0.75 * v for v in colour), 3)
    grain = cv2.GaussianBlur(rng.normal(0, 22, (height, width, 1)).astype(np.float32), (0, 0), 1.2)
    return np.clip(picture + grain[..., None], 0, 255).astype(np.uint8)


@lru_cache(maxsize=24)
def slide(seed: int, size: Size) -> NDArray[Any]:
    """A page that fills the picture: a heading, lines, and a chart of bars."""
    import cv2
    import numpy as np

    rng = np.random.default_rng(seed)
    width, height = size
    paper = rng.choice([(245, 245, 240), (60, 40, 30), (225, 235, 250)])
    ink = tuple(int(v) for v in (40, 40, 40)) if paper[0] > 128 else (230, 230, 230)
    picture = np.full((height, width, 3), paper, np.uint8)
    _text(picture, _letters(rng, 14), (width // 16, height // 7), height / 360, ink, 2)
    for line in range(5):
        _text(picture, _letters(rng, 22), (width // 16, int(height * (0.3 + 0.12 * line))), height / 640, ink, 1)
    for bar in range(5):
        x, tall = int(width * (0.62 + 0.065 * bar)), int(rng.uniform(0.1, 0.5) * height)
        colour = tuple(int(v) for v in rng.uniform(40, 220, 3))
        cv2.rectangle(picture, (x, int(0.85 * height) - tall), (x + width // 22, int(0.85 * height)), colour, -1)
    return picture


def street(seed: int, t: float, size: Size) -> NDArray[Any]:
    """A street under a sky, with cars that pass; nobody is seen in it."""
    import cv2

    picture = _street(seed, size).copy()
    width, height = size
    for car in range(3):
        pace = (0.12 + 0.07 * ((seed + car) % 3)) * (1 if car % 2 else -1)
        x = int(((0.3 * car + 0.11 * seed + pace * t) % 1.3 - 0.15) * width)
        y, long = int(height * (0.66 + 0.09 * car)), width // 7
        colour = ((seed * 53 + car * 97) % 200 + 30, (seed * 31 + car * 61) % 200 + 30, (car * 80 + 60) % 255)
        cv2.rectangle(picture, (x, y), (x + long, y + height // 14), colour, -1)
        cv2.rectangle(picture, (x + long // 4, y - height // 22), (x + 3 * long // 4, y), colour, -1)
    return picture


@lru_cache(maxsize=24)
def _street(seed: int, size: Size) -> NDArray[Any]:
    import cv2
    import numpy as np

    rng = np.random.default_rng(seed + 500)
    width, height = size
    top, low = rng.uniform(120, 255, 3), rng.uniform(60, 200, 3)
    down = np.linspace(0, 1, height)[:, None, None]
    picture = np.ascontiguousarray(np.broadcast_to(top * (1 - down) + low * down, (height, width, 3)))
    for _ in range(9):
        x, w = int(rng.integers(0, width)), int(rng.integers(width // 14, width // 5))
        tall = int(rng.uniform(0.15, 0.5) * height)
        colour = tuple(float(v) for v in rng.uniform(20, 170, 3))
        cv2.rectangle(picture, (x, int(0.6 * height) - tall), (x + w, int(0.6 * height)), colour, -1)
    picture[int(0.6 * height) :] = rng.uniform(50, 110)
    return np.clip(picture + rng.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)


def desk(seed: int, t: float, size: Size) -> NDArray[Any]:
    """A desktop with an editor in which a text is typed, eleven letters a second, and a pointer that moves."""
    import cv2
    import numpy as np

    picture = _desk(seed, size).copy()
    width, height = size
    typed, row = int(t * 11), 0
    pitch, first = height // 24, int(t * 11) // 46 - 14
    for row in range(max(0, first), typed // 46 + 1):
        text = _row(seed * 1000 + row)[: max(0, typed - row * 46)]
        y = int(height * 0.16) + (row - max(0, first)) * pitch
        colour = ((220, 220, 210), (140, 220, 160), (230, 190, 120))[row % 3]
        _text(picture, text, (int(width * 0.17), y), height / 900, colour, 1)
    x = int(width * (0.4 + 0.2 * np.sin(t * 0.7)))
    y = int(height * (0.5 + 0.2 * np.sin(t * 0.45)))
    cv2.fillConvexPoly(picture, np.array([(x, y), (x + 9, y + 9), (x, y + 13)]), (250, 250, 250))
    return picture


@lru_cache(maxsize=4)
def _desk(seed: int, size: Size) -> NDArray[Any]:
    import cv2
    import numpy as np

    rng = np.random.default_rng(seed + 900)
    width, height = size
    picture = np.full((height, width, 3), (44, 40, 38), np.uint8)
    cv2.rectangle(picture, (0, 0), (width, height // 16), (70, 64, 60), -1)
    cv2.rectangle(picture, (0, height // 16), (int(0.15 * width), height), (58, 52, 48), -1)
    for line in range(14):
        _text(picture, _letters(rng, 10), (8, int(height * (0.12 + 0.058 * line))), height / 1000, (190, 190, 190), 1)
    return picture


@lru_cache(maxsize=256)
def _row(seed: int) -> str:
    import numpy as np

    return _letters(np.random.default_rng(seed), 46)


def _letters(rng: Any, count: int) -> str:
    return "".join(rng.choice(list("aeinorstldmk    ")) for _ in range(count)).strip().capitalize()


def _text(picture: NDArray[Any], text: str, at: Size, scale: float, ink: Any, width: int) -> None:
    import cv2

    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, tuple(map(int, ink)), width, cv2.LINE_AA)
