"""Caption styles: one file each, and one line in this table."""

from __future__ import annotations

from actors.renderer.adapters.captions.styles.bounce import BOUNCE
from actors.renderer.adapters.captions.styles.clean import CLEAN
from actors.renderer.adapters.captions.styles.karaoke import KARAOKE
from actors.renderer.adapters.captions.styles.lit import LIT
from actors.renderer.adapters.captions.styles.marker import MARKER
from actors.renderer.adapters.captions.styles.neon import NEON
from actors.renderer.adapters.captions.styles.paper import PAPER
from actors.renderer.adapters.captions.styles.pop import POP
from actors.renderer.adapters.captions.styles.single import SINGLE
from actors.renderer.adapters.captions.styles.style import Box, Shadow, Style
from actors.renderer.adapters.captions.styles.typed import TYPED
from runtime.errors import Reject

__all__ = ["STYLES", "Box", "Shadow", "Style", "style_named"]

STYLES: dict[str, Style] = {
    "lit": LIT,
    "pop": POP,
    "karaoke": KARAOKE,
    "marker": MARKER,
    "bounce": BOUNCE,
    "paper": PAPER,
    "clean": CLEAN,
    "typed": TYPED,
    "neon": NEON,
    "single": SINGLE,
}


def style_named(name: str, field: str = "captions.style") -> Style:
    """A caption style. Raises `Reject` with the names of those there are."""
    if name not in STYLES:
        raise Reject(f"There is no caption style {name!r}", advice=f"Use one of: {', '.join(STYLES)}", field=field)
    return STYLES[name]
