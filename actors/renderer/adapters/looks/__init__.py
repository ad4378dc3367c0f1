"""Looks: one file each, and one line in this table."""

from __future__ import annotations

from actors.renderer.adapters.looks.look import Filter, Instant, Look, View
from actors.renderer.adapters.looks.mirror import Mirror

__all__ = ["LOOKS", "Filter", "Instant", "Look", "View"]

LOOKS: dict[str, type[Look]] = {
    "mirror": Mirror,
}
