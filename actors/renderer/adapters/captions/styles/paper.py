from __future__ import annotations

from actors.renderer.adapters.captions.styles.style import Box, Style

__all__ = ["PAPER"]

PAPER = Style(
    says="black on white boxes, line by line; the spoken word in red",
    font="rubik",
    weight=700,
    em=68,
    line=1.42,
    words=5,
    text=(16, 16, 20),
    active=(200, 16, 46),
    emphasis=(0, 82, 204),
    box=Box((255, 255, 255), x=24, y=12, radius=22),
    rise=True,
)
