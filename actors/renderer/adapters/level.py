"""Kept for what still imports it from here; see `sound.level`."""

from collections.abc import Iterable

from actors.renderer.adapters.sound import level
from actors.renderer.adapters.sound.level import Level
from actors.renderer.adapters.sound.samples import Samples

__all__ = ["Level", "measured"]


def measured(blocks: Iterable[Samples]) -> Level:
    """The level alone."""
    return level.measured(blocks)[0]
