"""What no receiver takes: whose webhook it is, is told; it is counted; and it is not kept for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from contracts.events import WorkFailed
from gateway.hooks.hooks import Hooks
from gateway.hooks.settings import HookSettings
from gateway.hooks.webhooks import Wish
from gateway.projection.database import Pool
from gateway.projection.reads import ReadModels
from runtime.bus import Bus
from runtime.tasks import end
from tests.gateway.people import MakeUser
from tests.gateway.receiving import Receiver, make, scan, until


async def told(bus: Bus) -> list[tuple[str, str | None, WorkFailed]]:
    """What was said of webhooks that were disabled: the event's id, its owner, and what it says."""
    events = [message.event() async for batch in bus.read(subjects=["work.failed"], follow=False) for message in batch]
    return [(event.id, event.owner, event.data) for event in events]


async def test_whose_webhook_is_disabled_is_told_where_they_follow_what_happens(
    bus: Bus, hooks: Hooks, receiver: Receiver, sending: None, make_user: MakeUser
) -> None:
    ada = await make_user("ada")
    webhook, _ = await hooks.webhooks.make(ada.id, Wish(f"{receiver.url}?key=secret", (), ""), place=0)
    receiver.answers += [410]
    await bus.publish(scan(1, ada.id))

    async def said() -> int:
        return len(await told(bus))

    await until(said)
    ((_, owner, data),) = await told(bus)
    failure = data.failure
    assert (owner, failure.subject, failure.entity) == (ada.id, "webhook", webhook)
    assert "127.0.0.1" in failure.what and "410" in failure.what and "secret" not in failure.what
    assert f"/api/v1/webhooks/{webhook}" in failure.advice

    async def listed() -> bool:
        return bool((await ada.client.get("/failures", params={"entity": webhook})).json()["items"])

    await until(listed)
    # Each time anew, and once.
    await ada.client.patch(f"/webhooks/{webhook}", json={"paused": False})
    receiver.answers += [410]
    await bus.publish(scan(2, ada.id))

    async def said_again() -> bool:
        return await said() == 2

    await until(said_again)
    assert len({ident for ident, _, _ in await told(bus)}) == 2


async def test_what_was_disabled_by_a_process_that_ended_is_said_by_the_next(
    client: httpx.AsyncClient, bus: Bus, pool: Pool, hooks: Hooks, receiver: Receiver
) -> None:
    made = await make(client, receiver.url)
    await pool.execute("UPDATE hooks.webhooks SET disabled_at = now(), disabled_reason = 'it is gone', said = false")
    assert await told(bus) == []
    task = asyncio.create_task(hooks.run(bus))

    async def quiet() -> bool:
        return bool(await pool.fetchval("SELECT said FROM hooks.webhooks"))

    await until(quiet)
    await end(task)
    ((_, owner, data),) = await told(bus)
    assert (owner, data.failure.entity) == (None, made["webhook_id"])


async def test_metrics_tell_webhooks_and_what_came_of_their_events(
    client: httpx.AsyncClient, bus: Bus, pool: Pool, receiver: Receiver, sending: None
) -> None:
    made = await make(client, receiver.url)
    paused = await make(client, receiver.url)
    await client.patch(f"/webhooks/{paused['webhook_id']}", json={"paused": True})
    receiver.answers += [200, 500]
    await bus.publish(scan(1))
    await until(lambda: len(receiver.requests) == 1)
    await bus.publish(scan(2))

    async def counted() -> bool:
        return bool(await pool.fetchval("SELECT failed FROM hooks.webhooks WHERE webhook_id = $1", made["webhook_id"]))

    await until(counted)
    await pool.execute("UPDATE hooks.deliveries SET next_at = NULL WHERE webhook_id = $1", made["webhook_id"])
    text = (await client.get("/metrics")).text
    for line in (
        'clipwire_webhooks{state="failing"} 1.0',
        'clipwire_webhooks{state="paused"} 1.0',
        'clipwire_webhook_attempts{outcome="sent"} 1.0',
        'clipwire_webhook_attempts{outcome="failed"} 1.0',
        'clipwire_webhook_deliveries{state="dead"} 1.0',
        'clipwire_webhook_deliveries{state="paused"} 2.0',
    ):
        assert line in text


@pytest.mark.parametrize("state", ["paused = true", "disabled_at = now()"])
async def test_what_waits_in_vain_is_forgotten_after_the_time_of_the_setting(
    client: httpx.AsyncClient, hooks: Hooks, pool: Pool, receiver: Receiver, state: str
) -> None:
    on, off = await make(client, receiver.url), await make(client, receiver.url)
    await pool.execute(f"UPDATE hooks.webhooks SET {state} WHERE webhook_id = $1", off["webhook_id"])
    limit = HookSettings().webhook_keep_days
    rows = [
        (webhook, number, dead, timedelta(days=age))
        for webhook in (on["webhook_id"], off["webhook_id"])
        for number, (dead, age) in enumerate(((d, a) for d in (True, False) for a in (limit - 1, limit + 1)), 1)
    ]
    for row in rows:
        await pool.execute(
            "INSERT INTO hooks.deliveries (webhook_id, sequence, event_id, subject, body, next_at, made_at) "
            "VALUES ($1, $2, 'e', 'render.done', '{}', CASE WHEN $3 THEN NULL ELSE now() END, now() - $4::interval)",
            *row,
        )
    await hooks.webhooks.sweep()
    left = await pool.fetch("SELECT webhook_id, sequence FROM hooks.deliveries ORDER BY sequence")
    kept = {(row["webhook_id"], row["sequence"]) for row in left}
    assert kept == {
        (webhook, number)
        for webhook, number, dead, age in rows
        if age < timedelta(days=limit) or (webhook == on["webhook_id"] and not dead)
    }


async def test_an_idempotency_key_is_forgotten_after_the_time_of_the_setting(pool: Pool) -> None:
    reads = ReadModels(pool)
    for key, age in (("old", 8), ("new", 6)):
        await reads.remember(key, "discovery.requested", "d", "e")
        await pool.execute(
            "UPDATE gateway.requests SET made_at = now() - $2::interval WHERE key = $1", key, timedelta(days=age)
        )
    await reads.sweep_requests(timedelta(days=7))
    assert [row["key"] for row in await pool.fetch("SELECT key FROM gateway.requests")] == ["new"]
