"""A walk over every route of the OpenAPI document with the token of a user whom nothing belongs to.

The routes come from the document, so a new one is walked by itself: it has to say what it needs, and to answer 404
where its address names what is somebody else's.
"""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from contracts.permissions import allowed
from contracts.work import Channel
from gateway.projection.projector import Projector
from runtime.bus import Bus
from runtime.kv import NatsChannels
from tests.gateway.answers import problem
from tests.gateway.conftest import ACCOUNT, SECRET, projected
from tests.gateway.people import Asking, MakeUser
from tests.gateway.routes import PUBLIC, body_for, named, operation_permission, operations
from tests.gateway.samples import JOB, event, whole_job

# A name that is taken is told to whoever wants it for themselves.
TAKEN = {("put", "/api/v1/channels/{channel_id}")}


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


async def test_what_is_an_admins_own_stays_theirs(
    make_user: MakeUser, client: httpx.AsyncClient, bus: Bus, projector: Projector
) -> None:
    boss = await make_user("boss", "admin")
    last = 0
    for place, (subject, data) in enumerate(whole_job()[:10], 1):
        last = (await bus.publish(event(subject, data, place).model_copy(update={"owner": boss.id}))).sequence
    await projected(projector, last)
    (render,) = (item["render_id"] for item in (await boss.client.get("/renders")).json()["items"])
    for asking in (boss.client, client):
        for path, body in (
            (f"/candidates/{JOB}/reject", {}),
            (f"/renders/{render}/reject", {}),
            ("/renders", {"clip_id": JOB, "start": 1, "end": 20}),
            ("/publications", {"render_id": render, "account_id": "outbox:here"}),
        ):
            assert (await asking.post(path, json=body)).status_code == 202, path
    events = [message.event() async for batch in bus.read(after=last, follow=False) for message in batch]
    assert {told.owner for told in events} == {boss.id}
    assert len(events) == 8


async def test_whose_channel_is_named_has_what_comes_of_it(
    adas: tuple[Asking, dict[str, str]], make_user: MakeUser, client: httpx.AsyncClient, bus: Bus
) -> None:
    _, ids = adas
    boss = await make_user("boss", "admin")
    await NatsChannels(bus.js).put(Channel(channel_id="news"))
    await NatsChannels(bus.js).put(Channel(channel_id="bossy", owner=boss.id))
    before = (await bus.stream_state()).last
    span = {"clip_id": ids["clip_id"], "start": 1, "end": 20}
    for channel in ("news", "bossy", "adas", "default", "nowhere"):
        for asking in (boss.client, client):
            assert (await asking.post("/renders", json={**span, "channel_id": channel})).status_code == 202
    events = [message.event() async for batch in bus.read(after=before, follow=False) for message in batch]
    ada = adas[0].id
    assert [told.owner for told in events] == [None, None, boss.id, boss.id, *[ada] * 6]


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


async def test_a_user_has_an_outbox_of_their_own_and_no_other(
    adas: tuple[Asking, dict[str, str]], make_user: MakeUser
) -> None:
    ada, ids = adas
    eve = await make_user("eve")
    for name in (eve.id, "default", "operator", "mine", f"{ada.id}x"):
        post = {"render_id": ids["render_id"], "account_id": f"outbox:{name}"}
        assert problem(await ada.client.post("/publications", json=post), 404)["field"] == "account_id"
        wanted = {"targets": [f"outbox:{name}"]}
        assert problem(await ada.client.put("/channels/default", json=wanted), 404)["field"] == "account_id"
    for name in (ada.id, f"{ada.id}-friday"):
        post = {"render_id": ids["render_id"], "account_id": f"outbox:{name}"}
        assert (await ada.client.post("/publications", json=post)).status_code == 202
    for ident in ("default", "more"):
        assert (await ada.client.put(f"/channels/{ident}", json={"title": "Ada's"})).json()["targets"] == [
            f"outbox:{ada.id}"
        ]


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
