"""Kept for what still imports it from here; see `sound.level`."""

from actors.renderer.adapters.sound.level import Level, Treatment, chain, measured, through, treated

__all__ = ["Level", "Treatment", "chain", "measured", "through", "treated"]
