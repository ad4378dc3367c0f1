"""What one user may take of what is there for all, and whose address it is that is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.http.places import Places
from gateway.http.problems import ProblemError
from gateway.http.server import serving
from gateway.http.settings import GatewaySettings
from gateway.users.principal import OPERATOR
from runtime.bus import Bus
from runtime.settings import RuntimeSettings
from tests.gateway.answers import problem
from tests.gateway.conftest import TOKEN
from tests.gateway.people import log_in, register

SHARE = 2
CLIENT, FORGED = "203.0.113.9", "198.51.100.7"


@pytest.fixture
def proxies() -> str:
    """Whom the door believes what they say of a client."""
    return "127.0.0.1, ::1"


@pytest.fixture
async def url(
    nats_url: str, database_url: str, bus: Bus, tmp_path: Path, proxies: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """A door on a port of the system's choice. An address may send ten requests at once, and one a second."""
    monkeypatch.setenv("CLIPWIRE_ADDRESS_RATE", "1")
    runtime = RuntimeSettings(home=tmp_path / "home", nats_url=nats_url, database_url=database_url, drain_s=1)
    settings = GatewaySettings(
        http_port=0, http_streams=5, http_streams_per_user=SHARE, http_trusted_proxies=proxies, http_heartbeat_s=0.2
    )
    async with serving(runtime, settings, TOKEN) as address:
        yield address


@pytest.fixture
async def operator(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Asks as the operator."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=30) as client:
        yield client


async def bearer(operator: httpx.AsyncClient, name: str) -> dict[str, str]:
    """What a new user sends along."""
    await register(operator, name, "creator")
    return {"Authorization": f"Bearer {(await log_in(operator, name))['access_token']}"}


async def test_one_user_takes_no_more_than_their_share_of_the_streams(url: str, operator: httpx.AsyncClient) -> None:
    await bearer(operator, "first")  # an admin
    adas, bobs = await bearer(operator, "ada"), await bearer(operator, "bob")
    socket_url = url.replace("http://", "ws://") + "/api/v1/ws"
    async with AsyncExitStack() as stack:
        feed = await stack.enter_async_context(operator.stream("GET", "/events", headers=adas))
        assert feed.status_code == 200
        socket = await stack.enter_async_context(connect(socket_url, additional_headers=adas))
        await socket.recv()
        refused = problem(await operator.get("/events", headers=adas), 429)
        assert "CLIPWIRE_HTTP_STREAMS_PER_USER" in refused["advice"]
        async with connect(socket_url, additional_headers=adas) as one_more:
            with pytest.raises(ConnectionClosed) as closed:
                await one_more.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
        for headers in (bobs, {}):  # another user, and the operator
            other = await stack.enter_async_context(operator.stream("GET", "/events", headers=headers))
            assert other.status_code == 200
        await socket.close()
        async with asyncio.timeout(10):
            while True:
                async with operator.stream("GET", "/events", headers=adas) as again:
                    if again.status_code == 200:
                        break


def test_the_operator_has_no_share_and_all_together_have_a_limit() -> None:
    places = Places(most=3, of_one=1)
    with places.taken(OPERATOR), places.taken(None), places.taken(OPERATOR):
        with pytest.raises(ProblemError) as refused, places.taken(None):
            pass
        assert refused.value.status_code == 503
    with places.taken(None):
        pass


async def test_handshakes_are_counted_as_other_requests_are(url: str, operator: httpx.AsyncClient) -> None:
    socket_url = url.replace("http://", "ws://") + "/api/v1/ws"
    for _ in range(30):  # ten, and what comes meanwhile
        with pytest.raises(InvalidStatus, match="403"):
            await connect(socket_url, additional_headers={"Authorization": "Bearer wrong"})
    problem(await operator.get("/clips", headers={"Authorization": "Bearer wrong"}), 429)
    async with connect(socket_url) as socket:  # it would say its token first
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason.partition(":")[0]) == (1013, "too many requests")
    async with connect(socket_url, additional_headers={"Authorization": f"Bearer {TOKEN}"}) as socket:
        assert "ready" in await socket.recv(decode=True)


async def guess(operator: httpx.AsyncClient, forwarded: str) -> tuple[str, int]:
    """The address that the audit has of a failed login, and how it was answered."""
    headers = {"X-Forwarded-For": forwarded}
    answer = await operator.post("/auth/login", json={"name": "nobody", "password": "wrong"}, headers=headers)
    entries = (await operator.get("/audit", params={"action": "login.failed", "limit": 1})).json()["items"]
    return entries[0]["address"], answer.status_code


async def flood(operator: httpx.AsyncClient) -> set[int]:
    """What requests without a good token are answered with that each tell another address."""
    wrong = {"Authorization": "Bearer wrong"}
    return {
        (await operator.get("/clips", headers={**wrong, "X-Forwarded-For": f"203.0.113.{number}"})).status_code
        for number in range(30)
    }


@pytest.mark.parametrize("proxies", ["127.0.0.1, ::1", "127.0.0.0/8", "127.0.0.1/8", "127.0.0.1/255.0.0.0"])
async def test_what_a_trusted_proxy_says_of_a_client_is_believed(operator: httpx.AsyncClient) -> None:
    # The proxy adds the address that it sees; what stands before it, the client may have made up.
    assert await guess(operator, f"{FORGED}, {CLIENT}") == (CLIENT, 401)
    assert await flood(operator) == {401}


@pytest.mark.parametrize("told", ["evil", "'; drop--", "fe80::1%'; drop--", "999.1.1.1", f"{CLIENT}, evil"])
async def test_what_is_no_address_a_trusted_proxy_has_not_said(operator: httpx.AsyncClient, told: str) -> None:
    assert await guess(operator, told) == ("127.0.0.1", 401)


@pytest.mark.parametrize("told", ["2001:db8::1", f"evil, {CLIENT}", f"{CLIENT}:4711"])
async def test_an_address_is_believed_however_it_is_written(operator: httpx.AsyncClient, told: str) -> None:
    assert (await guess(operator, told))[0] in {"2001:db8::1", CLIENT}


@pytest.mark.parametrize("proxies", ["192.0.2.0/24", "none"])
async def test_what_anybody_else_says_of_a_client_counts_for_nothing(operator: httpx.AsyncClient) -> None:
    assert await guess(operator, f"{FORGED}, {CLIENT}") == ("127.0.0.1", 401)
    assert await flood(operator) == {401, 429}


def test_a_proxy_that_is_no_address_is_refused_at_the_start() -> None:
    for told in ("proxy.example", "*", "10.0.0.0/40"):
        with pytest.raises(ValidationError):
            GatewaySettings(http_trusted_proxies=told)
    assert GatewaySettings(http_trusted_proxies="10.0.0.7/8, ::1,none").trusted_proxies == ["10.0.0.0/8", "::1/128"]
