from __future__ import annotations

from actors.renderer.adapters.captions.styles.style import Style

__all__ = ["LIT"]

LIT = Style(
    says="bold white words with a black outline, the spoken one in yellow",
    active=(255, 230, 0),
    outline=6,
)
