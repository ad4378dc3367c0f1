"""Webhooks: who is told of what, signed so that the verifier of Standard Webhooks accepts it, until it is taken."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from contracts import subjects as s
from contracts.events import CandidateRejected
from gateway.hooks.hooks import Hooks
from gateway.hooks.settings import HookSettings
from gateway.projection.database import Pool
from runtime.bus import Bus, new_command
from runtime.tasks import end
from tests.gateway.answers import problem
from tests.gateway.receiving import Receiver, make, make_due, scan, until


async def test_what_is_sent_is_accepted_by_the_verifier_of_standard_webhooks(
    client: httpx.AsyncClient, bus: Bus, receiver: Receiver, sending: None
) -> None:
    await bus.publish(scan(0))  # before there was a webhook: not told
    made = await make(client, receiver.url, subjects=["discovery.*"])
    await bus.publish(new_command(s.CANDIDATE_REJECTED, CandidateRejected(candidate_id="youtube:x"), source="test"))
    await bus.publish(scan(1))
    await until(lambda: receiver.requests)
    ((headers, body),) = receiver.requests
    told = Webhook(made["secret"]).verify(body, headers)
    assert (told["id"], told["type"], told["data"]["niche"]) == ("c1", "discovery.requested", "niche 1")
    assert headers["webhook-id"] == "c1"
    assert headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(body.replace(b"niche 1", b"niche 2"), headers)

    async def delivered() -> bool:
        return bool((await client.get(f"/webhooks/{made['webhook_id']}")).json()["delivered_at"])

    await until(delivered)


async def test_the_secret_is_shown_once_and_kept_encrypted(
    client: httpx.AsyncClient, receiver: Receiver, pool: Pool
) -> None:
    made = await make(client, receiver.url)
    assert made["secret"].startswith("whsec_")
    for path in ("/webhooks", f"/webhooks/{made['webhook_id']}"):
        assert "secret" not in (await client.get(path)).text
    dumped = json.dumps([dict(row) for row in await pool.fetch("SELECT * FROM hooks.webhooks")], default=str)
    assert made["secret"].removeprefix("whsec_") not in dumped


async def test_for_a_day_a_new_secret_and_the_old_one_both_fit(
    client: httpx.AsyncClient, bus: Bus, receiver: Receiver, sending: None
) -> None:
    made = await make(client, receiver.url)
    other = (await client.post(f"/webhooks/{made['webhook_id']}/secret")).json()["secret"]
    await bus.publish(scan(1))
    await until(lambda: receiver.requests)
    ((headers, body),) = receiver.requests
    for secret in (made["secret"], other):
        assert Webhook(secret).verify(body, headers)["id"] == "c1"


async def test_what_was_not_taken_is_sent_again_and_what_was_given_up_is_listed_and_sent_again(
    client: httpx.AsyncClient, bus: Bus, pool: Pool, receiver: Receiver, sending: None
) -> None:
    receiver.answers += [500, 302]  # a redirect is not followed: it could lead anywhere
    made = await make(client, receiver.url)
    path = f"/webhooks/{made['webhook_id']}"
    await bus.publish(scan(1))
    await until(lambda: len(receiver.requests) == 1)

    async def stands(*wanted: Any) -> bool:
        items = (await client.get(f"{path}/deliveries")).json()["items"]
        return [(one["attempts"], one["status"], one["state"]) for one in items] == [wanted]

    await until(lambda: stands(1, 500, "waiting"))
    assert (await client.get(path)).json()["state"] == "failing"
    await make_due(pool)
    await until(lambda: stands(2, 302, "waiting"))
    receiver.answers += [503]
    await pool.execute("UPDATE hooks.deliveries SET attempts = 9")
    await make_due(pool)
    await until(lambda: stands(10, 503, "dead"))
    assert len((await client.get(f"{path}/deliveries", params={"dead": True})).json()["items"]) == 1
    assert (await client.get(path)).json()["dead"] == 1
    problem(await client.post(f"{path}/deliveries/77/retry"), 404)
    assert (await client.post(f"{path}/deliveries/1/retry")).json() == {"count": 1}
    await until(lambda: len(receiver.requests) == 4)
    assert {headers["webhook-id"] for headers, _ in receiver.requests} == {"c1"}
    await until(lambda: _nothing_waits(client, path))
    assert (await client.get(path)).json()["state"] == "on"


async def _nothing_waits(client: httpx.AsyncClient, path: str) -> bool:
    return not (await client.get(f"{path}/deliveries")).json()["items"]


async def test_a_receiver_that_wants_no_more_or_takes_nothing_for_days_is_disabled_until_a_person_says_so(
    client: httpx.AsyncClient, bus: Bus, pool: Pool, receiver: Receiver, sending: None
) -> None:
    made = await make(client, receiver.url)
    path = f"/webhooks/{made['webhook_id']}"
    receiver.answers += [410]
    await bus.publish(scan(1))

    async def disabled() -> bool:
        return bool((await client.get(path)).json()["state"] == "disabled")

    await until(disabled)
    assert "410" in (await client.get(path)).json()["disabled_reason"]
    await bus.publish(scan(2))
    assert (await client.patch(path, json={"paused": False})).json()["state"] == "on"
    receiver.answers += [500]
    await pool.execute("UPDATE hooks.webhooks SET failing_since = now() - interval '6 days'")
    await bus.publish(scan(3))
    await until(disabled)
    assert "c2" not in {headers["webhook-id"] for headers, _ in receiver.requests}


async def test_a_paused_webhook_gets_later_what_happened_meanwhile(
    client: httpx.AsyncClient, bus: Bus, pool: Pool, receiver: Receiver, sending: None
) -> None:
    made = await make(client, receiver.url)
    path = f"/webhooks/{made['webhook_id']}"
    assert (await client.patch(path, json={"paused": True})).json()["state"] == "paused"
    await bus.publish(scan(1))

    async def waits() -> bool:
        return bool((await client.get(path)).json()["waiting"] == 1)

    await until(waits)
    assert not receiver.requests
    await client.patch(path, json={"paused": False})
    await until(lambda: receiver.requests)


async def test_a_user_is_told_of_their_own_events_alone(
    client: httpx.AsyncClient, bus: Bus, pool: Pool, hooks: Hooks, receiver: Receiver, sending: None
) -> None:
    from gateway.hooks.webhooks import Wish

    await pool.execute("INSERT INTO users.users (id, name, role) VALUES ('u_ada', 'ada', 'creator')")
    await hooks.webhooks.make("u_ada", Wish(receiver.url, (), ""), place=0)
    for number, owner in enumerate((None, "u_bob", "u_ada"), 1):
        await bus.publish(scan(number, owner))
    await until(lambda: receiver.requests)
    await bus.publish(scan(4, "u_ada"))
    await until(lambda: len(receiver.requests) == 2)
    assert sorted(headers["webhook-id"] for headers, _ in receiver.requests) == ["c3", "c4"]
    await pool.execute("DELETE FROM users.users WHERE id = 'u_ada'")
    assert await pool.fetchval("SELECT count(*) FROM hooks.webhooks") == 0


async def test_nothing_is_lost_or_left_when_the_sender_ends_at_any_time(
    client: httpx.AsyncClient, bus: Bus, hooks: Hooks, receiver: Receiver
) -> None:
    await make(client, receiver.url)
    wanted = {f"c{number}" for number in range(60)}
    for number in range(len(wanted)):
        await bus.publish(scan(number))

    def told() -> bool:
        return {headers["webhook-id"] for headers, _ in receiver.requests} == wanted

    while not told():
        task = asyncio.create_task(hooks.run(bus))
        seen = len(receiver.requests)
        await until(lambda seen=seen: told() or len(receiver.requests) >= seen + 15)
        await end(task)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook", "https://localhost/x", "https://10.0.0.1/x", "https://169.254.169.254/latest",
        "https://[::1]/x", "https://0x7f000001/", "https://user:pw@example.org/", "ftp://example.org/", "https://", "https://[x/",
        "https://a:b/", "",
    ],
)  # fmt: skip
async def test_addresses_that_nobody_should_ask_are_refused(client: httpx.AsyncClient, url: str) -> None:
    assert problem(await client.post("/webhooks", json={"url": url}), 422)["field"] == "url"


async def test_a_name_that_leads_into_the_own_network_is_not_asked(
    client: httpx.AsyncClient, bus: Bus, pool: Pool, sending: None
) -> None:
    made = await make(client, "https://127.0.0.1.nip.invalid/x")
    await pool.execute("UPDATE hooks.webhooks SET url = 'https://localhost:1/x'")  # as if it had been let through
    await bus.publish(scan(1))

    async def refused() -> bool:
        items = (await client.get(f"/webhooks/{made['webhook_id']}/deliveries")).json()["items"]
        return bool(items and "not a public address" in (items[0]["error"] or ""))

    await until(refused)


async def test_what_is_not_there_or_does_not_fit_is_answered(client: httpx.AsyncClient, receiver: Receiver) -> None:
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/secret"), ("GET", "/deliveries")):
        problem(await client.request(method, f"/webhooks/wh_none{path}", json={}), 404)
    body = problem(await client.post("/webhooks", json={"url": receiver.url, "subjects": ["no.such"]}), 422)
    assert (body["field"], "render.done" in body["known"]) == ("subjects", True)
    assert problem(await client.post("/webhooks", json={"url": receiver.url, "x": 1}), 422)["field"] == "x"
    made = await make(client, receiver.url)
    assert (await client.delete(f"/webhooks/{made['webhook_id']}")).status_code == 204
    assert (await client.get("/webhooks")).json()["items"] == []


async def test_no_owner_has_more_than_the_limit(client: httpx.AsyncClient, receiver: Receiver) -> None:
    for _ in range(HookSettings().webhooks_per_owner):
        await make(client, receiver.url)
    problem(await client.post("/webhooks", json={"url": receiver.url}), 422)
    first = (await client.get("/webhooks", params={"limit": 15})).json()
    rest = (await client.get("/webhooks", params={"limit": 15, "cursor": first["next"]})).json()
    assert len({one["webhook_id"] for one in first["items"] + rest["items"]}) == HookSettings().webhooks_per_owner


async def test_webhooks_are_sent_by_one_process_at_a_time(
    client: httpx.AsyncClient, bus: Bus, hooks: Hooks, receiver: Receiver, database_url: str
) -> None:
    await make(client, receiver.url)
    other = await asyncpg.connect(database_url)
    assert await other.fetchval("SELECT pg_try_advisory_lock(7306080140112107)")
    task = asyncio.create_task(hooks.run(bus))
    await bus.publish(scan(1))
    for _ in range(30):
        await client.get("/webhooks")
    assert not receiver.requests
    await other.close()
    await until(lambda: receiver.requests)
    await end(task)
