"""One `clipwire up` for all tests of this folder: every actor, the HTTP door, NATS and PostgreSQL, all real."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats.aio.client import Client

from contracts.renders import Recipe
from contracts.work import Channel
from runtime.bus import Bus, open_bus
from runtime.kv import NatsChannels
from tests.chain.film import make_film
from tests.support.running import until

ROOT = Path(__file__).resolve().parents[2]
RECIPE = Recipe(name="small", width=270, height=480, fps=15, quality="draft")
CLIPS = 2


@dataclass(frozen=True)
class Clipwire:
    """A Clipwire that runs as a program of its own, met from outside."""

    home: Path
    addresses: dict[str, Any]
    environment: dict[str, str]

    @asynccontextmanager
    async def nats(self) -> AsyncIterator[Client]:
        """A plain NATS client, as anybody may have one."""
        client = Client()
        await client.connect(self.addresses["nats_url"])
        try:
            yield client
        finally:
            await client.close()

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[Bus]:
        """The bus, to look at what is on it."""
        async with open_bus(self.addresses["nats_url"], name="test", within=10) as bus:
            yield bus

    @asynccontextmanager
    async def http(self) -> AsyncIterator[httpx.AsyncClient]:
        """An HTTP client that has the token."""
        token = (self.home / "access_token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=self.addresses["http_url"], headers=headers, timeout=20) as client:
            yield client

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`clipwire` with these arguments."""
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            cwd=self.home.parent,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    async def idle(self, bus: Bus, within: float = 60.0) -> None:
        """Wait until no consumer has anything to do, and the read models know all of it."""

        last = [0, 0]  # consumers are not looked at all at once: twice the same picture is a true one

        async def quiet() -> bool:
            busy = any(state.pending or state.in_flight for state in await bus.consumers())
            last[:] = [last[1], 0 if busy else (await bus.stream_state()).last]
            return last[0] == last[1] > 0

        async def projected() -> bool:
            async with self.http() as http:
                ready = (await http.get("/api/v1/health/ready")).json()
            return bool(ready["projected_sequence"] == last[1])

        await until(quiet, within)
        await until(projected, within)


@pytest.fixture(scope="package")
def clipwire() -> Iterator[Clipwire]:
    """`clipwire up`, ready, with a channel whose renders are small."""
    folder = Path(tempfile.mkdtemp(prefix="clipwire-chain-"))
    folder.chmod(0o755)  # the unprivileged PostgreSQL has to enter it
    home = folder / "home"
    (home / "inbox").mkdir(parents=True)
    plain = {key: value for key, value in os.environ.items() if not key.startswith("CLIPWIRE_")}
    environment = plain | {
        "PYTHONPATH": str(ROOT),
        "CLIPWIRE_HOME": str(home),
        "CLIPWIRE_HTTP_PORT": "0",
        "CLIPWIRE_HTTP_HEARTBEAT_S": "0.5",
        "CLIPWIRE_FOLDER_POLL_S": "0",
        "CLIPWIRE_LOG_FORMAT": "json",
    }
    with (home / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log
        )
    try:
        assert process.stdout is not None
        assert any(b"written to" in line for line in process.stdout), (home / "up.log").read_text()
        addresses = json.loads((home / "run.json").read_text())
        started = Clipwire(home, addresses, environment)
        asyncio.run(_put_channel(started))
        yield started
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
        if process.stdout is not None:
            process.stdout.close()
        said = (home / "up.log").read_text().splitlines()
        shutil.rmtree(folder, ignore_errors=True)
    assert code == 0
    assert not [line for line in said if '"level": "error"' in line or "Traceback" in line]


async def _put_channel(clipwire: Clipwire) -> None:
    async with clipwire.bus() as bus:
        await NatsChannels(bus.js).put(Channel(clips=CLIPS, recipe=RECIPE.name, recipes=(RECIPE,)))


@pytest.fixture(scope="package")
def film(clipwire: Clipwire) -> Path:
    """A small talking video with captions beside it."""
    path = clipwire.home / "a small talk.mp4"
    make_film(path)
    return path
