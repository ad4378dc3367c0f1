"""What moves behind the presenter, one idea per scene."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from cli.sample.figure import smooth

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw

__all__ = ["PROPS", "Placed", "disc"]

Placed = tuple["Picture", float, float]
"""A picture, and where its middle goes."""

Prop = Callable[[str, float, float, Sequence[float]], Iterator[Placed]]
"""(accent, seconds into the scene, share of the scene, loudness of the last frames, newest last) -> what is drawn."""


@lru_cache(maxsize=128)
def disc(radius: int, fill: str, ring: str | None = None) -> Picture:
    """A filled circle, with a ring around it if `ring` is given."""

    def draw(pen: ImageDraw, k: int) -> None:
        edge = 2 * radius * k - 1
        pen.ellipse((0, 0, edge, edge), fill=fill, outline=ring, width=7 * k if ring else 0)

    return smooth((2 * radius, 2 * radius), draw)


@lru_cache(maxsize=128)
def _plate(width: int, height: int, corner: int, fill: str, ring: str | None = None) -> Picture:
    def draw(pen: ImageDraw, k: int) -> None:
        pen.rounded_rectangle((0, 0, width * k - 1, height * k - 1), corner * k, fill=fill, outline=ring, width=5 * k)

    return smooth((width, height), draw)


@lru_cache(maxsize=64)
def _hand(step: int, of: int, accent: str) -> Picture:
    def draw(pen: ImageDraw, k: int) -> None:
        turn = 2 * math.pi * step / of
        end = ((130 + 104 * math.sin(turn)) * k, (130 - 104 * math.cos(turn)) * k)
        pen.line([(130 * k, 130 * k), end], fill=accent, width=9 * k)
        pen.ellipse((118 * k, 118 * k, 142 * k, 142 * k), fill=accent)

    return smooth((260, 260), draw)


def _clock(accent: str, t: float, _share: float, _loud: Sequence[float]) -> Iterator[Placed]:
    for x, y, start in ((215.0, 250.0, 0), (1065.0, 300.0, 20)):
        yield disc(130, "#ffffff1e", "#ffffffb0"), x, y
        for mark in range(12):
            turn = math.pi * mark / 6
            yield disc(6, "#ffffffb0"), x + 108 * math.sin(turn), y - 108 * math.cos(turn)
        yield _hand((int(t * 20) + start) % 60, 60, accent), x, y  # one turn in three seconds


def _phones(accent: str, t: float, _share: float, _loud: Sequence[float]) -> Iterator[Placed]:
    for number in range(5):
        x = (number * 290 + t * 34) % 1480 - 100
        y = 300 + 40 * math.sin(t * 0.7 + number)
        yield _plate(178, 330, 30, "#ffffff16", "#ffffffa0"), x, y
        yield _plate(140, 88, 10, "#ffffff30"), x, y
        yield disc(22, accent), x + 44 * math.sin(t * 1.3 + number), y


def _pills(accent: str, t: float, _share: float, _loud: Sequence[float]) -> Iterator[Placed]:
    widths = (120, 190, 90, 150, 210, 110, 170, 130)
    lit = int(t * 2.6) % 24
    for row in range(3):
        x = 30.0
        for column, width in enumerate(widths):
            number = row * len(widths) + column
            fill = accent if number == lit else ("#ffffff58" if number < lit else "#ffffff22")
            yield _plate(width, 54, 27, fill), x + width / 2, 130 + row * 120
            x += width + 14


def _boxes(accent: str, t: float, share: float, _loud: Sequence[float]) -> Iterator[Placed]:
    dark = 0.22 < share < 0.55  # the power fails, and comes back
    for number in range(6):
        x, y = 120 + 208 * number, 330
        yield _plate(164, 420, 22, "#00000070" if dark else "#ffffff26", "#ffffff70"), x, y
        for row in range(5):
            on = not dark and (int(t * 5) + number * 3 + row * 5) % 7 < 4
            yield _plate(104, 22, 11, "#ffffff18"), x, y - 160 + row * 80
            yield disc(9, accent if on else "#00000060"), x + 38, y - 160 + row * 80


def _packets(accent: str, t: float, _share: float, _loud: Sequence[float]) -> Iterator[Placed]:
    for lane, y in enumerate((140, 290, 440)):
        yield _plate(1240, 8, 4, "#ffffff38"), 640, y
        for station in range(4):
            yield disc(30, "#0c2340", "#ffffffb0"), 160 + station * 320, y
        for packet in range(5):
            x = (packet * 270 + t * (120 + 40 * lane) + lane * 90) % 1350 - 35
            yield _plate(46, 34, 9, accent), x, y


def _seal(accent: str, t: float, share: float, _loud: Sequence[float]) -> Iterator[Placed]:
    shown = min(5, 1 + int(share * 12)) if share < 0.45 else 1  # five copies, until the claim
    for copy in range(shown):
        x = 190 + copy * 225 + (450 if shown == 1 else 0)
        y = 250 + 22 * math.sin(t * 2 + copy)
        yield _plate(190, 132, 16, "#ffffff30", "#ffffffc0"), x, y
        yield disc(26, accent), x, y
    for side in (110.0, 1170.0):
        radius = 66 + int(6 * math.sin(t * 3))
        yield disc(radius, "#ffffff14", accent), side, 470


def _bars(accent: str, _t: float, _share: float, loud: Sequence[float]) -> Iterator[Placed]:
    for number in range(32):
        level = loud[-1 - (number if number < 16 else 31 - number)] if len(loud) >= 16 else 0.0
        height = 24 + 8 * round(level * 46)
        yield _plate(26, height, 13, accent if height > 260 else "#ffffff66"), 26 + 39.6 * number, 300


def _rising(accent: str, t: float, _share: float, _loud: Sequence[float]) -> Iterator[Placed]:
    for number in range(22):
        radius = 14 + (number * 7) % 38
        x = (number * 173) % 1280 + 26 * math.sin(t + number)
        y = 760 - (t * (40 + (number * 13) % 50) + number * 97) % 860
        yield disc(radius, accent if number % 4 == 0 else "#ffffff40"), x, y


PROPS: dict[str, Prop] = {
    "clock": _clock,
    "phones": _phones,
    "pills": _pills,
    "boxes": _boxes,
    "packets": _packets,
    "seal": _seal,
    "bars": _bars,
    "rising": _rising,
}
