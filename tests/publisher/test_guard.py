"""What the publisher does not ask: this machine and its network, and anything without encryption."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from actors.publisher.adapters.http import HttpApi, open_client
from actors.publisher.adapters.platforms import hosts_set
from actors.publisher.adapters.platforms.bluesky_login import AppPasswordGrant
from actors.publisher.adapters.platforms.mastodon_login import InstanceGrant
from actors.publisher.adapters.platforms.peertube_login import PasswordGrant
from actors.publisher.ports import Call, Grant
from actors.publisher.settings import PublisherSettings
from runtime.errors import ClipwireError, Reject
from tests.publisher.platforms.server import PlatformServer, Reply, json_reply


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A port of this machine, and what was sent to it."""
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1000))
        writer.close()

    async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], heard


async def test_nothing_is_asked_without_encryption() -> None:
    server = PlatformServer()
    server.on("GET", "/", lambda request: Reply())
    async with open_client(()) as client:
        with server.running() as url, pytest.raises(Reject, match="without encryption") as error:
            await HttpApi(client, "a platform").send(Call("GET", f"{url}/"))
    assert "CLIPWIRE_PUBLISHER_PRIVATE_HOSTS" in error.value.advice
    assert server.asked("GET /") == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"]
)
async def test_this_machine_is_not_connected_to(host: str) -> None:
    async with listening() as (port, heard), open_client(()) as client:
        with pytest.raises(Reject, match="not a public address"):
            await HttpApi(client, "a platform").send(Call("GET", f"https://{host}:{port}/"))
    assert heard == []


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "192.168.1.1", "[fd00:ec2::254]", "[fe80::1]"])
async def test_neither_is_its_network(host: str) -> None:
    async with open_client(()) as client:
        with pytest.raises(Reject, match="not a public address"):
            await HttpApi(client, "a platform").send(Call("GET", f"https://{host}/latest/meta-data/"))


async def test_hosts_of_the_setting_are_asked() -> None:
    settings = PublisherSettings(_env_file=None, publisher_private_hosts="tube.lan, 127.0.0.1,[::1]")
    assert {"tube.lan", "127.0.0.1", "::1"} <= settings.private_hosts
    server = PlatformServer()
    server.on("GET", "/", lambda request: Reply())
    async with open_client(settings.private_hosts) as client:
        with server.running() as url:
            assert (await HttpApi(client, "a platform").send(Call("GET", f"{url}/"))).ok


GRANTS: list[tuple[Grant, str]] = [
    (AppPasswordGrant(""), "POST /xrpc/com.atproto.server.createSession"),
    (PasswordGrant(), "GET /api/v1/oauth-clients/local"),
    (InstanceGrant(), "POST /api/v1/apps"),
]


@pytest.mark.parametrize(("grant", "first"), GRANTS, ids=["bluesky", "peertube", "mastodon"])
@pytest.mark.parametrize("status", [200, 302, 401, 404, 429, 500])
async def test_what_another_server_says_is_not_passed_on(grant: Grant, first: str, status: int) -> None:
    server = PlatformServer()
    answer = {
        "error": "inner-secret-1",
        "message": "inner-secret-2",
        "detail": "inner-secret-3",
        "error_description": "inner-secret-4",
    }
    replies = [
        json_reply(answer, status),
        Reply(status, b"inner-secret-5", {"Location": "http://inner/?inner-secret-6"}),
    ]
    method, _, path = first.partition(" ")
    server.on(method, path, lambda request: replies.pop())
    given = {"identifier": "me", "username": "me", "password": "x"}
    async with open_client({"127.0.0.1"}) as client:
        with server.running() as url:
            while replies:
                with pytest.raises(ClipwireError) as error:
                    api, given = HttpApi(client, "it"), {**given, "base_url": url}
                    await grant.consent(api, given, state="", verifier="", redirect_uri="")
                    await grant.tokens(api, given, verifier="", redirect_uri="")
                assert "inner-secret" not in f"{error.value.what} {error.value.advice}"


def test_a_host_that_the_operator_has_set_for_a_platform_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hosts_set() == frozenset()
    monkeypatch.setenv("CLIPWIRE_TELEGRAM_BASE_URL", "http://bot-api.lan:8081")
    monkeypatch.setenv("CLIPWIRE_YOUTUBE_BASE_URL", "http://127.0.0.1:9000")
    assert hosts_set() == {"bot-api.lan", "127.0.0.1"}
