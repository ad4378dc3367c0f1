"""A walk over every route of the OpenAPI document with the token of a user whom nothing belongs to.

The routes come from the document, so a new one is walked by itself: it has to say what it needs, and to answer 404
where its address names what is somebody else's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from contracts import asks
from contracts import subjects as s
from contracts.envelope import Event
from contracts.permissions import LEAST_ROLE, MEANINGS, ROLES, Permission, Role, allowed
from contracts.publishing import Account
from contracts.work import Channel
from gateway.http.who import NEEDS, OPEN
from gateway.projection.projector import Projector
from runtime.bus import Bus
from runtime.kv import NatsChannels
from tests.gateway.answers import problem
from tests.gateway.conftest import projected
from tests.gateway.people import Asking, MakeUser
from tests.gateway.samples import JOB, event, failed, whole_job

Json = dict[str, Any]
SECRET = "a title that ada alone knows"
ACCOUNT = "tube:ada"
# Answered without a token: what gets one, and where platforms send people and hubs send feeds.
PUBLIC = {
    *(f"/api/v1/auth/{way}" for way in ("register", "login", "refresh", "logout", "password")),
    "/api/v1/accounts/{platform}/callback",
}
# A name that is taken is told to whoever wants it for themselves.
TAKEN = {("put", "/api/v1/channels/{channel_id}")}


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
    last = (await bus.publish(event(s.WORK_FAILED, trouble, 99).model_copy(update={"owner": ada.id}))).sequence
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


def operations(document: Json) -> list[tuple[str, str, Json]]:
    """Method, path and description of everything that the document tells."""
    methods = {"get", "put", "post", "delete", "patch", "head"}
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in methods
    ]


def body_for(operation: Json, ids: dict[str, str]) -> Any:
    """The example of a JSON body in the document, about what is ada's."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = [example["value"] for example in content.get("examples", {}).values()]
    body = examples[0] if examples else content.get("example")
    return {name: ids.get(name, value) for name, value in body.items()} if isinstance(body, dict) else body


def named(path: str, ids: dict[str, str]) -> str | None:
    """The path with ids in it; none, if it names something that ada has none of."""
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}")
            if name not in ids:
                return None
            path = path.replace(part, ids[name])
    return path


async def test_a_foreign_token_gets_nothing_of_anybody_at_any_route(
    app: FastAPI, client: httpx.AsyncClient, adas: tuple[Asking, dict[str, str]], make_user: MakeUser, bus: Bus
) -> None:
    ada, ids = adas
    eve = await make_user("eve")
    document = (await client.get("http://localhost/openapi.json")).json()
    before = (await bus.stream_state()).last
    walked, foreign = 0, 0
    for method, path, operation in operations(document):
        address = named(path, ids)
        if path in PUBLIC or address is None or address in ("/api/v1/events", "/api/v1/users/me") or "hooks" in path:
            continue
        answer = await eve.client.request(method, f"http://localhost{address}", json=body_for(operation, ids))
        where = f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 500 or answer.status_code == 503, where
        assert SECRET not in answer.text, where
        assert ACCOUNT not in answer.text or ACCOUNT in address, where
        assert ada.id not in answer.text or ids["user_id"] in address, where
        walked += 1
        if "{" in path and path != "/api/v1/events/{subject}" and "{platform}" not in path:
            allowed_here = {404, 409} if (method, path) in TAKEN else {404}
            least = operation_permission(app, method, path)
            expected = allowed_here if least in allowed("creator") else {403}
            assert answer.status_code in expected, where
            foreign += 1
    assert walked > 40 and foreign > 15
    events = [message.event() async for batch in bus.read(after=before, follow=False) for message in batch]
    assert all(told.owner == eve.id for told in events)


def routes(app: FastAPI) -> list[Any]:
    """Every route of FastAPI's, as it is where its router was included."""
    return [each for route in app.routes for each in included(route) if isinstance(each.original_route, APIRoute)]


def included(route: Any) -> Iterator[Any]:
    yield from route.effective_route_contexts() if hasattr(route, "effective_route_contexts") else ()


def marks(dependant: Dependant, mark: str) -> list[Any]:
    own = [getattr(dependant.call, mark)] if hasattr(dependant.call, mark) else []
    return own + [found for part in dependant.dependencies for found in marks(part, mark)]


