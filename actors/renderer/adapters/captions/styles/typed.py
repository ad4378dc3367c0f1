from __future__ import annotations

from actors.renderer.adapters.captions.styles.style import Shadow, Style

__all__ = ["TYPED"]

TYPED = Style(
    says="tall capitals that appear word by word as they are said",
    font="anton",
    weight=400,
    em=112,
    upper=True,
    tracking=2,
    gap=1.25,
    line=1.2,
    words=5,
    active=(255, 255, 255),
    emphasis=(255, 214, 0),
    emphasis_scale=1.18,
    outline=7,
    shadow=Shadow(x=5, y=7, blur=0, opacity=1.0),
    motion="pop",
    reveal=True,
)
