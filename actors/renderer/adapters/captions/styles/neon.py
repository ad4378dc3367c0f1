from __future__ import annotations

from actors.renderer.adapters.captions.styles.style import Shadow, Style

__all__ = ["NEON"]

NEON = Style(
    says="white letters in a pink glow; the spoken word glows with it",
    font="montserrat",
    weight=800,
    em=82,
    line=1.24,
    active=(255, 128, 213),
    emphasis=(125, 249, 255),
    outline=5,
    border=(36, 0, 54),
    shadow=Shadow(x=0, y=0, blur=22, opacity=1.0, color=(255, 45, 170)),
    motion="none",
)