def operation_permission(app: FastAPI, method: str, path: str) -> Permission | None:
    for route in routes(app):
        if route.path == path and method.upper() in route.methods:
            found = marks(route.dependant, NEEDS)
            return found[0] if found else None
    raise LookupError(path)


async def test_every_route_says_what_it_needs(app: FastAPI) -> None:
    for route in routes(app):
        needed = marks(route.dependant, NEEDS)
        public = bool(marks(route.dependant, OPEN)) or route.path in PUBLIC or route.path.startswith("/hooks/")
        pages = not route.path.startswith("/api/")
        by_subject = route.path == "/api/v1/events/{subject}" and "POST" in route.methods
        assert needed or public or pages or by_subject, f"{route.methods} {route.path} says not what it needs"
        assert all(permission in LEAST_ROLE for permission in needed)


async def test_the_matrix_of_roles_and_routes(
    app: FastAPI, client: httpx.AsyncClient, adas: tuple[Asking, dict[str, str]], make_user: MakeUser
) -> None:
    """Whoever lacks the permission gets 403, and whoever has it anything else, at every route that needs one."""
    _, ids = adas
    askers: dict[Role, Asking] = {role: await make_user(f"some-{role}", role) for role in ROLES}
    nobody = {
        **ids,
        "user_id": "u_nobody",
        "token_id": "t_nobody",
        "session_id": "s_nobody",
        "invitation_id": "i_nobody",
    }
    document = (await client.get("http://localhost/openapi.json")).json()
    seen: set[Permission] = set()
    for method, path, operation in operations(document):
        permission = operation_permission(app, method, path)
        address = named(path, nobody)
        leaves = (method, path) == ("delete", "/api/v1/users/me")
        if permission is None or address is None or address == "/api/v1/events" or leaves:
            continue
        for role, asker in askers.items():
            answer = await asker.client.request(method, f"http://localhost{address}", json=body_for(operation, ids))
            refused = answer.status_code == 403 and answer.json().get("permission") == permission
            assert refused == (permission not in allowed(role)), f"{role}: {method} {path}: {answer.text[:200]}"
        seen.add(permission)
    assert seen >= set(MEANINGS) - {"events:read", "webhooks:read", "webhooks:write", "me:write"}


async def test_every_permission_has_a_least_role_and_a_higher_role_has_all_of_the_lower() -> None:
    assert set(MEANINGS) == set(LEAST_ROLE) == allowed("admin")
    assert allowed("viewer") < allowed("creator") < allowed("admin")
    assert all(permission.endswith(":read") or permission == "me:write" for permission in allowed("viewer"))


async def test_two_users_with_the_same_video_each_have_their_own_of_it(
    make_user: MakeUser, bus: Bus, projector: Projector
) -> None:
    ada, eve = await make_user("ada"), await make_user("eve")
    last = 0
    for asking, count in ((ada, 6), (eve, 4)):
        for place, (subject, data) in enumerate(whole_job()[:count]):
            said = event(subject, data, place).model_copy(update={"owner": asking.id, "id": f"{asking.id}{place}"})
            last = (await bus.publish(said)).sequence
    await projected(projector, last)
    hers = (await ada.client.get(f"/candidates/{JOB}")).json()
    other = (await eve.client.get(f"/candidates/{JOB}")).json()
    assert (hers["state"], hers["decided_by"], other["state"]) == ("approved", "ada", "ranked")
    assert "decided_by" not in other or other["decided_by"] is None
    assert [each["job_id"] for each in (await eve.client.get("/jobs")).json()["items"]] == [JOB]


async def test_what_an_admin_decides_about_somebodys_thing_stays_theirs(
    client: httpx.AsyncClient, adas: tuple[Asking, dict[str, str]], make_user: MakeUser, bus: Bus
) -> None:
    ada, _ = adas
    boss = await make_user("boss", "admin")
    before = (await bus.stream_state()).last
    for asking in (boss.client, client):
        assert (await asking.post(f"/candidates/{JOB}/approve", json={})).status_code == 202
    events = [message.event() async for batch in bus.read(after=before, follow=False) for message in batch]
    assert [(told.owner, told.data.approved_by) for told in events] == [(ada.id, "boss"), (ada.id, "operator")]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "FILE:///etc/passwd", "ftp://example.org/a", "/etc/passwd"])
async def test_a_user_names_no_files_of_this_machine(make_user: MakeUser, address: str) -> None:
    eve = await make_user("eve")
    for path in ("/clips", "/events/candidate.approved"):
        problem(await eve.client.post(path, json={"url": address}), 422)


