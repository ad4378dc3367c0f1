"""Grades: a curve for luma, a curve for chroma, and a tint that depends on luma; all in YUV and in limited range.

A grade is written on a scale from 0 (black) to 1 (white), and becomes four tables of 256 bytes. They are applied with
`bytes.translate`, strip by strip: as fast as libavfilter's `lutyuv`, exact, and ready at once, where that filter takes
up to a tenth of a second to set up, for each segment. A table that changes nothing costs nothing.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from actors.renderer.adapters.looks.look import Instant, Look, Plane
from contracts.style import LookUse

__all__ = ["Grade", "Values", "s_curve", "turn_hue"]

Values = np.ndarray[Any, np.dtype[np.float64]]
ROWS = 256
"""Rows of luma that are worked on together: they stay in the cache."""
_CODES = np.arange(256)
_SAME = bytes(range(256))


class Grade(Look):
    """The base of the grades. Its methods say how much of it is wanted at `self.strength`."""

    def __init__(self, use: LookUse, size: tuple[int, int], fps: float) -> None:
        super().__init__(use, size, fps)
        light, colour = np.clip((_CODES - 16) / 219, 0.0, 1.0), (_CODES - 128) / 112
        curve, colours = self.luma(light), self.chroma(colour)
        self._luma = _SAME if curve is light else _table(np.clip(16 + 219 * curve, 16, 235))
        self._chroma = _SAME if colours is colour else _table(np.clip(128 + 112 * colours, 16, 240))
        self._gain = round(128 * self.saturation())
        self._tints = [np.rint(each).astype(np.int8).tobytes() for each in self.tint(light)]
        self._tinted = any(any(tint) for tint in self._tints)

    def luma(self, light: Values) -> Values:
        """Light out for light in, 0 to 1."""
        return light

    def chroma(self, colour: Values) -> Values:
        """Colour out for colour in: Cb or Cr, -1 to 1; where a saturation is not enough."""
        return colour

    def saturation(self) -> float:
        """Share of the colour that is kept, 0 to 1."""
        return 1.0

    def tint(self, light: Values) -> tuple[Values, Values]:
        """What is added to Cb and Cr (codes, at most 30) where the picture has this light, after the luma curve."""
        return np.zeros_like(light), np.zeros_like(light)

    def paint(self, planes: list[Plane], at: Instant) -> None:
        for top in range(0, self.height, ROWS):
            luma = planes[0][top : top + ROWS]
            _map(luma, self._luma)
            below = luma[::2, ::2].tobytes() if self._tinted else b""
            for plane, tint in zip(planes[1:], self._tints, strict=True):
                rows = plane[top // 2 : top // 2 + ROWS // 2]
                _map(rows, self._chroma)
                self._colour(rows, below.translate(tint))

    def _colour(self, rows: Plane, tint: bytes) -> None:
        """Saturation, in 128ths, and tint."""
        if self._gain == 128 and not self._tinted:
            return
        if self._gain == 0 and not self._tinted:
            rows[:] = 128
            return
        moved = rows.astype(np.int16)
        if self._gain != 128:
            moved *= self._gain
            moved += 64 + 128 * (128 - self._gain)
            moved >>= 7
        if tint:
            moved += np.frombuffer(tint, np.int8).reshape(rows.shape)
        np.clip(moved, 16, 240, out=moved)
        np.copyto(rows, moved, casting="unsafe")


def s_curve(light: Values, amount: float, pivot: float = 0.42) -> Values:
    """More contrast around `pivot`, softly running out at black and white; `amount` from 0 to 1.

    A power on each side of the pivot, so that black, pivot and white stay where they are.
    """
    power = 1 + amount
    below = pivot * (np.clip(light, 0, pivot) / pivot) ** power
    above = 1 - (1 - pivot) * ((1 - np.clip(light, pivot, 1)) / (1 - pivot)) ** power
    return np.where(light < pivot, below, above)


def turn_hue(planes: list[Plane], degrees: float) -> None:
    """Turn every colour around the wheel, in place: a rotation of Cb and Cr, in 7 fractional bits."""
    along, across = (round(128 * part) for part in (math.cos(math.radians(degrees)), math.sin(math.radians(degrees))))
    for top in range(0, planes[1].shape[0], ROWS):
        rows = [plane[top : top + ROWS] for plane in planes[1:]]
        blue, red = (each.astype(np.int16) - 128 for each in rows)
        _put(rows[0], blue * along - red * across)
        _put(rows[1], red * along + blue * across)


def _put(rows: Plane, colour: Any) -> None:
    """Colour in 128ths around zero, as codes of the limited range."""
    colour += 64
    colour >>= 7
    colour += 128
    np.clip(colour, 16, 240, out=colour)
    np.copyto(rows, colour, casting="unsafe")


def _table(values: Values) -> bytes:
    return np.rint(values).astype(np.uint8).tobytes()


def _map(rows: Plane, table: bytes) -> None:
    if table != _SAME:
        rows[:] = np.frombuffer(rows.tobytes().translate(table), np.uint8).reshape(rows.shape)
