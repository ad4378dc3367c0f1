from __future__ import annotations

from actors.renderer.adapters.captions.styles.style import Shadow, Style

__all__ = ["POP"]

POP = Style(
    says="heavy capitals; the spoken word jumps out in green",
    font="montserrat",
    weight=900,
    em=88,
    upper=True,
    gap=1.35,
    line=1.16,
    words=3,
    active=(57, 255, 20),
    emphasis=(255, 214, 10),
    outline=8,
    shadow=Shadow(y=7, blur=4, opacity=0.75),
    motion="pop",
)
