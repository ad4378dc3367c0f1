"""Which H.264 encoder writes a short: one of the machine's own where it really works, x264 else."""

from __future__ import annotations

from actors.renderer.adapters.encoders.choice import choose_encoder
from actors.renderer.adapters.encoders.encoder import ENCODERS, Encoder

__all__ = ["ENCODERS", "Encoder", "choose_encoder"]
