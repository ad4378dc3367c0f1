"""Grades: a curve for luma, a curve for chroma, and a tint that depends on luma; all in YUV and in limited range.

A grade is written on a scale from 0 (black) to 1 (white). The curves run in libavfilter's `lutyuv`; the tint, which
needs luma and chroma together, is painted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from actors.renderer.adapters.looks.look import Filter, Instant, Look, Plane

__all__ = ["Grade", "Values", "keep_chroma", "s_curve"]

Values = np.ndarray[Any, np.dtype[np.float64]]
_CODES = np.arange(256)
DEGREE = 9
TOLERANCE = 0.5
"""Codes by which the polynomial that `lutyuv` evaluates may be off the curve."""


class Grade(Look):
    """The base of the grades. What `luma`, `chroma` and `tint` return is mixed in by strength."""

    def __init__(self, use: Any, size: tuple[int, int], fps: float) -> None:
        super().__init__(use, size, fps)
        light = np.clip((_CODES - 16) / 219, 0.0, 1.0)
        self._luma = 16 + 219 * np.clip(self.luma(light), 0, 1)
        colour = (_CODES - 128) / 112
        self._chroma = np.clip(128 + 112 * self.chroma(colour), 16, 240)
        blue, red = self.tint(light)
        self._tints = [np.rint(each).astype(np.int8).tobytes() for each in (blue, red)]
        self._tinted = bool(np.any(np.abs(blue) >= 0.5) or np.any(np.abs(red) >= 0.5))

    def luma(self, light: Values) -> Values:
        """Light out for light in, 0 to 1."""
        return light

    def chroma(self, colour: Values) -> Values:
        """Colour out for colour in: Cb or Cr, -1 to 1."""
        return colour

    def tint(self, light: Values) -> tuple[Values, Values]:
        """What is added to Cb and Cr (codes, at most 30) where the picture has this light."""
        return np.zeros_like(light), np.zeros_like(light)

    def filters(self) -> tuple[Filter, ...]:
        chroma = _expression(self._chroma)
        return (("lutyuv", f"y={_expression(self._luma)}:u={chroma}:v={chroma}"),)

    def paint(self, planes: list[Plane], at: Instant) -> None:
        if not self._tinted:
            return
        luma = planes[0][::2, ::2].tobytes()
        for plane, tint in zip(planes[1:], self._tints, strict=True):
            added = np.frombuffer(luma.translate(tint), np.int8).reshape(plane.shape)
            moved = np.add(plane, added, dtype=np.int16)
            np.clip(moved, 16, 240, out=moved)
            plane[:] = moved


def s_curve(light: Values, amount: float, pivot: float = 0.42) -> Values:
    """More contrast around `pivot`, softly running out at black and white; `amount` from 0 to 1.

    A power on each side of the pivot, so that black, pivot and white stay where they are.
    """
    power = 1 + amount
    below = pivot * (np.clip(light, 0, pivot) / pivot) ** power
    above = 1 - (1 - pivot) * ((1 - np.clip(light, pivot, 1)) / (1 - pivot)) ** power
    return np.where(light < pivot, below, above)


def keep_chroma(planes: list[Plane]) -> None:
    """Chroma of the limited range: `hue` clips at 0 and 255 only."""
    for plane in planes[1:]:
        np.clip(plane, 16, 240, out=plane)


def _expression(table: Values) -> str:
    """A table of 256 as an expression in `val`: a polynomial in Horner's form, of the lowest degree that is enough."""
    place = (_CODES - 128) / 128
    inside = (_CODES >= 16) & (_CODES <= 235)
    for degree in range(1, DEGREE + 1):
        factors = np.polynomial.polynomial.polyfit(place[inside], table[inside], degree)
        fitted = np.polynomial.polynomial.polyval(place, factors)
        if np.abs(fitted - table)[inside].max() < TOLERANCE:
            break
    horner = f"{factors[-1]:.4f}"
    for factor in factors[-2::-1]:
        horner = f"({horner})*ld(0){factor:+.4f}"
    low, high = table.min(), table.max()
    return f"st(0,(val-128)/128);clip({horner},{low:.3f},{high:.3f})+0.5"
