"""`deploy/compose/settings.yaml`: what each service is given of `.env`, made from the settings classes and the cards.

That is the settings that it reads, and the password of its own user of NATS; the server of NATS is given all of them.
"""

from __future__ import annotations

from hashlib import sha256

from cli.export import nats_permissions, password_variable
from runtime.embed.nats import OPERATOR
from runtime.flow import actor_names
from runtime.rights import permissions
from runtime.settings import RuntimeSettings
from runtime.stack import DOORS
from runtime.units import settings_of

__all__ = ["SERVICES", "compose_settings", "nats_user"]

SERVICES = {
    **{name: f"actors.{name}" for name in actor_names()},
    "gateway": DOORS["http"],
    "telegram": DOORS["telegram"],
}
"""Services of ours, with the unit that each runs."""
_OF_THE_FILE = frozenset({"home", "nats_url", "database_url", "media_url", "metrics_port"})
"""What compose.yaml says itself, or what is said here with a password."""
_HEAD = """# Generated: make references. A variable without a value has that of .env, if it is set there:
# so each service knows its own settings and its own password, and no other's secrets.
services:
"""


def compose_settings() -> str:
    """A service each, with nothing but its environment; compose.yaml extends them."""
    shared = [field for field in RuntimeSettings.model_fields if field not in _OF_THE_FILE]
    lines = [*_service(OPERATOR, OPERATOR, shared), *_server()]
    for service, unit in SERVICES.items():
        own = [field for _, model in settings_of(unit) for field in model.model_fields]
        lines += _service(service, nats_user(service), [*shared, *own])
    return _HEAD + "\n".join(lines) + "\n"


def nats_user(service: str) -> str:
    """As whom a service is known to NATS: an actor, a door, or the operator."""
    return SERVICES[service].rpartition(".")[2] if service in SERVICES else OPERATOR


def _service(service: str, user: str, fields: list[str]) -> list[str]:
    names = dict.fromkeys(f"CLIPWIRE_{field}".upper() for field in fields if field not in _OF_THE_FILE)
    url = f"nats://{user}:{_password(user)}@nats:4222"
    return [
        f"  {service}:",
        "    environment:",
        f"      CLIPWIRE_NATS_URL: {url}",
        *(f"      {name}:" for name in names),
    ]


def _server() -> list[str]:
    """The server reads a variable as a part of its configuration: in quotes, whatever is in it, it is a text.

    Compose starts a container again when its labels change, and not when a file does that is mounted.
    """
    rights = permissions()
    return [
        "  nats:",
        "    environment:",
        *(f"      {password_variable(user)}: '\"{_password(user)}\"'" for user in (OPERATOR, *rights)),
        "    labels:",
        f"      clipwire.users: {sha256(nats_permissions().encode()).hexdigest()}",
    ]


def _password(user: str) -> str:
    return f"${{{password_variable(user)}:?env.sh beside compose.yaml makes .env with it}}"
