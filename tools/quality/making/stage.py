"""Draws the pictures of a talk, and says where the faces are in them."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

from tools.quality.making.direction import Film, Seat, Shot, Way
from tools.quality.making.figure import Look, Sprite, sprite
from tools.quality.making.grounds import desk, room, slide, street
from tools.quality.making.script import Script
from tools.quality.making.sound import RATE, Track
from tools.quality.making.truth import Face, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Stage"]

MARGIN = 16
"""Pixels around a picture that is held by hand."""
PANNED = 0.4
"""Share of the picture's width by which a ground is wider where the camera pans."""
SOFT = {"dissolve": 0.4, "fade": 0.5}
"""Seconds before and after the middle of a soft transition."""
INSET = (0.72, 0.66, 0.26, 0.31)
"""Left, top, width and height of the small picture of a speaker; shares."""
DIMMED = 0.55
LEAST_SEEN = 0.7
"""Share of a face that must be in the picture for it to count."""

_SKINS = ((132, 172, 226), (110, 150, 206), (150, 190, 238), (84, 118, 172))
_HAIRS = ((24, 30, 44), (30, 52, 84), (60, 96, 140), (40, 40, 46), (120, 124, 130))
_CLOTHES = ((120, 60, 30), (40, 40, 130), (60, 100, 50), (70, 70, 70), (150, 130, 40), (110, 50, 110))


