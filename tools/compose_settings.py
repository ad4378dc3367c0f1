"""`deploy/compose/settings.yaml`: which settings of `.env` each service is given, made from the settings classes."""

from __future__ import annotations

from runtime.flow import actor_names
from runtime.settings import RuntimeSettings
from runtime.stack import DOORS
from runtime.units import settings_of

__all__ = ["SERVICES", "compose_settings"]

SERVICES = {
    **{name: f"actors.{name}" for name in actor_names()},
    "gateway": DOORS["http"],
    "telegram": DOORS["telegram"],
}
"""Services of ours, with the unit that each runs."""
_OF_THE_FILE = frozenset({"home", "nats_url", "database_url", "media_url", "metrics_port"})
"""What compose.yaml says itself."""
_HEAD = """# Generated: make references. A variable without a value has that of .env, if it is set there:
# so each service knows its own settings, and no other's secrets.
services:
"""


def compose_settings() -> str:
    """A service each, with nothing but its environment; compose.yaml extends them."""
    shared = [field for field in RuntimeSettings.model_fields if field not in _OF_THE_FILE]
    lines = []
    for service, unit in sorted(SERVICES.items()):
        own = [field for _, model in settings_of(unit) for field in model.model_fields]
        names = dict.fromkeys(f"CLIPWIRE_{field}".upper() for field in [*shared, *own] if field not in _OF_THE_FILE)
        lines += [f"  {service}:", "    environment:", *(f"      {name}:" for name in names)]
    return _HEAD + "\n".join(lines) + "\n"
