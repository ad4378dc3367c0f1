"""The event feed over a real socket: whoever comes back misses nothing."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts import subjects as s
from contracts.envelope import Progress
from contracts.events import DiscoveryRequested
from gateway.http.server import serving
from gateway.http.settings import GatewaySettings
from runtime.bus import Bus, new_command
from runtime.embed import NatsServer
from runtime.refusal import REFUSED
from runtime.settings import RuntimeSettings
from tests.gateway.conftest import TOKEN
from tests.gateway.people import log_in, register
from tests.gateway.samples import START, event, whole_job


@dataclass
class Sent:
    """One server-sent event."""

    ident: int | None
    name: str
    data: str


@pytest.fixture
async def url(nats_url: str, database_url: str, bus: Bus, tmp_path: Path) -> AsyncIterator[str]:
    """A door on a port of the system's choice."""
    runtime = RuntimeSettings(home=tmp_path / "home", nats_url=nats_url, database_url=database_url, drain_s=1)
    settings = GatewaySettings(http_port=0, http_heartbeat_s=0.2, http_streams=3)
    async with serving(runtime, settings, TOKEN) as address:
        yield address


@pytest.fixture
async def client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client that may enter."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=10) as opened:
        yield opened


async def feed(client: httpx.AsyncClient, *, last: int | None = None, **params: Any) -> AsyncGenerator[Sent, None]:
    """Read events for as long as the caller wants."""
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    async with client.stream("GET", "/events", params=params, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif not line:
                if "data" in fields:
                    ident = int(fields["id"]) if "id" in fields else None
                    yield Sent(ident, fields.get("event", "message"), fields["data"])
                fields = {}


async def take(count: int, sent: AsyncGenerator[Sent, None]) -> list[Sent]:
    taken: list[Sent] = []
    async with asyncio.timeout(20):
        async for one in sent:
            taken.append(one)
            if len(taken) == count:
                break
    await sent.aclose()
    return taken


def command(number: int) -> Any:
    return new_command(
        s.DISCOVERY_REQUESTED, DiscoveryRequested(niche=f"niche {number}"), source="test", id=f"c{number}"
    )


async def test_a_client_that_comes_back_at_any_time_misses_nothing(client: httpx.AsyncClient, bus: Bus) -> None:
    total = 1500
    chance = random.Random(3)

    async def publish() -> None:
        for number in range(total):
            await bus.publish(command(number))

    publishing = asyncio.create_task(publish())
    seen: list[int] = []
    while len(seen) < total:
        count = min(chance.randint(1, 150), total - len(seen))
        sent = await take(count, feed(client, last=seen[-1] if seen else 0))
        seen += [one.ident or 0 for one in sent]
        assert json.loads(sent[-1].data)["id"] == f"c{len(seen) - 1}"
    await publishing
    assert seen == list(range(1, total + 1))


async def test_any_past_is_replayed_and_filtered_by_subject_or_family(client: httpx.AsyncClient, bus: Bus) -> None:
    for place, (subject, data) in enumerate(whole_job(), 1):
        await bus.publish(event(subject, data, place))
    everything = await take(13, feed(client, after=0))
    assert [one.name for one in everything] == [subject.name for subject, _ in whole_job()]
    assert json.loads(everything[1].data) == json.loads(event(*whole_job()[1], 2).to_json())
    assert [one.ident for one in await take(2, feed(client, after=3, subject=["candidate.*", "candidate.found"]))] == [
        4,
        6,
    ]
    # A browser comes back to the address that it was given first: what it has seen counts more.
    assert (await take(1, feed(client, after=0, last=12)))[0].ident == 13
    refused = await client.get("/events", params={"subject": "no.such"})
    assert (refused.status_code, refused.json()["field"]) == (422, "subject")
    assert (await client.get("/events", headers={"Last-Event-ID": "x"})).status_code == 422


async def test_a_bare_or_malformed_message_is_on_the_feed_too(client: httpx.AsyncClient, bus: Bus) -> None:
    await bus.js.publish("discovery.requested", b'{"niche": "ai tools"}')
    await bus.js.publish("discovery.requested", b'{"niche": \n 5}')
    bare, malformed = await take(2, feed(client, after=0))
    assert json.loads(bare.data)["data"]["niche"] == "ai tools"
    assert (malformed.name, malformed.ident) == ("malformed", 2)
    assert "niche" in json.loads(malformed.data)["why"]


async def test_a_client_of_an_earlier_stream_is_told_and_gets_this_one(client: httpx.AsyncClient, bus: Bus) -> None:
    await bus.publish(command(1))
    reset, first = await take(2, feed(client, last=999))
    assert (reset.name, first.ident) == ("reset", 1)


async def test_progress_comes_live_and_without_an_id(client: httpx.AsyncClient, bus: Bus) -> None:
    sent = feed(client, progress=True)
    waiting = asyncio.create_task(take(1, sent))
    while not waiting.done():
        await bus.report(Progress(stage="renderer", entity="r_1", done=0.5, time=START))
        await asyncio.sleep(0.02)
    (one,) = waiting.result()
    assert (one.ident, one.name, json.loads(one.data)["done"]) == (None, "progress", 0.5)


async def test_more_streams_than_allowed_are_refused_and_a_closed_one_makes_room(
    client: httpx.AsyncClient, bus: Bus
) -> None:
    await bus.publish(command(1))
    feeds = [feed(client, after=0) for _ in range(3)]
    for one in feeds:
        await anext(one)
    refused = await client.get("/events")
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    await feeds[0].aclose()
    async with asyncio.timeout(5):
        while True:
            async with client.stream("GET", "/events") as answer:
                if answer.status_code == 200:
                    break
    for one in feeds[1:]:
        await one.aclose()


async def test_the_process_tells_its_address_and_drains_on_sigterm(
    nats_url: str, bare_database_url: str, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "CLIPWIRE_HOME": str(tmp_path),
        "CLIPWIRE_NATS_URL": nats_url,
        "CLIPWIRE_DATABASE_URL": bare_database_url,
        "CLIPWIRE_HTTP_PORT": "0",
        "CLIPWIRE_DRAIN_S": "2",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.http", env=environment, stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    told = tmp_path / "gateway.json"
    try:
        async with asyncio.timeout(30):
            while not told.exists():
                assert process.returncode is None
                await asyncio.sleep(0.02)
        about = json.loads(told.read_text())
        assert about["pid"] == process.pid
        assert told.stat().st_mode & 0o777 == 0o600
        token_file = tmp_path / "access_token"
        assert token_file.stat().st_mode & 0o777 == 0o600
        headers = {"Authorization": f"Bearer {token_file.read_text().strip()}"}
        async with httpx.AsyncClient(base_url=about["http_url"], headers=headers) as client:
            assert (await client.get("/api/v1/health/live")).status_code == 200
            async with client.stream("GET", "/api/v1/events") as open_feed:
                assert open_feed.status_code == 200
                process.send_signal(signal.SIGTERM)
                async for _ in open_feed.aiter_bytes():
                    pass
        async with asyncio.timeout(10):
            _, log = await process.communicate()
        assert process.returncode == 0, log.decode()
        assert not told.exists()
        assert b"Traceback" not in log, log.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_bus_that_is_away_is_said_within_seconds(
    client: httpx.AsyncClient, nats_server: NatsServer, bus: Bus
) -> None:
    await nats_server.stop(signal.SIGKILL)
    asked: dict[str, Any] = {
        "/discovery/scan": {"niche": "ai"},
        "/renders": {"clip_id": "youtube:abcdefghijk", "start": 1, "end": 9},
    }

    async def ask(path: str) -> tuple[httpx.Response, float]:
        began = time.monotonic()
        return await client.post(path, json=asked[path]), time.monotonic() - began

    for answer, took in await asyncio.gather(*map(ask, asked)):
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json"), answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert took < 7
    await nats_server.start()
    async with asyncio.timeout(15):
        while not bus.client.is_connected or (await ask("/discovery/scan"))[0].status_code != 202:
            await asyncio.sleep(0.05)


async def test_an_address_that_others_reach_needs_a_yes(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.http", stderr=asyncio.subprocess.PIPE, cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "CLIPWIRE_HOME": str(tmp_path), "CLIPWIRE_HTTP_HOST": "0.0.0.0"},
    )  # fmt: skip
    _, log = await process.communicate()
    assert process.returncode == REFUSED
    assert b"CLIPWIRE_HTTP_EXPOSE" in log


async def test_the_feed_of_a_user_has_their_own_events_and_that_of_an_admin_all(client: httpx.AsyncClient) -> None:
    tokens = {}
    for name in ("first", "ada", "eve"):
        await register(client, name)
        tokens[name] = (await log_in(client, name))["access_token"]
        headers = {"Authorization": f"Bearer {tokens[name]}"}
        answer = await client.post("/discovery/scan", json={"niche": f"what {name} looks for"}, headers=headers)
        assert answer.status_code == 202

    async def niches(token: str, count: int) -> list[str]:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=client.base_url, headers=headers, timeout=10) as asking:
            read = feed(asking, after=0)
            return [json.loads((await anext(read)).data)["data"]["niche"] for _ in range(count)]

    assert await niches(tokens["eve"], 1) == ["what eve looks for"]
    assert await niches(tokens["ada"], 1) == ["what ada looks for"]
    assert await niches(tokens["first"], 3) == [f"what {name} looks for" for name in tokens]
    assert len(await niches(TOKEN, 3)) == 3
