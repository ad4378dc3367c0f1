"""Kept for what still imports it from here; see `sound.samples`."""

from actors.renderer.adapters.sound.samples import RATE, Samples, faded, pulled, read_span, samples_of, silence

__all__ = ["RATE", "Samples", "faded", "pulled", "read_span", "samples_of", "silence"]
