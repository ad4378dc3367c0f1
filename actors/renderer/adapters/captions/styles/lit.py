"""`lit`: bold white words with a black outline, the one being spoken in yellow."""

from __future__ import annotations

from actors.renderer.adapters.captions.styles.look import Look

__all__ = ["lit"]


def lit() -> Look:
    """White, lit in #FFE600, outlined in black; 84 px em and 6 px outline on a short that is 1080 px wide."""
    return Look(
        em=84, outline=6, text=(255, 255, 255), active=(255, 230, 0), border=(0, 0, 0), max_width=0.86, line=1.22
    )
