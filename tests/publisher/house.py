"""A Clipwire that runs, in processes of its own, and a search through all that any of them has written anywhere."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from contracts import asks
from contracts.envelope import Event
from contracts.events import PublishRequested
from contracts.subjects import PUBLISH_REQUESTED
from runtime.bus import Bus, new_command
from runtime.embed import free_port
from runtime.media import FileMediaStore
from tests.publisher.account_bench import ROOT
from tests.publisher.support import PRIVATE, a_render
from tests.support.forked import run_forked
from tests.support.running import stored, until

__all__ = ["KEY", "TOKEN", "House", "everything", "house", "not_found", "ready"]

KEY = "the-key-of-this-test-0123456789-abcdef"
TOKEN = "the-access-token-of-the-door"


@dataclass
class House:
    """A Clipwire that runs, and everything that it said to anybody."""

    bus: Bus
    home: Path
    env: dict[str, str]
    door: httpx.AsyncClient
    metrics_url: str
    said: list[str] = field(default_factory=list)
    passed: list[tuple[str, bytes]] = field(default_factory=list)
    """Messages that went over the bus, kept or not, by subject."""

    async def clipwire(self, *arguments: str, typed: str = "") -> int:
        """Its exit code."""
        done = await asyncio.to_thread(run_forked, arguments, self.home, self.env, timeout_s=90, typed=typed)
        self.said.append(done.stdout + done.stderr)
        return done.returncode

    async def get(self, path: str, **options: Any) -> httpx.Response:
        answer = await self.door.get(path, **options)
        self.said.append(answer.text)
        return answer

    async def connect(self, platform: str, agree: Callable[[str], dict[str, str]]) -> httpx.Response:
        """Connect an account. `agree`: what a browser brings back from the consent page at an address."""
        begun = (await self.door.get(f"/accounts/{platform}/connect")).json()  # its address is for the person alone
        return await self.get(f"/accounts/{platform}/callback", params=agree(begun["url"]))

    async def publish(self, store: FileMediaStore, account_id: str, start: float) -> Event[Any]:
        """Order a publication; what the publisher says about it."""
        render = await a_render(store, start=start)
        order = PublishRequested(render_id=render.render_id, account_id=account_id)
        command = new_command(PUBLISH_REQUESTED, order, source="test")
        await self.bus.publish(command)
        answers: list[Event[Any]] = []

        async def answered() -> bool:
            events = [message.event() for message in await stored(self.bus, "publish.done", "work.failed")]
            answers[:] = [event for event in events if event.causationid == command.id]
            return bool(answers)

        await until(answered, within=40)
        return answers[0]


@asynccontextmanager
async def house(
    bus: Bus, nats_url: str, database_url: str, home: Path, *, publisher: str, **more: str
) -> AsyncIterator[House]:
    """`publisher`: the module that runs as such. `more`: settings of it."""
    home.mkdir()
    ports = free_port(), free_port()
    own = {
        "CLIPWIRE_NATS_URL": nats_url,
        "CLIPWIRE_DATABASE_URL": database_url,
        "CLIPWIRE_HOME": str(home),
        "CLIPWIRE_SECRET_KEY": KEY,
        "CLIPWIRE_ACCESS_TOKEN": TOKEN,
        "CLIPWIRE_HTTP_PORT": str(ports[0]),
        "CLIPWIRE_LOG_LEVEL": "debug",
        "CLIPWIRE_ACK_WAIT_S": "2",
        **PRIVATE,
        **more,
    }
    env = {**os.environ, "PYTHONPATH": str(ROOT), **own}
    base = f"http://127.0.0.1:{ports[0]}/api/v1"
    with (
        _process(publisher, home, {**env, "CLIPWIRE_METRICS_PORT": str(ports[1])}),
        _process("gateway.http", home, env),
    ):
        async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {TOKEN}"}) as door:
            here = House(bus, home, env, door, f"http://127.0.0.1:{ports[1]}/metrics")

            async def pass_by(message: Msg) -> None:
                if message.subject not in {asks.CONNECT.subject, asks.CALLBACK.subject}:  # these two carry secrets
                    here.passed.append((message.subject, json.dumps(message.headers).encode() + message.data))

            subscription = await bus.client.subscribe(">", cb=pass_by)
            yield here
            await subscription.unsubscribe()


@contextmanager
def _process(module: str, home: Path, env: dict[str, str]) -> Iterator[None]:
    with (home / f"{module}.log").open("wb") as log:
        child = subprocess.Popen([sys.executable, "-m", module], env=env, cwd=home, stdout=log, stderr=log)
    try:
        yield
    finally:
        child.terminate()
        child.wait(30)


async def ready(here: House) -> bool:
    """Whether the door is open and the publisher answers."""
    try:
        return (await here.door.get("/platforms")).status_code == 200
    except httpx.TransportError:
        return False


async def everything(here: House, database_url: str, folder: Path, database: Path) -> dict[str, bytes]:
    """All that was written anywhere, by place. `database`: the folder of the PostgreSQL server."""
    found = {f"said, {number}": text.encode() for number, text in enumerate(here.said)}
    found |= {f"passed, {number}: {subject}": data for number, (subject, data) in enumerate(here.passed)}
    found["metrics of the door"] = (await here.door.get("/metrics")).content
    async with httpx.AsyncClient() as client:
        found["metrics of the publisher"] = (await client.get(here.metrics_url)).content
    for stream in await here.bus.js.streams_info():
        name = stream.config.name or ""
        for sequence in range(max(1, stream.state.first_seq), stream.state.last_seq + 1):
            try:
                message = await here.bus.js.get_msg(name, sequence)
            except NotFoundError:  # a key that has expired, or a value that was replaced
                continue
            found[f"stream {name} {sequence}"] = json.dumps(dict(message.headers or {})).encode() + (
                message.data or b""
            )
    found |= await _dumped(database_url)
    # Its tables, what it writes ahead, and its log: what was deleted and replaced is in there still.
    found |= {str(path): path.read_bytes() for path in (database / "data").rglob("*") if path.is_file()}
    found |= {str(path): path.read_bytes() for path in here.home.rglob("*") if path.is_file()}
    found |= {str(path): path.read_bytes() for path in (folder / "nats").rglob("*") if _of_the_server(path)}
    return found


def _of_the_server(path: Path) -> bool:
    """What the NATS server keeps, without its configuration."""
    return path.is_file() and path.suffix != ".conf"


async def _dumped(database_url: str) -> dict[str, bytes]:
    """Every table of every schema of ours, as text, and what is asked of the server right now."""
    connection = await asyncpg.connect(database_url)
    tables = await connection.fetch(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
    )
    found = {}
    for schema, table in tables:
        rows = await connection.fetch(f'SELECT t::text AS row FROM "{schema}"."{table}" AS t')
        found[f"table {schema}.{table}"] = "\n".join(row["row"] for row in rows).encode()
    queries = await connection.fetch("SELECT query FROM pg_stat_activity")
    found["pg_stat_activity"] = "\n".join(row["query"] or "" for row in queries).encode()
    await connection.close()
    assert {"table publisher.accounts", "table publisher.connections", "table gateway.failures"} <= set(found)
    return found


def not_found(secrets: Iterable[str], found: dict[str, bytes]) -> None:
    """Nowhere is any of the secrets, as it is or as it is written in addresses or base64."""
    ways = [(way, secret) for secret in secrets for way in _ways(secret)]
    for place, content in found.items():
        leaked = [secret for way, secret in ways if way in content]
        assert not leaked, f"{place}: {leaked}: …{_around(content, leaked[0])}…"


def _ways(secret: str) -> set[bytes]:
    """As it is, as in an address, and in base64."""
    return {secret.encode(), quote(secret, safe="").encode(), base64.b64encode(secret.encode()).rstrip(b"=")}


def _around(content: bytes, secret: str) -> str:
    place = re.search(re.escape(secret.encode()), content)
    return content[max(0, place.start() - 120) : place.end() + 40].decode(errors="replace") if place else "encoded"
