"""Export, deletion and the audit: what a user owns can be taken along, and goes when they go."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel

from actors.archiver.core import manifest_uri
from actors.discovery.store import Scan, Scans
from contracts import asks
from contracts.audit import AuditEntry
from contracts.events import MediaArchived
from contracts.ids import digest, publication_id
from contracts.keys import clip_uri, prints_uri, render_uri
from contracts.publishing import Account
from contracts.subjects import MEDIA_ARCHIVED
from gateway.projection.database import Pool, reset
from gateway.projection.projector import Projector
from gateway.users.audit import Audit, Came
from gateway.users.identities import Identities
from runtime.asks import Answers
from runtime.bus import Bus
from runtime.media import FileMediaStore
from tests.gateway.answers import problem
from tests.gateway.conftest import projected
from tests.gateway.people import Asking, MakeUser
from tests.gateway.samples import JOB, event, order, whole_job

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SHARED, OWN = JOB, "youtube:adasown0000"


class Note(BaseModel):
    text: str = "x"


async def own(bus: Bus, projector: Projector, asking: Asking, job: str) -> None:
    """Put a whole job on the stream as that of a user."""
    last = 0
    for place, (subject, data) in enumerate(whole_job(job)):
        said = event(subject, data, place).model_copy(update={"owner": asking.id, "id": f"{asking.id}|{job}|{place}"})
        last = (await bus.publish(said)).sequence
    await projected(projector, last)


@asynccontextmanager
async def telegram_of(asking: Asking, bus: Bus) -> AsyncIterator[list[tuple[str, int]]]:
    """A Telegram door that knows one bot and two chats of a user; yields what it was told to forget."""
    forgotten: list[tuple[str, int]] = []

    def chat(bot_id: int, chat_id: int) -> asks.TelegramChat:
        return asks.TelegramChat(bot_id=bot_id, bot="a_bot", chat_id=chat_id, person="Ada", active=True, linked_at=NOW)

    async def shown(asked: asks.WhichUser) -> asks.TelegramView:
        assert asked.user_id == asking.id
        bot = asks.TelegramBot(bot_id=7, username="adas_bot", state="active")
        return asks.TelegramView(chats=(chat(7, 41), chat(1, 42)), bots=(bot,))

    async def remove(asked: asks.WhichBot) -> asks.Nothing:
        forgotten.append(("bot", asked.bot_id))
        return asks.Nothing()

    async def unlink(asked: asks.WhichChat) -> asks.Nothing:
        forgotten.append(("chat", asked.chat_id))
        return asks.Nothing()

    answers: Answers = {asks.TELEGRAM_SHOWN: shown, asks.TELEGRAM_REMOVE: remove, asks.TELEGRAM_UNLINK: unlink}
    async with bus.answering(answers):
        yield forgotten


async def test_an_export_has_everything_of_ones_own_and_nothing_else(
    make_user: MakeUser, bus: Bus, projector: Projector
) -> None:
    ada, eve = await make_user("ada"), await make_user("eve")
    await own(bus, projector, ada, SHARED)
    await own(bus, projector, eve, OWN)
    await ada.client.put("/channels/default", json={"title": "Ada's"})

    async def accounts(_: asks.Nothing) -> asks.Accounts:
        one = Account(account_id="tube:ada", platform="tube", title="Ada", owner=ada.id, connected_at=NOW)
        return asks.Accounts(accounts=(one, one.model_copy(update={"account_id": "tube:eve", "owner": eve.id})))

    async with bus.answering({asks.ACCOUNTS: accounts}):
        answer = await ada.client.get("/users/me/export")
    assert "attachment" in answer.headers["content-disposition"]
    told: dict[str, Any] = json.loads(answer.text)
    assert told["user"]["name"] == "ada"
    assert {
        name: len(told[name]) for name in ("candidates", "clips", "renders", "publications", "channels")
    } == dict.fromkeys(("candidates", "clips", "renders", "publications", "channels"), 1)
    assert [each["account_id"] for each in told["accounts"]] == ["tube:ada"]
    assert len(told["events"]) == len(whole_job()) and {each["owner"] for each in told["events"]} == {ada.id}
    assert told["renders"][0]["file"] == f"/api/v1/renders/{told['renders'][0]['render_id']}/media"
    assert eve.id not in answer.text and OWN not in answer.text and "argon2" not in answer.text


async def test_who_is_deleted_is_gone_with_all_that_nobody_else_has(
    client: httpx.AsyncClient,
    make_user: MakeUser,
    bus: Bus,
    pool: Pool,
    projector: Projector,
    media: FileMediaStore,
    tmp_path: Path,
) -> None:
    ada, eve = await make_user("ada"), await make_user("eve")
    for asking, job in ((ada, SHARED), (eve, SHARED), (ada, OWN)):
        await own(bus, projector, asking, job)
    files = {job: [clip_uri(job), render_uri(order(job).render_id)] for job in (SHARED, OWN)}
    for uri in (*files[SHARED], *files[OWN]):
        await media.write(uri, Note())
    await ada.client.put("/channels/default", json={})
    text = await ada.token("jobs:read")
    removed: list[str] = []

    async def accounts(_: asks.Nothing) -> asks.Accounts:
        one = Account(account_id="tube:ada", platform="tube", title="Ada", owner=ada.id, connected_at=NOW)
        return asks.Accounts(accounts=(one, one.model_copy(update={"account_id": "tube:eve", "owner": eve.id})))

    async def remove(asked: asks.Remove) -> asks.Removed:
        removed.append(asked.account_id)
        return asks.Removed(account_id=asked.account_id, revoked=False, note="take it back at Tube")

    async with bus.answering({asks.ACCOUNTS: accounts, asks.REMOVE: remove}), telegram_of(ada, bus) as forgotten:
        answer = await ada.client.delete("/users/me")
    assert answer.status_code == 200, answer.text
    assert forgotten == [("bot", 7), ("chat", 42)]
    assert answer.json()["removed"] | {"bots": 1, "chats": 2, "accounts": 1, "channels": 1} == answer.json()["removed"]
    assert removed == ["tube:ada"] and "take it back at Tube" in answer.json()["notes"][0]
    problem(await ada.client.get("/users/me"), 401)
    problem(await client.get("/jobs", headers={"Authorization": f"Bearer {text}"}), 401)
    problem(await client.get(f"/users/{ada.id}"), 404)
    problem(await client.post("/auth/refresh", json={"refresh_token": ada.refresh_token}), 401)
    assert [await media.exists(uri) for uri in files[OWN]] == [False, False]
    assert [await media.exists(uri) for uri in files[SHARED]] == [True, True]
    assert [each["channel_id"] for each in (await client.get("/channels")).json()["items"]] == ["default"]

    async def owners() -> set[str]:
        return {each["owner"] for each in (await client.get("/candidates")).json()["items"]}

    assert await owners() == {eve.id}
    await reset(pool)
    await projected(projector, (await bus.stream_state()).last)
    assert await owners() == {eve.id}
    assert await pool.fetchval("SELECT count(*) FROM gateway.stages WHERE owner = $1", ada.id) == 0
    entries = (await client.get("/audit", params={"user_id": ada.id, "limit": 200})).json()["items"]
    assert {entry["name"] for entry in entries if entry["user_id"] == ada.id} == {""}
    assert entries[0]["action"] == "user.deleted"


async def test_what_actors_have_written_down_of_a_user_goes_too_and_what_others_have_stays(
    make_user: MakeUser, bus: Bus, projector: Projector, media: FileMediaStore
) -> None:
    ada, eve = await make_user("ada"), await make_user("eve")
    for asking, job in ((ada, SHARED), (eve, SHARED), (ada, OWN)):
        await own(bus, projector, asking, job)
    only_hers = {*await written_down(bus, media, ada, OWN), scan_uri(ada, SHARED)}
    written = {*await written_down(bus, media, ada, SHARED), *await written_down(bus, media, eve, SHARED), *only_hers}
    await projected(projector, (await bus.stream_state()).last)

    async def accounts(_: asks.Nothing) -> asks.Accounts:
        return asks.Accounts(accounts=())

    async with bus.answering({asks.ACCOUNTS: accounts}):
        answer = await ada.client.delete("/users/me")
    assert {uri for uri in written if not await media.exists(uri)} == only_hers
    assert answer.json()["removed"]["files"] == len(only_hers) == 5


async def written_down(bus: Bus, media: FileMediaStore, asking: Asking, job: str) -> set[str]:
    """Put where actors put it what they write down of a user's job: manifests, prints, what was found."""
    render_id = order(job).render_id
    short = MediaArchived(
        about="render",
        id=render_id,
        manifest=await media.write(manifest_uri("render", render_id), Note()),
        files=(),
        archived_at=NOW,
    )
    ident = publication_id(render_id, "outbox:default")
    there = await media.write(manifest_uri("publication", ident), Note())
    post = short.model_copy(update={"about": "publication", "id": ident, "manifest": there})
    for place, data in enumerate((short, post), 100):
        said = event(MEDIA_ARCHIVED, data, place)
        await bus.publish(said.model_copy(update={"owner": asking.id, "id": f"{asking.id}|{job}|{place}"}))
    await media.write(prints_uri(job, "0" * 20), Note())
    command = f"{asking.id}|{job}|0"
    await Scans(media).keep(command, Scan(scan_id=command, candidates=(), sources=()))
    return {short.manifest.uri, there.uri, prints_uri(job, "0" * 20), scan_uri(asking, job)}


