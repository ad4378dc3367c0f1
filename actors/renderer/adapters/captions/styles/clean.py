from __future__ import annotations

from actors.renderer.adapters.captions.styles.style import Shadow, Style

__all__ = ["CLEAN"]

CLEAN = Style(
    says="quiet white letters on a picture that is shaded only as far as it must be",
    weight=600,
    em=60,
    line=1.3,
    words=8,
    text=(255, 255, 255),
    active=(255, 255, 255),
    emphasis=(255, 236, 153),
    shadow=Shadow(y=2, blur=8, opacity=0.55),
    shade=True,
    rise=True,
)
