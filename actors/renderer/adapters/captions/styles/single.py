from __future__ import annotations

from actors.renderer.adapters.captions.styles.style import Shadow, Style

__all__ = ["SINGLE"]

SINGLE = Style(
    says="one great word at a time",
    font="anton",
    weight=400,
    em=140,
    upper=True,
    tracking=2,
    line=1.15,
    lines=1,
    words=1,
    emphasis=(255, 59, 48),
    outline=10,
    shadow=Shadow(y=8, blur=6, opacity=0.7),
    motion="pop",
)
