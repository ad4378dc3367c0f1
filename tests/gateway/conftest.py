"""The HTTP door over the real NATS server and the real PostgreSQL, asked without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from contracts import asks, subjects
from contracts.base import Payload
from contracts.envelope import Event
from contracts.permissions import Role
from contracts.publishing import Account
from contracts.subjects import Subject
from contracts.work import Channel
from gateway.hooks.hooks import Hooks, open_hooks
from gateway.hooks.settings import HookSettings
from gateway.http.app import create_app
from gateway.http.settings import GatewaySettings
from gateway.projection.database import Pool, open_pool
from gateway.projection.projector import Projector
from gateway.projection.reads import ReadModels
from gateway.users.identities import Identities, open_identities
from gateway.users.passwords import Passwords
from gateway.users.settings import UserSettings
from gateway.users.statements import SQL as USERS
from runtime.bus import Bus
from runtime.database import migrate
from runtime.kv import NatsChannels
from runtime.media import FileMediaStore
from runtime.tasks import end
from tests.gateway.people import Asking, MakeUser, log_in, register
from tests.gateway.receiving import Receiver
from tests.gateway.samples import JOB, event, failed, whole_job
from tests.support.doors import read_once
from tests.support.http import Handler, answering

TOKEN = "a-token-for-the-tests-of-the-door"
SECRET = "a title that ada alone knows"
ACCOUNT = "tube:ada"
Say = Callable[..., Awaitable[int]]


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections to an empty database with the schemas of the gateway."""
    async with open_pool(database_url) as opened:
        await migrate(opened, USERS)
        yield opened


@pytest.fixture
async def projector(pool: Pool, bus: Bus) -> AsyncIterator[Projector]:
    """A projector that runs."""
    one = Projector(pool, bus)
    task = asyncio.create_task(one.run())
    yield one
    await end(task)


@pytest.fixture
async def say(bus: Bus, projector: Projector) -> Say:
    """Put events on the stream and wait until they are in the read models; returns the last sequence."""
    places = iter(range(1, 1_000_000))

    async def tell(*pairs: tuple[Subject[Any], Payload]) -> int:
        last = 0
        for subject, data in pairs:
            last = (await bus.publish(event(subject, data, next(places)))).sequence
        await projected(projector, last)
        return last

    return tell


async def projected(projector: Projector, sequence: int) -> None:
    """Wait until the read models hold this sequence."""
    reads = ReadModels(projector.pool)
    async with asyncio.timeout(15):
        while await reads.checkpoint() < sequence:
            await asyncio.sleep(0.01)


@pytest.fixture
def settings() -> GatewaySettings:
    """Limits that a test reaches."""
    return GatewaySettings(http_upload_bytes=100_000, http_heartbeat_s=0.2, http_streams=5)


@pytest.fixture
def identities(pool: Pool, tmp_path: Path) -> Identities:
    """Users, with passwords that are hashed fast."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return open_identities(
        pool, UserSettings(), home=tmp_path / "home", operator_token=TOKEN, passwords=Passwords(hasher)
    )


@pytest.fixture
async def hooks(pool: Pool, tmp_path: Path) -> Hooks:
    """Webhooks that may be sent to this machine."""
    settings = HookSettings(webhook_private_hosts="127.0.0.1", websub_base_url="http://127.0.0.1:1")
    return await open_hooks(pool, settings, home=tmp_path / "home")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A program that is told."""
    kept = Receiver()

    class Answers(Handler):
        def do_POST(self) -> None:
            kept.requests.append(({name.lower(): value for name, value in self.headers.items()}, self.body()))
            status = kept.answers.pop(0) if kept.answers else 200
            self.tell(status=status, headers={"Location": "http://127.0.0.1:1/elsewhere"} if status == 302 else {})

    with answering(Answers) as url:
        kept.url = f"{url}/hook"
        yield kept