def scan_uri(asking: Asking, job: str) -> str:
    return f"media://discovery/scans/{digest(f'{asking.id}|{job}|0')}.json"


async def test_an_admin_deletes_somebody_and_what_does_not_answer_is_told(
    client: httpx.AsyncClient, make_user: MakeUser, bus: Bus
) -> None:
    ada = await make_user("ada")
    problem(await ada.client.delete("/users/me"), 503)
    assert (await ada.client.get("/users/me")).status_code == 200

    async def accounts(_: asks.Nothing) -> asks.Accounts:
        one = Account(account_id="tube:ada", platform="tube", title="Ada", owner=ada.id, connected_at=NOW)
        return asks.Accounts(accounts=(one,))

    async with bus.answering({asks.ACCOUNTS: accounts}):
        told = (await client.delete(f"/users/{ada.id}")).json()
    assert "tube:ada was not removed" in told["notes"][0]
    assert [each["name"] for each in (await client.get("/users")).json()["items"]] == ["first"]


async def test_chats_and_bots_are_left_to_be_removed_only_where_there_may_be_some(
    make_user: MakeUser, bus: Bus, pool: Pool
) -> None:
    async def accounts(_: asks.Nothing) -> asks.Accounts:
        return asks.Accounts(accounts=())

    notes: list[list[str]] = []
    for name in ("ada", "eve"):
        user = await make_user(name)
        async with bus.answering({asks.ACCOUNTS: accounts}):
            notes.append((await user.client.delete("/users/me")).json()["notes"])
        await pool.execute("CREATE SCHEMA IF NOT EXISTS telegram")  # as if the bot's door had run
    assert notes[0] == []
    (note,) = notes[1]
    assert "chats and bots of Telegram were not removed" in note and "CLIPWIRE_TELEGRAM_API_KEY" in note


