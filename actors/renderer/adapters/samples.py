"""Kept for what still imports it from here; see `sound`."""

from actors.renderer.adapters.sound.samples import RATE

__all__ = ["RATE"]
