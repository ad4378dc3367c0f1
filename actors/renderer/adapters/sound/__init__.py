"""The sound of a timeline, as AAC packets at the loudness asked for."""

from actors.renderer.adapters.sound.prepare import AAC_BITRATE, AAC_OPTIONS, PEAK_LIMIT, Sound, prepare, prepare_sound
from actors.renderer.adapters.sound.samples import RATE

__all__ = ["AAC_BITRATE", "AAC_OPTIONS", "PEAK_LIMIT", "RATE", "Sound", "prepare", "prepare_sound"]
