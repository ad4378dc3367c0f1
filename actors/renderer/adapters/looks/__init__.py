"""Looks: one file each, and one line in this table."""

from __future__ import annotations

from actors.renderer.adapters.looks.blur_in import BlurIn
from actors.renderer.adapters.looks.cold import Cold
from actors.renderer.adapters.looks.color_shift import ColorShift
from actors.renderer.adapters.looks.film import Film
from actors.renderer.adapters.looks.glitch import Glitch
from actors.renderer.adapters.looks.glow import Glow
from actors.renderer.adapters.looks.grain import Grain
from actors.renderer.adapters.looks.hue_shift import HueShift
from actors.renderer.adapters.looks.letterbox import Letterbox
from actors.renderer.adapters.looks.light_leak import LightLeak
from actors.renderer.adapters.looks.look import Filter, Instant, Look, View
from actors.renderer.adapters.looks.mirror import Mirror
from actors.renderer.adapters.looks.noir import Noir
from actors.renderer.adapters.looks.pull_out import PullOut
from actors.renderer.adapters.looks.punch_in import PunchIn
from actors.renderer.adapters.looks.shake import Shake
from actors.renderer.adapters.looks.slow_zoom import SlowZoom
from actors.renderer.adapters.looks.vignette import Vignette
from actors.renderer.adapters.looks.vintage import Vintage
from actors.renderer.adapters.looks.vivid import Vivid
from actors.renderer.adapters.looks.warm import Warm

__all__ = ["LOOKS", "Filter", "Instant", "Look", "View"]

LOOKS: dict[str, type[Look]] = {
    "mirror": Mirror,
    "slow_zoom": SlowZoom,
    "pull_out": PullOut,
    "punch_in": PunchIn,
    "shake": Shake,
    "blur_in": BlurIn,
    "hue_shift": HueShift,
    "color_shift": ColorShift,
    "warm": Warm,
    "cold": Cold,
    "noir": Noir,
    "vintage": Vintage,
    "vivid": Vivid,
    "film": Film,
    "glow": Glow,
    "light_leak": LightLeak,
    "vignette": Vignette,
    "letterbox": Letterbox,
    "grain": Grain,
    "glitch": Glitch,
}
