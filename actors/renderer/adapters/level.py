"""Kept for what still imports it from here; see `sound.level`."""

from actors.renderer.adapters.sound.level import Level, measured

__all__ = ["Level", "measured"]
