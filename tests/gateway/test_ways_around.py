"""Ways around an owner, a scope or a role, each of which was open once."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts import asks
from contracts import subjects as s
from contracts.events import DiscoveryRequested
from contracts.publishing import Account
from contracts.work import Channel
from gateway.hooks.hooks import Hooks
from gateway.http.settings import GatewaySettings
from gateway.projection.database import Pool
from gateway.projection.projector import Projector
from runtime.bus import Bus, new_command
from runtime.kv import NatsChannels
from tests.gateway.answers import problem, stored
from tests.gateway.conftest import projected
from tests.gateway.people import PASSWORD, Asking, MakeUser
from tests.gateway.samples import JOB, event, whole_job
from tests.support.films import film_bytes

YOUTUBE = "UC_x5XG1OV2P6uZZ5FSM9Ttw"
ADAS, EVES = "tube:ada", "tube:eve"
SPAN = {"clip_id": JOB, "start": 1, "end": 20}


@pytest.fixture
def settings() -> GatewaySettings:
    """A door that a hub reaches."""
    return GatewaySettings(http_public_url="https://clips.example.org", http_upload_bytes=100_000)


@pytest.fixture
async def eve(make_user: MakeUser, bus: Bus, projector: Projector) -> Asking:
    """A creator with a clip of their own."""
    one = await make_user("eve")
    last = 0
    for place, (subject, data) in enumerate(whole_job()[:10]):
        last = (await bus.publish(event(subject, data, place).model_copy(update={"owner": one.id}))).sequence
    await projected(projector, last)
    return one


@asynccontextmanager
async def accounts_of(bus: Bus, ada: Asking, eve: Asking) -> AsyncIterator[None]:
    """Each has connected one account."""

    async def accounts(_: asks.Nothing) -> asks.Accounts:
        now = datetime(2026, 11, 21, tzinfo=UTC)
        return asks.Accounts(
            accounts=tuple(
                Account(account_id=name, platform="tube", title="Tube", owner=who.id, connected_at=now)
                for name, who in ((ADAS, ada), (EVES, eve))
            )
        )

    async with bus.answering({asks.ACCOUNTS: accounts}):
        yield


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_short_is_not_ordered_for_an_account_of_somebody_else_nor_in_their_name(
    make_user: MakeUser, eve: Asking, bus: Bus
) -> None:
    ada = await make_user("ada")
    before = len(await stored(bus))
    async with accounts_of(bus, ada, eve):
        for path in ("/renders", "/events/render.requested"):
            for accounts in ([ADAS], [EVES, ADAS]):
                order = {**SPAN, "accounts": accounts, "publish": {}}
                assert problem(await eve.client.post(path, json=order), 404)["field"] == "account_id"
            order = {**SPAN, "accounts": [EVES, f"outbox:{eve.id}-x"], "publish": {"requested_by": "ada"}}
            assert (await eve.client.post(path, json=order)).status_code == 202
    told = (await stored(bus))[before:]
    assert [(each.data.requested_by, each.data.publish.requested_by) for each in told] == [("eve", "eve")] * 2


async def test_no_short_of_somebody_else_is_published_by_telling_where_it_is(make_user: MakeUser, eve: Asking) -> None:
    mallory = await make_user("mallory")
    (render,) = (item["render_id"] for item in (await eve.client.get("/renders")).json()["items"])
    for more in ({}, {"url": "https://example.org/1"}, {"outcome": "there", "url": "https://example.org/1"}):
        post = {"render_id": render, "account_id": f"outbox:{mallory.id}", **more}
        problem(await mallory.client.post("/events/publish.requested", json=post), 404)


@pytest.mark.parametrize("uri", ["media://clips/youtube/abc/source.mp4", "media://renders/r_0/video.mp4"])
@pytest.mark.parametrize("field", ["music", "watermark_image"])
async def test_no_recipe_of_a_user_plays_or_shows_what_was_made_for_others(eve: Asking, uri: str, field: str) -> None:
    recipe = {field: uri}
    for answer in (
        await eve.client.post("/renders", json={**SPAN, "recipe": recipe}),
        await eve.client.put("/channels/default", json={"recipes": [recipe]}),
    ):
        assert problem(answer, 422)["field"] == f"recipe.{field}"
    brand = {field: "media://brand/file.bin"}
    assert (await eve.client.post("/renders", json={**SPAN, "recipe": brand})).status_code == 202


async def test_what_a_user_follows_goes_to_their_own_channels_alone(
    client: httpx.AsyncClient, make_user: MakeUser, bus: Bus, hooks: Hooks
) -> None:
    eve = await make_user("eve")
    await NatsChannels(bus.js).put(Channel(channel_id="adas", owner="u_ada"))
    asked = {"youtube_id": YOUTUBE, "channel_id": "adas"}
    assert problem(await eve.client.post("/follows", json=asked), 404)["field"] == "channel_id"
    made = await eve.client.post("/follows", json={"youtube_id": YOUTUBE})
    assert (made.status_code, made.json()["channel_id"]) == (201, eve.id)
    assert await hear(client, hooks, made.json()["follow_id"], "dQw4w9WgXcQ") == 202
    (told,) = await stored(bus)
    assert (told.owner, told.data.channel_id) == (eve.id, eve.id)


async def test_what_was_followed_for_a_channel_that_is_somebody_elses_now_leads_to_nothing(
    client: httpx.AsyncClient, make_user: MakeUser, bus: Bus, hooks: Hooks
) -> None:
    eve = await make_user("eve")
    channels = NatsChannels(bus.js)
    await channels.put(Channel(channel_id="ours", owner=eve.id))
    made = await eve.client.post("/follows", json={"youtube_id": YOUTUBE, "channel_id": "ours"})
    ident = made.json()["follow_id"]
    await channels.put(Channel(channel_id="ours", owner="u_ada"))
    assert await hear(client, hooks, ident, "dQw4w9WgXcQ") == 202
    assert await stored(bus) == []
    assert "ours" in (await eve.client.get(f"/follows/{ident}")).json()["error"]


async def hear(client: httpx.AsyncClient, hooks: Hooks, ident: str, video: str) -> int:
    """The hub tells of a video."""
    body = (
        '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"><entry>'
        f"<yt:videoId>{video}</yt:videoId><yt:channelId>{YOUTUBE}</yt:channelId>"
        f"<published>{datetime.now(UTC).isoformat()}</published></entry></feed>"
    ).encode()
    row = await hooks.follows.known(ident)
    assert row is not None
    sign = hmac.new(hooks.follows.secret(row).encode(), body, "sha1").hexdigest()
    headers = {"X-Hub-Signature": f"sha1={sign}", "Authorization": ""}
    return (await client.post(f"http://localhost/hooks/youtube/{ident}", content=body, headers=headers)).status_code


async def test_a_narrowed_token_makes_nothing_that_may_more_than_itself(
    client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    ada, boss = await make_user("ada"), await make_user("boss", "admin")
    mine = bearer(await ada.token("me:write", "webhooks:write"))
    hook = {"url": "https://example.org/hook"}
    ways: list[tuple[str, str, Any, dict[str, str]]] = [
        ("POST", "/users/me/telegram", None, mine),
        ("POST", "/users/me/telegram/bots", {"token": "1:x"}, mine),
        ("POST", "/webhooks", hook, mine),
    ]
    theirs = bearer(await boss.token("users:write"))
    ways += [
        ("POST", "/users/invitations", {"role": "viewer"}, theirs),
        ("POST", "/users", {"name": "robot", "role": "admin"}, theirs),
        ("PUT", f"/users/{ada.id}", {"role": "admin"}, theirs),
        ("POST", f"/users/{boss.id}/reset", None, theirs),
        ("POST", "/auth/register", {"name": "mallory", "password": PASSWORD, "role": "admin"}, theirs),
    ]
    for method, path, body, headers in ways:
        problem(await client.request(method, path, json=body, headers=headers), 403)
    assert (await client.put(f"/users/{ada.id}", json={"disabled": True}, headers=theirs)).status_code == 200


async def test_what_waits_for_a_webhook_is_sent_to_nobody_who_may_not_see_it_any_more(
    client: httpx.AsyncClient, make_user: MakeUser, bus: Bus, pool: Pool, hooks: Hooks
) -> None:
    boss = await make_user("boss", "admin")
    made = await boss.client.post("/webhooks", json={"url": "http://127.0.0.1:1/hook"})
    ident = made.json()["webhook_id"]
    await boss.client.patch(f"/webhooks/{ident}", json={"paused": True})
    working = asyncio.create_task(hooks.run(bus))
    for number, owner in enumerate(("u_ada", boss.id)):
        data = DiscoveryRequested(niche=f"niche {number}")
        await bus.publish(new_command(s.DISCOVERY_REQUESTED, data, source="test", id=f"c{number}", owner=owner))
    async with asyncio.timeout(15):
        while await pool.fetchval("SELECT count(*) FROM hooks.deliveries") < 2:
            await asyncio.sleep(0.02)
    working.cancel()
    await asyncio.wait([working])
    await boss.client.patch(f"/webhooks/{ident}", json={"paused": False})

    async def sendable() -> list[str]:
        rows = await pool.fetch("SELECT event_id FROM hooks.sendable ORDER BY event_id")
        return [row["event_id"] for row in rows]

    assert await sendable() == ["c0", "c1"]
    await client.put(f"/users/{boss.id}", json={"role": "creator"})
    assert await sendable() == ["c1"]
    await client.put(f"/users/{boss.id}", json={"disabled": True})
    assert await sendable() == []


async def test_of_fields_that_no_form_has_nothing_is_kept(eve: Asking) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for number in range(64):
            sent += 1
            yield f'--b\r\nContent-Disposition: form-data; name="f{number}"\r\n\r\n{"x" * 60_000}\r\n'.encode()

    form = {"Content-Type": "multipart/form-data; boundary=b"}
    assert problem(await eve.client.post("/clips", content=endless(), headers=form), 422)["field"] == "f0"
    assert sent < 4


async def test_an_upload_whose_order_is_refused_leaves_nothing_behind(eve: Asking, tmp_path: Path) -> None:
    form = {"video": ("a.mp4", film_bytes())}
    problem(await eve.client.post("/clips", files=form, data={"clips": "many"}), 422)
    problem(await eve.client.post("/clips", files=form, data={"channel_id": "adas"}), 404)
    assert list((tmp_path / "home" / "uploads").iterdir()) == []
    assert (await eve.client.post("/clips", files=form, data={"id": "mine", "clips": "2"})).status_code == 202


async def test_an_export_has_the_webhooks_and_tells_nothing_of_the_admins(
    client: httpx.AsyncClient, make_user: MakeUser, bus: Bus
) -> None:
    ada, boss = await make_user("ada"), await make_user("boss", "admin")
    hook = (await ada.client.post("/webhooks", json={"url": "https://example.org/hook"})).json()
    await ada.client.post("/follows", json={"youtube_id": YOUTUBE})
    await boss.client.put(f"/users/{ada.id}", json={"role": "viewer"})
    async with accounts_of(bus, ada, boss):
        answer = await ada.client.get("/users/me/export")
    told = answer.json()
    assert [each["webhook_id"] for each in told["webhooks"]] == [hook["webhook_id"]]
    assert [each["youtube_id"] for each in told["follows"]] == [YOUTUBE]
    assert hook["secret"] not in answer.text and "user.changed" in {each["action"] for each in told["audit"]}
    assert boss.id not in answer.text and "boss" not in answer.text
