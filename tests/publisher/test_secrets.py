"""The search for secrets: whatever happens to accounts, no token, code, verifier, password or key gets out.

Everything is real, in processes of its own: the publisher, the HTTP door, the command line, NATS and PostgreSQL. Then
all that any of them has written anywhere is searched.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
from nats.js.errors import NotFoundError

from contracts.envelope import Event
from contracts.events import PublishRequested
from contracts.subjects import PUBLISH_REQUESTED
from runtime.bus import Bus, new_command
from runtime.embed import free_port
from runtime.media import FileMediaStore
from tests.publisher.account_bench import ROOT
from tests.publisher.oauth_server import CLIENT_SECRET, PASSWORD, OAuthServer
from tests.publisher.support import PRIVATE, a_render
from tests.publisher.tube import URL
from tests.support.running import stored, until

KEY = "the-key-of-this-test-0123456789-abcdef"
TOKEN = "the-access-token-of-the-door"
WRONG = "a-wrong-password-that-is-refused"


@dataclass
class House:
    """A Clipwire that runs, and everything that it said to anybody."""

    server: OAuthServer
    bus: Bus
    home: Path
    env: dict[str, str]
    door: httpx.AsyncClient
    metrics_url: str
    said: list[str] = field(default_factory=list)

    async def clipwire(self, *arguments: str, typed: str = "") -> int | None:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cli", *arguments,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.env, cwd=self.home,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(child.communicate(typed.encode()), 90)
        self.said.append(out.decode())
        return child.returncode

    async def get(self, path: str, **options: Any) -> httpx.Response:
        answer = await self.door.get(path, **options)
        self.said.append(answer.text)
        return answer

    async def connect(self) -> httpx.Response:
        begun = (await self.door.get("/accounts/tube/connect")).json()  # its address is for the person alone
        return await self.get("/accounts/tube/callback", params=self.server.agree(begun["url"]), headers={})

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
async def house(bus: Bus, nats_url: str, database_url: str, home: Path) -> AsyncIterator[House]:
    home.mkdir()
    server, ports = OAuthServer(), (free_port(), free_port())
    with server.running():
        own = {
            "CLIPWIRE_NATS_URL": nats_url,
            "CLIPWIRE_DATABASE_URL": database_url,
            "CLIPWIRE_HOME": str(home),
            "CLIPWIRE_SECRET_KEY": KEY,
            "CLIPWIRE_ACCESS_TOKEN": TOKEN,
            "CLIPWIRE_HTTP_PORT": str(ports[0]),
            "CLIPWIRE_LOG_LEVEL": "debug",
            "CLIPWIRE_ACK_WAIT_S": "2",
            URL: server.url,
            **PRIVATE,
        }
        env = {**os.environ, "PYTHONPATH": str(ROOT), **own}
        base = f"http://127.0.0.1:{ports[0]}/api/v1"
        with (
            _process("tests.publisher.account_publisher", home, {**env, "CLIPWIRE_METRICS_PORT": str(ports[1])}),
            _process("gateway.http", home, env),
        ):
            async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {TOKEN}"}) as door:
                yield House(server, bus, home, env, door, f"http://127.0.0.1:{ports[1]}/metrics")


@contextmanager
def _process(module: str, home: Path, env: dict[str, str]) -> Iterator[None]:
    with (home / f"{module}.log").open("wb") as log:
        child = subprocess.Popen([sys.executable, "-m", module], env=env, cwd=home, stdout=log, stderr=log)
    try:
        yield
    finally:
        child.terminate()
        child.wait(30)


async def test_no_secret_is_found_anywhere(bus: Bus, nats_url: str, database_url: str, tmp_path: Path) -> None:
    async with house(bus, nats_url, database_url, tmp_path / "home") as here:
        await until(lambda: _there(here), within=60)
        await _live(here)
        found = await _everything(here, database_url, tmp_path)
    secrets = [*here.server.given, *_verifiers(here.server), CLIENT_SECRET, PASSWORD, WRONG, KEY]
    assert len(secrets) > 12
    for place, content in found.items():
        leaked = [secret for secret in secrets for way in _ways(secret) if way in content]
        assert not leaked, f"{place}: {leaked}: …{_around(content, leaked[0])}…"
    known = [place for place, content in found.items() if b"tube:alice" in content]
    for kind in ("said", "stream EVENTS", "stream KV_claims", "table gateway", str(here.home), str(tmp_path / "nats")):
        assert any(place.startswith(kind) for place in known), f"{kind} was not searched"
    log = (here.home / "tests.publisher.account_publisher.log").read_text()
    assert "account.needs_a_person" in log and "message.set_aside" in log


async def _there(here: House) -> bool:
    try:
        return (await here.door.get("/platforms")).status_code == 200
    except httpx.TransportError:
        return False


async def _live(here: House) -> None:
    """Accounts are connected, renewed, published on, refused, lost and removed; keys change."""
    store, server = FileMediaStore(here.home / "media"), here.server
    assert await here.clipwire("account", "connect", "garden", "--name", "handle=alice", typed=f"{PASSWORD}\n") == 0
    assert await here.clipwire("account", "connect", "garden", "--name", "handle=alice", typed=f"{WRONG}\n") == 1
    wrong = await here.door.post("/accounts/garden", json={"handle": "alice", "password": WRONG})
    here.said.append(wrong.text)
    assert wrong.status_code == 422
    assert (await here.connect()).status_code == 200
    forged = await here.get("/accounts/tube/callback", params={"state": "x" * 43, "code": server.given[0]})
    assert forged.status_code == 400

    assert (await here.publish(store, "tube:alice", 1.0)).type == "publish.done"
    server.access = "nobody knows this one"  # the platform takes the access token no more: it is renewed and sent again
    server.given.append(server.access)
    assert (await here.publish(store, "tube:alice", 30.0)).type == "publish.done"
    assert len(server.posted) == 2
    assert await here.clipwire("account", "rotate-key", "--json") == 0

    server.revoked = True
    failed = await here.publish(store, "tube:alice", 60.0)
    assert failed.type == "work.failed" and "connected again" in failed.data.failure.what
    await until(lambda: _said_about(here, "tube:alice"), within=30)
    assert await here.clipwire("account", "list") == 0
    await here.get("/accounts")
    assert (await here.connect()).status_code == 200
    assert await here.clipwire("account", "remove", "tube:alice") == 0
    await _connect_and_forget(here)


async def _connect_and_forget(here: House) -> None:
    """A login that nobody finishes, and one that the platform does not finish: they stay in the database."""
    await here.door.get("/accounts/tube/connect")
    begun = (await here.door.get("/accounts/tube/connect")).json()
    here.server.channels = []
    page = await here.get("/accounts/tube/callback", params=here.server.agree(begun["url"]))
    assert page.status_code == 400 and "there is no channel behind" in page.text


async def _said_about(here: House, account_id: str) -> bool:
    return any(message.event().data.failure.entity == account_id for message in await stored(here.bus, "work.failed"))


async def _everything(here: House, database_url: str, folder: Path) -> dict[str, bytes]:
    """All that was written anywhere, by place."""
    found = {f"said, {number}": text.encode() for number, text in enumerate(here.said)}
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


def _verifiers(server: OAuthServer) -> list[str]:
    forms = [request.form() for request in server.asked("POST /token")]
    return [form["code_verifier"] for form in forms if "code_verifier" in form]


def _ways(secret: str) -> set[bytes]:
    """As it is, as in an address, and in base64."""
    return {secret.encode(), quote(secret, safe="").encode(), base64.b64encode(secret.encode()).rstrip(b"=")}


def _around(content: bytes, secret: str) -> str:
    place = re.search(re.escape(secret.encode()), content)
    return content[max(0, place.start() - 120) : place.end() + 40].decode(errors="replace") if place else "encoded"