class Stage:
    """Every picture of a talk, drawn when it is asked for."""

    def __init__(self, script: Script, film: Film, track: Track) -> None:
        kind = script.kind
        self.width, self.height = kind.size
        self.fps = kind.fps
        self.frames = int(track.duration * self.fps)
        self.shots = tuple(shot for shot in film.shots if round(shot.start * self.fps) < self.frames)
        self.decoys = film.decoys
        tall = round(self.width / kind.bars / 2) * 2 if kind.bars else self.height
        self._size = (self.width, tall)
        self._first = [round(shot.start * self.fps) for shot in self.shots]
        self._dimmings = [span.start for span in film.decoys if span.kind == "light"]
        self._flashes = [span for span in film.decoys if span.kind == "flash"]
        self._looks = _looks(script.seed)
        self._mouths = _mouths(track, self.frames, self.fps)
        self._noise = _noise(kind.size, script.seed)

    @property
    def cuts(self) -> tuple[float, ...]:
        """Seconds of the first pictures of shots that begin with a hard cut."""
        pairs = list(zip(self.shots, self._first, strict=True))[1:]
        return tuple(round(first / self.fps, 4) for shot, first in pairs if shot.join == "cut")

    @property
    def soft(self) -> tuple[Span, ...]:
        """Dissolves and fades."""
        return tuple(
            Span(kind=shot.join, start=first / self.fps - SOFT[shot.join], end=first / self.fps + SOFT[shot.join])
            for shot, first in zip(self.shots, self._first, strict=True)
            if shot.join != "cut"
        )

    def draw(self, number: int) -> NDArray[Any]:
        """Picture `number`: blue, green, red, of shape (height, width, 3)."""
        import cv2

        t, shown = number / self.fps, bisect_right(self._first, number) - 1
        inner = self._joined(number, t, shown)
        if len(self._dimmings) and (level := self._level(t)) < 1:
            inner = cv2.convertScaleAbs(inner, alpha=level)
        if any(span.start <= t < span.end for span in self._flashes):
            inner = cv2.convertScaleAbs(inner, alpha=0.15, beta=210)
        if self._size[1] < self.height:
            bar = (self.height - self._size[1]) // 2
            inner = cv2.copyMakeBorder(inner, bar, self.height - self._size[1] - bar, 0, 0, cv2.BORDER_CONSTANT)
        picture: NDArray[Any] = cv2.add(inner, self._noise[number % len(self._noise)])
        return picture

    def faces(self, number: int) -> tuple[Face, ...]:
        """The faces in picture `number` that can be seen for the most part."""
        t, shot = number / self.fps, self.shots[bisect_right(self._first, number) - 1]
        bar = (self.height - self._size[1]) / 2 / self.height
        share = self._size[1] / self.height
        out = []
        for seat in shot.seats:
            left, top, wide, tall = self._face(shot, seat, t)
            right, bottom = min(1.0, left + wide), min(1.0, top + tall)
            left, top = max(0.0, left), max(0.0, top)
            if right > left and bottom > top and (right - left) * (bottom - top) >= LEAST_SEEN * wide * tall:
                out.append(
                    Face(
                        person=seat.person,
                        x=round(left, 4),
                        y=round(bar + share * top, 4),
                        width=round(right - left, 4),
                        height=round(share * (bottom - top), 4),
                    )
                )
        return tuple(out)

    # one picture

    def _joined(self, number: int, t: float, shown: int) -> NDArray[Any]:
        """The shot that is on, blended with its neighbour where they join softly."""
        import cv2

        here = self._composed(self.shots[shown], t)
        for index in (shown, shown + 1):
            if not 0 < index < len(self.shots) or self.shots[index].join == "cut":
                continue
            join, off = self.shots[index].join, t - self._first[index] / self.fps
            half = SOFT[join]
            if abs(off) >= half:
                continue
            if join == "fade":
                return cv2.convertScaleAbs(here, alpha=abs(off) / half)
            other = self._composed(self.shots[index - 1 if index == shown else index], t)
            share = 0.5 + abs(off) / half / 2
            return cv2.addWeighted(here, share, other, 1 - share, 0)
        return here

    def _composed(self, shot: Shot, t: float) -> NDArray[Any]:
        if shot.ground == "slide":
            return slide(shot.seed, self._size).copy()
        if shot.ground == "street":
            return street(shot.seed, t, self._size)
        if shot.ground == "desk":
            picture = desk(shot.seed, t - shot.start, self._size)
            self._inset(picture, shot, t)
            return picture
        width, height = self._size
        margin = MARGIN if shot.shake else 0
        extra = round(PANNED * width) if len(shot.pan) > 1 else 0
        ground = room(shot.seed, shot.part, (width + 2 * margin + extra, height + 2 * margin))
        x, y = self._look(shot, t)
        view = ground[margin + y : margin + y + height, margin + x : margin + x + width].copy()
        for seat in shot.seats:
            self._paste(view, seat, t, width, (x, y))
        return view

    def _look(self, shot: Shot, t: float) -> tuple[int, int]:
        """Pixels that the camera looks to the right and down."""
        x = _at(shot.pan, t) * self._size[0]
        if not shot.shake:
            return round(x), 0
        reach = min(MARGIN, shot.shake * self._size[0])
        x += reach * (0.6 * math.sin(2.3 * t + shot.seed) + 0.4 * math.sin(5.9 * t))
        return round(x), round(reach * (0.6 * math.sin(1.9 * t) + 0.4 * math.sin(6.7 * t + 1)))

    def _inset(self, picture: NDArray[Any], shot: Shot, t: float) -> None:
        import cv2

        width, height = self._size
        left, top = round(INSET[0] * width), round(INSET[1] * height)
        size = (round(INSET[2] * width), round(INSET[3] * height))
        small = room(shot.seed, (0.2, 0.1, 0.5), size).copy()
        for seat in shot.seats:
            self._paste(small, seat, t, size[0], (0, 0))
        picture[top : top + size[1], left : left + size[0]] = small
        cv2.rectangle(picture, (left, top), (left + size[0], top + size[1]), (200, 200, 200), 1)

    def _paste(self, view: NDArray[Any], seat: Seat, t: float, width: int, off: tuple[int, int]) -> None:
        import cv2

        drawn = self._sprite(seat, t, width)
        x, y = self._middle(seat, t, width, view.shape[0])
        left, top = round(x) - drawn.x - off[0], round(y) - drawn.y - off[1]
        a, b = max(0, left), max(0, top)
        c, d = min(view.shape[1], left + drawn.color.shape[1]), min(view.shape[0], top + drawn.color.shape[0])
        if c <= a or d <= b:
            return
        place = (slice(b - top, d - top), slice(a - left, c - left))
        behind = cv2.multiply(view[b:d, a:c], drawn.rest[place], scale=1 / 255)
        view[b:d, a:c] = cv2.add(behind, drawn.color[place])

    def _sprite(self, seat: Seat, t: float, width: int) -> Sprite:
        number = min(self.frames - 1, round(t * self.fps))
        mouth = self._mouths[seat.person][number]
        blink = (t + 1.3 * seat.person) % 3.7 < 0.13
        return sprite(self._looks[seat.person], round(seat.face * width), mouth, blink, seat.person == 1)

    def _middle(self, seat: Seat, t: float, width: int, height: int) -> tuple[float, float]:
        """Pixels of the middle of a face: where the seat is, and a little sway."""
        size = seat.face * width
        x = _at(seat.x, t) * width + 0.06 * size * math.sin(1.1 * t + seat.person)
        return x, seat.y * height + 0.03 * size * math.sin(1.7 * t + 2 * seat.person)

    def _face(self, shot: Shot, seat: Seat, t: float) -> tuple[float, float, float, float]:
        """Left, top, width and height; shares of the picture between the bars."""
        width, height = self._size
        inside = (round(INSET[2] * width), round(INSET[3] * height)) if shot.inset else (width, height)
        wide, tall = self._sprite(seat, t, inside[0]).face
        x, y = self._middle(seat, t, *inside)
        if shot.inset:
            off: tuple[float, float] = (-round(INSET[0] * width), -round(INSET[1] * height))
        else:
            off = self._look(shot, t)
        return (x - off[0] - wide / 2) / width, (y - off[1] - tall / 2) / height, wide / width, tall / height

    def _level(self, t: float) -> float:
        """How bright it is: every change of the light takes a fifth of a second, and stays."""
        passed = bisect_right(self._dimmings, t)
        levels = (1.0, DIMMED)
        if not passed:
            return 1.0
        share = min(1.0, (t - self._dimmings[passed - 1]) / 0.2)
        return levels[(passed - 1) % 2] * (1 - share) + levels[passed % 2] * share


