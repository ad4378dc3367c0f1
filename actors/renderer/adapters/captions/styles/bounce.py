from __future__ import annotations

from actors.renderer.adapters.captions.styles.style import Shadow, Style

__all__ = ["BOUNCE"]

BOUNCE = Style(
    says="round, cheerful letters; the spoken word hops in orange",
    font="lilita",
    weight=900,
    em=98,
    tracking=1,
    gap=1.2,
    line=1.14,
    words=3,
    active=(255, 159, 28),
    emphasis=(76, 201, 240),
    emphasis_scale=1.12,
    outline=9,
    border=(27, 16, 64),
    shadow=Shadow(y=8, blur=2, opacity=1.0, color=(27, 16, 64)),
    motion="bounce",
)