async def test_a_users_default_channel_is_their_own(make_user: MakeUser, bus: Bus) -> None:
    eve = await make_user("eve")
    await eve.client.post("/clips", json={"url": "https://example.org/talk.mp4"})
    await eve.client.put("/channels/default", json={"title": "Eve's", "clips": 2})
    ((channel),) = (await eve.client.get("/channels")).json()["items"]
    assert (channel["channel_id"], channel["owner"], channel["clips"]) == (eve.id, eve.id, 2)
    assert (await eve.client.get("/channels/default")).json() == channel
    (told,) = [message.event() async for batch in bus.read(follow=False) for message in batch]
    assert (told.data.channel_id, told.owner) == (eve.id, eve.id)
    other = await make_user("mallory")
    problem(await other.client.put(f"/channels/{eve.id}", json={}), 409)
    problem(await other.client.put("/channels/u_0123", json={}), 409)


async def test_nothing_goes_to_an_account_of_somebody_else(
    adas: tuple[Asking, dict[str, str]], make_user: MakeUser
) -> None:
    ada, ids = adas
    eve = await make_user("eve")
    targets = {"targets": [ACCOUNT]}
    assert problem(await eve.client.put("/channels/default", json=targets), 404)["field"] == "account_id"
    assert (await ada.client.put("/channels/default", json=targets)).status_code == 200
    post = {"render_id": ids["render_id"], "account_id": ACCOUNT}
    for path in ("/publications", "/events/publish.requested"):
        problem(await eve.client.post(path, json=post), 404)
        assert (await ada.client.post(path, json=post)).status_code == 202


async def test_what_an_admin_orders_for_an_account_or_in_a_channel_of_another_is_for_them(
    adas: tuple[Asking, dict[str, str]], make_user: MakeUser, client: httpx.AsyncClient, bus: Bus
) -> None:
    ada, ids = adas
    boss = await make_user("boss", "admin")
    before = (await bus.stream_state()).last
    post = {"render_id": ids["render_id"], "account_id": ACCOUNT}
    for account in (ACCOUNT, "outbox:here", "tube:theirs"):  # the last one is the operator's
        for asking in (boss.client, client):
            assert (await asking.post("/publications", json={**post, "account_id": account})).status_code == 202
    span = {"clip_id": ids["clip_id"], "start": 1, "end": 20}
    for accounts in ([ACCOUNT], [ACCOUNT, "tube:theirs"]):
        assert (await boss.client.post("/renders", json={**span, "accounts": accounts})).status_code == 202
    for channel in ({}, {"channel_id": "adas"}):
        assert (await boss.client.post("/discovery/scan", json={"niche": "bees", **channel})).status_code == 202
    events = [message.event() async for batch in bus.read(after=before, follow=False) for message in batch]
    assert [told.owner for told in events] == [*[ada.id] * 4, None, None, ada.id, None, None, ada.id]


async def test_a_channel_of_an_admin_goes_to_their_own_accounts_and_the_operators_to_all(
    adas: tuple[Asking, dict[str, str]], make_user: MakeUser
) -> None:
    boss = await make_user("boss", "admin")
    assert problem(await boss.client.put("/channels/mine", json={"targets": [ACCOUNT]}), 404)["field"] == "account_id"
    made = await boss.client.put("/channels/mine", json={"targets": [ACCOUNT], "owner": None})
    assert (made.status_code, made.json().get("owner")) == (200, None)
    assert problem(await boss.client.put("/channels/adas", json={"targets": ["tube:theirs"]}), 404)
    kept = await boss.client.put("/channels/adas", json={"targets": [ACCOUNT]})
    assert kept.json()["owner"] == adas[0].id


async def test_one_key_of_two_users_is_two_keys(make_user: MakeUser) -> None:
    ada, eve = await make_user("ada"), await make_user("eve")
    headers = {"Idempotency-Key": "the-same"}
    answers = [
        await each.client.post("/discovery/scan", json={"niche": each.name}, headers=headers) for each in (ada, eve)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    again = await eve.client.post("/discovery/scan", json={"niche": "eve"}, headers=headers)
    assert again.json()["event_id"] == answers[1].json()["event_id"] != answers[0].json()["event_id"]
    bodies = [
        await each.client.post("/events/discovery.requested", json={"niche": "x", "id": "1"}) for each in (ada, eve)
    ]
    assert [answer.json()["duplicate"] for answer in bodies] == [False, False]
