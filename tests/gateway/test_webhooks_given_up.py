"""What no receiver takes: the audit says whose webhook was disabled; it is counted; and it is not kept for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from contracts import asks
from contracts.audit import AuditEntry
from gateway.hooks.hooks import Hooks
from gateway.hooks.settings import HookSettings
from gateway.hooks.webhooks import Wish
from gateway.projection.database import Pool
from gateway.projection.reads import ReadModels
from gateway.users.identities import Identities
from runtime.bus import Bus
from tests.gateway.people import MakeUser
from tests.gateway.receiving import Receiver, make, make_due, scan, until


async def disabled(client: httpx.AsyncClient, webhook: str) -> bool:
    return bool((await client.get(f"/webhooks/{webhook}")).json()["state"] == "disabled")


async def entries(client: httpx.AsyncClient, **more: str) -> list[dict[str, Any]]:
    """What the audit says of webhooks that were disabled, newest first."""
    items: list[dict[str, Any]] = (await client.get("/audit", params={"action": "webhook", **more})).json()["items"]
    return items


async def test_the_audit_says_whose_webhook_was_disabled_and_why_each_time_once(
    client: httpx.AsyncClient, bus: Bus, hooks: Hooks, receiver: Receiver, sending: None, make_user: MakeUser
) -> None:
    ada, eve = await make_user("ada"), await make_user("eve")
    webhook, _ = await hooks.webhooks.make(ada.id, Wish(f"{receiver.url}?key=secret", (), ""), place=0)
    watching = await bus.client.subscribe("audit.>")
    for number in (1, 2):  # a second time when it had begun anew
        receiver.answers += [410]
        await bus.publish(scan(number, ada.id))
        message = await watching.next_msg(15)
        assert message.subject == "audit.webhook.disabled"
        told = AuditEntry.model_validate_json(message.data)
        assert (told.user_id, told.via, told.about) == (None, "none", webhook)
        reason = "the receiver answered 410: it wants no more"
        assert told.details == {"host": "127.0.0.1", "reason": reason, "owner": ada.id}
        assert (await entries(client))[0]["id"] == told.id
        assert len(await entries(client, user_id=ada.id)) == number and not await entries(client, user_id=eve.id)
        assert await disabled(ada.client, webhook)
        assert 'clipwire_webhooks{state="disabled"} 1.0' in (await client.get("/metrics")).text
        await ada.client.patch(f"/webhooks/{webhook}", json={"paused": False})
    assert [message.event().type async for batch in bus.read(follow=False) for message in batch] == [
        "discovery.requested"
    ] * 2


async def test_what_the_audit_says_of_a_webhook_its_owner_takes_along_and_it_ends_with_them(
    client: httpx.AsyncClient,
    pool: Pool,
    bus: Bus,
    hooks: Hooks,
    identities: Identities,
    receiver: Receiver,
    sending: None,
    make_user: MakeUser,
) -> None:
    ada = await make_user("ada")
    webhook, _ = await hooks.webhooks.make(ada.id, Wish(receiver.url, (), ""), place=0)
    receiver.answers += [410]
    await bus.publish(scan(1, ada.id))
    await until(lambda: disabled(ada.client, webhook))
    async with bus.answering({asks.ACCOUNTS: _no_accounts}):
        exported = (await ada.client.get("/users/me/export")).json()["audit"]
    (entry,) = [entry for entry in exported if entry["action"] == "webhook.disabled"]
    assert (entry["about"], entry["address"]) == (webhook, "")
    await identities.audit.unname(ada.id, ada.name)
    assert [(entry["about"], entry["details"]) for entry in await entries(client)] == [(webhook, {})]


async def _no_accounts(_: asks.Nothing) -> asks.Accounts:
    return asks.Accounts(accounts=())


async def test_no_webhook_is_disabled_without_the_audit_saying_so(
    client: httpx.AsyncClient, pool: Pool, bus: Bus, receiver: Receiver, sending: None
) -> None:
    webhook = (await make(client, receiver.url))["webhook_id"]
    await pool.execute("ALTER TABLE users.audit ADD CONSTRAINT ended CHECK (action <> 'webhook.disabled')")
    receiver.answers += [410, 410]
    await bus.publish(scan(1))

    async def written() -> bool:  # a number is taken also by what is not kept
        number = "SELECT pg_sequence_last_value(pg_get_serial_sequence('users.audit', 'id')::regclass)"
        return await pool.fetchval(number) is not None

    await until(written)
    await pool.execute("ALTER TABLE users.audit DROP CONSTRAINT ended")
    assert not await disabled(client, webhook)
    await make_due(pool)
    await until(lambda: disabled(client, webhook))
    (entry,) = await entries(client)
    assert (entry["about"], entry["details"]["owner"]) == (webhook, None)


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
