from __future__ import annotations

from actors.renderer.adapters.captions.styles.style import Box, Style

__all__ = ["MARKER"]

MARKER = Style(
    says="a violet box jumps from word to word",
    font="rubik",
    weight=800,
    em=80,
    gap=1.75,
    line=1.34,
    marker=Box((124, 58, 237), x=16, y=6, radius=20),
    emphasis=(255, 221, 87),
    outline=6,
    border=(18, 10, 36),
    motion="pop",
)
