"""What a caption style decides. Lengths are pixels of a picture whose shorter side is 1080."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Look", "Rgb"]

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """Size and colours (sRGB, 0 to 255) of a caption."""

    em: float
    outline: float
    text: Rgb
    active: Rgb
    border: Rgb
    max_width: float
    """Share of the picture's width that a line may take."""
    line: float
    """Distance of two lines, in em."""
