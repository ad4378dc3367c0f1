"""Caption styles: one file each, and one line in this table."""

from __future__ import annotations

from collections.abc import Callable

from actors.renderer.adapters.captions.styles.lit import lit
from actors.renderer.adapters.captions.styles.look import Look

__all__ = ["STYLES", "Look"]

STYLES: dict[str, Callable[[], Look]] = {
    "lit": lit,
}
