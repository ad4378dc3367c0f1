from __future__ import annotations

from actors.renderer.adapters.captions.styles.style import Shadow, Style

__all__ = ["KARAOKE"]

KARAOKE = Style(
    says="words take their colour from end to end while they are said, and keep it",
    font="montserrat",
    weight=800,
    em=78,
    gap=1.1,
    line=1.24,
    words=6,
    active=(0, 229, 255),
    said=(0, 229, 255),
    emphasis_scale=1.0,
    outline=6,
    border=(8, 12, 32),
    shadow=Shadow(y=4, blur=10, opacity=0.5),
    motion="fill",
)