def _at(way: Way, t: float) -> float:
    """The value of a way at `t`; it starts and stops softly."""
    if t <= way[0][0]:
        return way[0][1]
    for (since, a), (until, b) in pairwise(way):
        if t < until:
            share = (t - since) / (until - since)
            return a + (b - a) * share * share * (3 - 2 * share)
    return way[-1][1]


def _looks(seed: int) -> tuple[Look, Look]:
    rng = Random(f"looks {seed}")
    hairs, clothes = rng.sample(_HAIRS, 2), rng.sample(_CLOTHES, 2)
    first, second = (
        Look(
            skin=rng.choice(_SKINS),
            hair=hairs[index],
            clothes=clothes[index],
            long_hair=(rng.random() < 0.5),
            glasses=rng.random() < 0.25,
            beard=rng.random() < 0.2,
        )
        for index in range(2)
    )
    return first, second


def _mouths(track: Track, frames: int, fps: int) -> tuple[list[int], list[int]]:
    """How wide both people open their mouths in every picture: as loud as they speak just then."""
    import numpy as np

    mouths = ([0] * frames, [0] * frames)
    for told in track.told:
        first, last = math.ceil(told.start * fps), min(frames - 1, int(told.end * fps))
        levels = []
        for number in range(first, last + 1):
            at = round(number / fps * RATE)
            heard = track.samples[max(0, at - RATE // 50) : at + RATE // 50]
            levels.append(float(np.sqrt((heard**2).mean())) if len(heard) else 0.0)
        loudest = max(levels, default=0.0) or 1.0
        if told.words:
            for number, level in zip(range(first, last + 1), levels, strict=True):
                mouths[told.line.speaker][number] = min(3, int(level / loudest * 5))
    return mouths


def _noise(size: tuple[int, int], seed: int) -> list[NDArray[Any]]:
    """Grain of the camera, a few pictures of it."""
    import numpy as np

    rng = np.random.default_rng(seed)
    return [np.clip(rng.normal(3, 1.6, (size[1], size[0], 3)), 0, 255).astype(np.uint8) for _ in range(4)]
