"""What a caption style decides. Lengths are pixels of a picture whose shorter side is 1080; colours are sRGB."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from actors.renderer.adapters.patch import Rgb
from actors.renderer.core.contrast import LEAST, contrast, luminance
from contracts.style import HexColor

__all__ = ["BLACK", "WHITE", "Box", "Motion", "Rgb", "Shadow", "Style"]

BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (255, 255, 255)
SOLID_OUTLINE = 4.0
"""From this many pixels on, it is the outline that is directly behind the letters."""

Motion = Literal["none", "pop", "fill", "bounce"]
"""What the spoken word does: `pop` jumps out and settles, `fill` takes its colour as it is said, `bounce` hops."""


@dataclass(frozen=True)
class Box:
    """A rounded, opaque box behind letters; `x` and `y`: how much wider than they it is on each side."""

    color: Rgb
    x: float = 18
    y: float = 8
    radius: float = 18


@dataclass(frozen=True)
class Shadow:
    """A soft copy of letters and outline behind them."""

    x: float = 0
    y: float = 6
    blur: float = 8
    opacity: float = 0.6
    color: Rgb = BLACK


@dataclass(frozen=True)
class Style:
    """A caption style. Letters need a contrast of 4.5 to what is behind them: outline, box, or a measured shade."""

    says: str
    """What it looks like, for a person: one line without a full stop."""
    font: str = "noto"
    """Family, of `fonts.FAMILIES`."""
    weight: float = 700
    em: float = 84
    upper: bool = False
    tracking: float = 0
    """Pixels between letters besides the font's own."""
    gap: float = 1.0
    """Width of a space against the font's own."""
    line: float = 1.22
    """Distance of two lines, in em."""
    width: float = 0.86
    """Share of the picture's width that a line may take where platforms leave so much."""
    lines: int = 2
    words: int = 4
    """Words on a page at most."""
    text: Rgb = WHITE
    active: Rgb = WHITE
    """The word being said."""
    said: Rgb | None = None
    """Words of the page that were said; absent: as the others."""
    emphasis: Rgb | None = None
    """Words that carry weight; absent: as the others."""
    emphasis_scale: float = 1.0
    outline: float = 0
    border: Rgb = BLACK
    shadow: Shadow | None = None
    box: Box | None = None
    """Behind every line."""
    marker: Box | None = None
    """Behind the word being said, in place of its outline."""
    shade: bool = False
    """The picture behind is darkened as much as the contrast needs, and not more."""
    motion: Motion = "none"
    active_scale: float = 1.0
    rise: bool = False
    """Whether a page comes up from a little below."""
    reveal: bool = False
    """Whether words appear only when they are said."""

    def lit(self, color: HexColor | None) -> Style:
        """With the spoken word, or its marker, in this colour; as it is where the contrast would not suffice."""
        if color is None:
            return self
        wanted = int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
        if self.marker is not None:
            letters = max(BLACK, WHITE, key=lambda each: contrast(each, wanted))
            return replace(self, marker=replace(self.marker, color=wanted), active=letters)
        ground = self.behind(active=True)
        if (contrast(wanted, ground) if ground is not None else 21 * luminance(wanted)) < LEAST:
            return self
        return replace(self, active=wanted)

    def behind(self, *, active: bool) -> Rgb | None:
        """The colour directly behind letters; None: the picture itself, shaded."""
        if active and self.marker is not None:
            return self.marker.color
        if self.outline >= SOLID_OUTLINE:
            return self.border
        return self.box.color if self.box is not None else None