@pytest.fixture
async def sending(hooks: Hooks, bus: Bus) -> AsyncIterator[None]:
    """What sends works."""
    task = asyncio.create_task(hooks.run(bus))
    yield
    await end(task)


@pytest.fixture
def app(
    bus: Bus,
    pool: Pool,
    projector: Projector,
    media: FileMediaStore,
    settings: GatewaySettings,
    identities: Identities,
    hooks: Hooks,
    tmp_path: Path,
) -> FastAPI:
    """The door, without a socket."""
    return read_once(
        create_app(
            settings=settings,
            home=tmp_path / "home",
            identities=identities,
            bus=bus,
            reads=ReadModels(pool),
            channel_store=NatsChannels(bus.js),
            media_store=media,
            hooks=hooks,
            projector=projector,
            actors=("ranker", "vlm"),
        )
    )


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that may enter."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://localhost/api/v1",
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as opened:
        yield opened


@pytest.fixture
async def make_user(client: httpx.AsyncClient) -> AsyncIterator[MakeUser]:
    """Makes users that are logged in. The very first, an admin, is there already."""
    clients: list[httpx.AsyncClient] = []

    async def make(name: str, role: Role = "creator") -> Asking:
        await register(client, name, role)
        told = await log_in(client, name)
        headers = {"Authorization": f"Bearer {told['access_token']}"}
        asking = httpx.AsyncClient(transport=client._transport, base_url=client.base_url, headers=headers)
        clients.append(asking)
        user = (await asking.get("/users/me")).json()
        return Asking(user["id"], name, asking, told["refresh_token"])

    await register(client, "first")
    yield make
    for each in clients:
        await each.aclose()


@pytest.fixture
async def adas(
    client: httpx.AsyncClient, make_user: MakeUser, bus: Bus, projector: Projector
) -> AsyncIterator[tuple[Asking, dict[str, str]]]:
    """Ada, and what is hers: one of each thing that an address may name."""
    ada = await make_user("ada")
    last, ids = 0, {"candidate_id": JOB, "clip_id": JOB, "job_id": JOB, "account_id": ACCOUNT, "channel_id": "adas"}
    for place, (subject, data) in enumerate(whole_job(), 1):
        said: Event[Any] = event(subject, data, place).model_copy(update={"owner": ada.id})
        if "title" in type(data).model_fields:
            said = said.model_copy(update={"data": data.model_copy(update={"title": SECRET})})
        last = (await bus.publish(said)).sequence
        ids |= {name: getattr(data, name) for name in ("render_id", "publication_id") if getattr(data, name, None)}
    trouble = failed(JOB, actor="publisher", subject="publish.requested")
    last = (await bus.publish(event(subjects.WORK_FAILED, trouble, 99).model_copy(update={"owner": ada.id}))).sequence
    await projected(projector, last)
    await NatsChannels(bus.js).put(Channel(channel_id="adas", title=SECRET, owner=ada.id))
    account = Account(
        account_id=ACCOUNT, platform="tube", title=SECRET, owner=ada.id, connected_at=datetime(2026, 11, 21, tzinfo=UTC)
    )

    async def accounts(_: asks.Nothing) -> asks.Accounts:
        operators = account.model_copy(update={"account_id": "tube:theirs", "title": "Tube", "owner": "operator"})
        return asks.Accounts(accounts=(account, operators))

    async def platforms(_: asks.Nothing) -> asks.Platforms:
        return asks.Platforms(platforms=())

    made = await ada.client.post("/users/me/tokens", json={"title": SECRET, "scopes": ["jobs:read"]})
    sessions = (await ada.client.get("/users/me/sessions")).json()["items"]
    ids |= {"user_id": ada.id, "token_id": made.json()["id"], "session_id": sessions[0]["id"], "platform": "tube"}
    async with bus.answering({asks.ACCOUNTS: accounts, asks.PLATFORMS: platforms}):
        yield ada, ids
