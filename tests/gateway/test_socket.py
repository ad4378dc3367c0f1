"""The event feed over a WebSocket: who may open it, and that whoever comes back misses nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio import client as websockets
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from contracts import subjects as s
from contracts.envelope import Progress
from contracts.events import DiscoveryRequested
from gateway.http.server import serving
from gateway.http.settings import GatewaySettings
from runtime.bus import Bus, new_command
from runtime.settings import RuntimeSettings
from tests.gateway.conftest import TOKEN
from tests.gateway.samples import START, event, whole_job

BEARER = {"Authorization": f"Bearer {TOKEN}"}
connect = partial(websockets.connect, open_timeout=60)  # a busy machine may take ten seconds, its default


@pytest.fixture
async def url(nats_url: str, database_url: str, bus: Bus, tmp_path: Path) -> AsyncIterator[str]:
    """A door on a port of the system's choice."""
    runtime = RuntimeSettings(home=tmp_path / "home", nats_url=nats_url, database_url=database_url, drain_s=1)
    settings = GatewaySettings(
        http_port=0, http_heartbeat_s=0.2, http_streams=3, http_cors_origins="https://clips.example"
    )
    async with serving(runtime, settings, TOKEN) as address:
        yield address.replace("http://", "ws://") + "/api/v1/ws"


async def take(count: int, socket: ClientConnection) -> list[dict[str, Any]]:
    """The next messages but for heartbeats."""
    taken: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while len(taken) < count:
            message = json.loads(await socket.recv())
            taken += [] if "at" in message else [message]
    return taken


def command(number: int) -> Any:
    data = DiscoveryRequested(niche=f"niche {number}")
    return new_command(s.DISCOVERY_REQUESTED, data, source="test", id=f"c{number}")


async def test_a_client_that_comes_back_at_any_place_misses_nothing(url: str, bus: Bus) -> None:
    for number in range(250):
        await bus.publish(command(number))
    seen: list[int] = []
    while len(seen) < 250:
        last = seen[-1] if seen else 0
        # It reads on while it leaves: a client whose queue is full waits ten seconds for an answer that is behind it.
        async with connect(f"{url}?after={last}", additional_headers=BEARER, max_queue=None) as socket:
            ready, *events = await take(min(61, 251 - len(seen)), socket)
        assert ready == {"ready": last}
        seen += [one["sequence"] for one in events]
        assert events[-1]["event"]["id"] == f"c{len(seen) - 1}"
    assert seen == list(range(1, 251))


async def test_subjects_are_filtered_and_what_comes_later_is_sent_at_once(url: str, bus: Bus) -> None:
    async with connect(f"{url}?subject=candidate.*&subject=render.done", additional_headers=BEARER) as socket:
        await take(1, socket)
        for place, (subject, data) in enumerate(whole_job(), 1):
            await bus.publish(event(subject, data, place))
        told = await take(4, socket)
    names = [subject.name for subject, _ in whole_job()]
    wanted = [(n, name) for n, name in enumerate(names, 1) if name.startswith("candidate.") or name == "render.done"]
    assert [(one["sequence"], one["subject"]) for one in told] == wanted


async def test_an_idle_socket_is_told_the_place_behind_what_it_did_not_want(url: str, bus: Bus) -> None:
    async with connect(f"{url}?subject=render.done", additional_headers=BEARER) as socket:
        await take(1, socket)
        for number in range(3):
            await bus.publish(command(number))
        async with asyncio.timeout(10):
            while json.loads(await socket.recv()) != {"at": 3}:
                pass


async def test_a_browser_offers_its_token_as_a_subprotocol_or_says_it_first(url: str, bus: Bus) -> None:
    protocols: Any = ["clipwire", f"bearer.{TOKEN}"]
    async with connect(url, subprotocols=protocols) as socket:
        assert socket.subprotocol == "clipwire"
        assert await take(1, socket) == [{"ready": 0}]
    async with connect(url) as socket:
        await socket.send(json.dumps({"token": TOKEN}))
        assert await take(1, socket) == [{"ready": 0}]


@pytest.mark.parametrize("said", ['{"token": "wrong"}', "no json", "[]", '{"token": 5}', '"x"', "{}", "[" * 9000])
async def test_whoever_says_no_token_is_told_nothing(url: str, bus: Bus, said: str) -> None:
    async with connect(url) as socket:
        await socket.send(said)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


async def test_a_wrong_token_another_origin_and_another_path_are_refused_at_the_handshake(url: str) -> None:
    refused: list[tuple[str, dict[str, str]]] = [
        (url, {"Authorization": "Bearer wrong"}),
        (url, {**BEARER, "Origin": "https://evil.example"}),
        (url, {**BEARER, "Origin": "null"}),
        (url, {"Cookie": f"clipwire_access_token={TOKEN}", "Origin": "https://evil.example"}),
        (url.replace("/ws", "/events"), BEARER),
    ]
    for address, headers in refused:
        with pytest.raises(InvalidStatus):
            await connect(address, additional_headers=headers)
    own = url.replace("ws://", "http://").partition("/api")[0]
    for origin in (own, "https://clips.example"):
        async with connect(url, additional_headers={**BEARER, "Origin": origin}) as socket:
            assert await take(1, socket) == [{"ready": 0}]


async def test_no_cookie_opens_it(url: str) -> None:
    async with connect(url, additional_headers={"Cookie": f"clipwire_access_token={TOKEN}"}) as socket:
        await socket.send("{}")
        with pytest.raises(ConnectionClosed):
            await socket.recv()


async def test_a_wish_that_does_not_fit_closes_it_with_the_reason(url: str) -> None:
    for query in ("after=-1", "subject=no.such", "afer=3", "progress=x"):
        async with connect(f"{url}?{query}", additional_headers=BEARER) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, query.partition("=")[0] in closed.value.rcvd.reason) == (1008, True)


async def test_progress_and_what_is_no_event_come_too_and_an_earlier_stream_is_told(url: str, bus: Bus) -> None:
    await bus.js.publish("discovery.requested", b"no json")
    async with connect(f"{url}?after=99&progress=true", additional_headers=BEARER) as socket:
        reset, malformed = await take(2, socket)
        assert "reset" in reset
        assert (malformed["sequence"], malformed["malformed"]["subject"]) == (1, "discovery.requested")
        waiting = asyncio.create_task(take(1, socket))
        while not waiting.done():
            await bus.report(Progress(stage="renderer", entity="r_1", done=0.5, time=START))
            await asyncio.sleep(0.02)
    assert waiting.result()[0]["progress"]["done"] == 0.5


async def test_more_than_the_limit_are_refused_and_a_closed_one_makes_room(url: str) -> None:
    sockets = [await connect(url, additional_headers=BEARER) for _ in range(3)]
    for socket in sockets:
        await take(1, socket)
    async with connect(url, additional_headers=BEARER) as one_more:
        with pytest.raises(ConnectionClosed) as closed:
            await one_more.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013
    await sockets[0].close()
    async with asyncio.timeout(10):
        while True:
            async with connect(url, additional_headers=BEARER) as again:
                try:
                    assert await take(1, again) == [{"ready": 0}]
                    break
                except ConnectionClosed:
                    continue
    for socket in sockets[1:]:
        await socket.close()
