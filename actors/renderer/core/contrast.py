"""How well colours stand apart: relative luminance and contrast of WCAG 2.2 (W3C, definitions in section 6).

Colours are sRGB from 0 to 255. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from __future__ import annotations

__all__ = ["LEAST", "brightest_behind", "contrast", "luminance"]

LEAST = 4.5
"""Contrast of running text at level AA (WCAG 2.2, success criterion 1.4.3)."""


def luminance(color: tuple[float, float, float]) -> float:
    """Relative luminance, from 0 (black) to 1 (white)."""
    red, green, blue = (_linear(value / 255) for value in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Contrast of two colours, from 1 (none) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def brightest_behind(color: tuple[float, float, float], ratio: float = LEAST) -> float:
    """The greatest luminance of a ground against which a light colour still has a contrast; below 0: none."""
    return (luminance(color) + 0.05) / ratio - 0.05
