"""YouTube channels that are followed: asked for, confirmed, renewed, told of; and nobody else is believed."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.hooks.hooks import Hooks, open_hooks
from gateway.hooks.settings import HookSettings
from gateway.hooks.websub import InvalidFeedError, entries, signed, topic
from gateway.http.settings import GatewaySettings
from gateway.projection.database import Pool
from runtime.bus import Bus
from runtime.tasks import end
from tests.gateway.answers import problem, stored
from tests.support.http import Handler, answering

YOUTUBE = "UC_x5XG1OV2P6uZZ5FSM9Ttw"


@dataclass
class Hub:
    """Keeps what it was asked for, and answers 202."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@pytest.fixture
def hub() -> Iterator[Hub]:
    """YouTube's hub."""
    kept = Hub()

    class Answers(Handler):
        def do_POST(self) -> None:
            kept.asked.append({name: value[0] for name, value in parse_qs(self.body().decode()).items()})
            self.tell(status=kept.answers.pop(0) if kept.answers else 202)

    with answering(Answers) as url:
        kept.url = url
        yield kept


@pytest.fixture
def settings() -> GatewaySettings:
    """A door that others reach."""
    return GatewaySettings(http_public_url="https://clips.example.org/")


@pytest.fixture
async def hooks(pool: Pool, hub: Hub, tmp_path: Path) -> Hooks:
    """Over that hub."""
    return await open_hooks(pool, HookSettings(websub_base_url=hub.url), home=tmp_path / "home")


async def follow(client: httpx.AsyncClient, **more: Any) -> str:
    answer = await client.post("/follows", json={"youtube_id": YOUTUBE, **more})
    assert answer.status_code == 201, answer.text
    ident: str = answer.json()["follow_id"]
    return ident


def feed(video: str, *, published: datetime | None = None, channel: str = YOUTUBE) -> bytes:
    time = (published or datetime.now(UTC)).isoformat()
    return (
        '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"><entry>'
        f"<id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId><yt:channelId>{channel}</yt:channelId>"
        f"<title>T</title><published>{time}</published><updated>{time}</updated></entry></feed>"
    ).encode()


def address(ident: str) -> str:
    return f"http://localhost/hooks/youtube/{ident}"


async def tell(client: httpx.AsyncClient, ident: str, body: bytes, secret: str, method: str = "sha1") -> int:
    sign = hmac.new(secret.encode(), body, method).hexdigest()
    headers = {"X-Hub-Signature": f"{method}={sign}", "Authorization": ""}
    return (await client.post(address(ident), content=body, headers=headers)).status_code


async def until(true: Any) -> None:
    async with asyncio.timeout(15):
        while not true():
            await asyncio.sleep(0.02)


async def secret_of(hooks: Hooks, ident: str) -> str:
    row = await hooks.follows.known(ident)
    assert row is not None
    return hooks.follows.secret(row)


async def verify(client: httpx.AsyncClient, ident: str, **more: str) -> httpx.Response:
    query = {
        "hub.mode": "subscribe",
        "hub.topic": topic(YOUTUBE),
        "hub.challenge": "c-1",
        "hub.lease_seconds": "864000",
    }
    return await client.get(address(ident), params={**query, **more}, headers={"Authorization": ""})


async def test_the_hub_is_asked_confirms_and_is_asked_again_before_the_lease_ends(
    client: httpx.AsyncClient, hooks: Hooks, hub: Hub, bus: Bus, pool: Pool
) -> None:
    ident = await follow(client)
    working = asyncio.create_task(hooks.run(bus))
    await until(lambda: hub.asked)
    (asked,) = hub.asked
    assert asked["hub.mode"] == "subscribe"
    assert asked["hub.topic"] == topic(YOUTUBE)
    assert asked["hub.callback"] == f"https://clips.example.org/hooks/youtube/{ident}"
    assert asked["hub.secret"] == await secret_of(hooks, ident)
    confirmed = await verify(client, ident)
    assert (confirmed.status_code, confirmed.text) == (200, "c-1")
    assert confirmed.headers["content-type"].startswith("text/plain")
    view = (await client.get(f"/follows/{ident}")).json()
    assert datetime.fromisoformat(view["leased_until"]) > datetime.now(UTC) + timedelta(days=9)
    await end(working)
    await pool.execute(
        "UPDATE hooks.follows SET leased_until = now() + interval '2 hours', asked_at = now() - interval '1 hour'"
    )
    working = asyncio.create_task(hooks.run(bus))
    await until(lambda: len(hub.asked) == 2)
    await client.delete(f"/follows/{ident}")
    await until(lambda: len(hub.asked) == 3)
    assert hub.asked[2]["hub.mode"] == "unsubscribe"
    problem(await verify(client, ident), 404)
    assert (await verify(client, ident, **{"hub.mode": "unsubscribe"})).text == "c-1"
    assert await pool.fetchval("SELECT count(*) FROM hooks.follows") == 0
    await end(working)


