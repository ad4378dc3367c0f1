"""The sound of a timeline, as AAC packets at the loudness asked for."""

from actors.renderer.adapters.sound.aac import AAC_BITRATE, AAC_OPTIONS
from actors.renderer.adapters.sound.level import Level, measured
from actors.renderer.adapters.sound.master import PEAK_LIMIT, Sound
from actors.renderer.adapters.sound.prepare import prepare_sound
from actors.renderer.adapters.sound.samples import RATE

__all__ = ["AAC_BITRATE", "AAC_OPTIONS", "PEAK_LIMIT", "RATE", "Level", "Sound", "measured", "prepare_sound"]