async def test_the_audit_tells_who_did_what_from_where_and_is_kept_as_long_as_it_is_set(
    client: httpx.AsyncClient, make_user: MakeUser, identities: Identities
) -> None:
    ada = await make_user("ada")
    await ada.token("jobs:read")
    page = (await client.get("/audit", params={"user_id": ada.id, "limit": 2})).json()
    assert [entry["action"] for entry in page["items"]] == ["token.made", "login.done"]
    rest = (await client.get("/audit", params={"user_id": ada.id, "cursor": page["next"]})).json()["items"]
    assert [(entry["action"], entry["name"], entry["via"]) for entry in rest] == [
        ("user.registered", "operator", "operator")
    ]
    problem(await ada.client.get("/audit"), 403)
    await identities.audit.sweep(1.0)
    assert (await client.get("/audit")).json()["items"]
    await identities.audit.sweep(1.0, moment=datetime.now(UTC) + timedelta(days=2))
    assert (await client.get("/audit")).json()["items"] == []


async def test_each_entry_of_the_audit_is_told_on_the_bus(pool: Pool, bus: Bus) -> None:
    watching = await bus.client.subscribe("audit.>")
    await Audit(pool, bus.announce).write("login.failed", None, Came("192.0.2.1"), about="ada")
    message = await watching.next_msg(5)
    told = AuditEntry.model_validate_json(message.data)
    assert (message.subject, told.about, told.via, told.address) == ("audit.login.failed", "ada", "none", "192.0.2.1")