async def test_nothing_is_confirmed_that_was_not_asked_for(client: httpx.AsyncClient) -> None:
    ident = await follow(client)
    for wrong in (
        {"hub.topic": topic("UC" + "x" * 22)}, {"hub.mode": "unsubscribe"}, {"hub.mode": "x"}, {"hub.challenge": ""},
    ):  # fmt: skip
        problem(await verify(client, ident, **wrong), 404)
    problem(await verify(client, "yt_unknown"), 404)
    assert (await verify(client, ident, **{"hub.mode": "denied", "hub.reason": "no"})).status_code == 200
    assert "no" in (await client.get(f"/follows/{ident}")).json()["error"]


async def test_a_new_video_becomes_a_command_once(client: httpx.AsyncClient, hooks: Hooks, bus: Bus) -> None:
    ident = await follow(client, niche="bees", clips=2)
    secret = await secret_of(hooks, ident)
    for _ in range(3):
        assert await tell(client, ident, feed("dQw4w9WgXcQ"), secret) == 202
    assert await tell(client, ident, feed("abcdefghijk"), secret, "sha256") == 202
    first, second = await stored(bus)
    assert (first.type, first.data.key, first.data.niche, first.data.clips) == (
        "candidate.approved", "youtube:dQw4w9WgXcQ", "bees", 2,
    )  # fmt: skip
    assert (first.data.vouch, first.data.approved_by, first.owner) == (False, "operator", None)
    assert second.data.key == "youtube:abcdefghijk"
    assert (await client.get(f"/follows/{ident}")).json()["heard_at"]


async def test_what_is_not_signed_old_or_of_another_channel_leads_to_nothing(
    client: httpx.AsyncClient, hooks: Hooks, bus: Bus
) -> None:
    ident = await follow(client)
    secret = await secret_of(hooks, ident)
    body = feed("dQw4w9WgXcQ")
    assert await tell(client, ident, body, "another secret") == 202
    for header in ("", "sha1=", "sha1=00", "md5=00", "sha1"):
        answer = await client.post(address(ident), content=body, headers={"X-Hub-Signature": header})
        assert answer.status_code == 202
    old = datetime.now(UTC) - timedelta(days=30)
    deleted = b'<feed xmlns:at="http://purl.org/atompub/tombstones/1.0"><at:deleted-entry ref="yt:video:x"/></feed>'
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + body
    for ignored in (
        feed("dQw4w9WgXcQ", published=old),
        feed("dQw4w9WgXcQ", channel="UC" + "x" * 22),
        b"<x",
        deleted,
        bomb,
        bomb.decode().encode("utf-16"),
    ):
        assert await tell(client, ident, ignored, secret) == 202
    assert await stored(bus) == []
    assert (await client.post(address("yt_unknown"), content=body)).status_code == 410


async def test_a_user_who_may_no_more_causes_nothing(
    client: httpx.AsyncClient, hooks: Hooks, bus: Bus, pool: Pool
) -> None:
    ident = await follow(client)
    await pool.execute("INSERT INTO users.users (id, name, role) VALUES ('u_ada', 'ada', 'viewer')")
    await pool.execute("UPDATE hooks.follows SET owner = 'u_ada'")
    secret = await secret_of(hooks, ident)
    assert await tell(client, ident, feed("dQw4w9WgXcQ"), secret) == 202
    assert await stored(bus) == []
    await pool.execute("UPDATE users.users SET role = 'creator'")
    assert await tell(client, ident, feed("dQw4w9WgXcQ"), secret) == 202
    (event,) = await stored(bus)
    assert event.owner == "u_ada"


async def test_a_hub_that_refuses_is_told_of(client: httpx.AsyncClient, hooks: Hooks, hub: Hub, bus: Bus) -> None:
    hub.answers.append(503)
    ident = await follow(client)
    working = asyncio.create_task(hooks.run(bus))
    async with asyncio.timeout(15):
        while "503" not in ((await client.get(f"/follows/{ident}")).json()["error"] or ""):
            await asyncio.sleep(0.02)
    await end(working)


async def test_what_does_not_fit_is_answered(client: httpx.AsyncClient) -> None:
    assert problem(await client.post("/follows", json={"youtube_id": "x"}), 422)["field"] == "youtube_id"
    for method in ("GET", "DELETE"):
        problem(await client.request(method, "/follows/yt_none"), 404)
    await follow(client)
    assert len((await client.get("/follows")).json()["items"]) == 1


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"<feed>{text}</feed>".encode("utf-8", "ignore"))
)
def test_no_body_is_a_bug(body: bytes) -> None:
    with suppress(InvalidFeedError):
        list(entries(body))


@given(st.binary(max_size=50), st.text(max_size=60))
def test_only_the_secret_signs(body: bytes, header: str) -> None:
    assert not signed("a secret", body, header)
    assert signed("a secret", body, "sha1=" + hmac.new(b"a secret", body, "sha1").hexdigest())
