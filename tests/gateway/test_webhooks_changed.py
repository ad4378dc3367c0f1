"""A webhook that is changed: it begins anew where a person says so, and its deliveries tell what becomes of them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gateway.projection.database import Pool
from tests.gateway.answers import problem
from tests.gateway.receiving import Receiver, make

Json = dict[str, Any]
SINCE = "now() - interval '4 days'"


async def _made(client: httpx.AsyncClient, pool: Pool, receiver: Receiver, fields: str) -> tuple[str, str]:
    """The path of a webhook that fails, with these fields in the database, and since when."""
    path = f"/webhooks/{(await make(client, receiver.url))['webhook_id']}"
    await pool.execute(f"UPDATE hooks.webhooks SET failing_since = {SINCE}, {fields}")
    return path, (await client.get(path)).json()["failing_since"]


@pytest.mark.parametrize("change", [{}, {"note": "x"}, {"subjects": ["render.done"]}, {"paused": True}], ids=str)
async def test_no_other_change_begins_anew_with_a_webhook_that_was_disabled(
    client: httpx.AsyncClient, pool: Pool, receiver: Receiver, change: Json
) -> None:
    path, since = await _made(client, pool, receiver, "disabled_at = now(), disabled_reason = '410'")
    told = (await client.patch(path, json=change)).json()
    assert (told["state"], told["disabled_reason"], told["failing_since"]) == ("disabled", "410", since)
    assert told["note"] == change.get("note", "") and told["subjects"] == change.get("subjects", [])
    told = (await client.patch(path, json={"paused": False})).json()
    assert (told["state"], told.get("disabled_reason"), told.get("failing_since")) == ("on", None, None)


@pytest.mark.parametrize("change", [{}, {"note": "x"}, {"paused": True}], ids=str)
async def test_the_days_in_which_nothing_arrives_go_on_when_something_else_is_changed(
    client: httpx.AsyncClient, pool: Pool, receiver: Receiver, change: Json
) -> None:
    path, since = await _made(client, pool, receiver, "note = 'y'")
    told = (await client.patch(path, json=change)).json()
    assert (told["state"], told["failing_since"]) == ("paused" if change.get("paused") else "failing", since)
    assert (await client.patch(path, json={"paused": False})).json()["state"] == "on"


async def test_a_paused_webhook_stays_paused_when_something_else_is_changed(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    path = f"/webhooks/{(await make(client, receiver.url))['webhook_id']}"
    await client.patch(path, json={"paused": True})
    assert (await client.patch(path, json={"note": "x"})).json()["state"] == "paused"


@pytest.mark.parametrize("state", ["paused = true", "disabled_at = now()"])
async def test_what_waits_for_a_webhook_that_is_sent_nothing_has_no_next_attempt(
    client: httpx.AsyncClient, pool: Pool, receiver: Receiver, state: str
) -> None:
    made = await make(client, receiver.url)
    for number, next_at in ((1, "now()"), (2, "NULL")):
        await pool.execute(
            "INSERT INTO hooks.deliveries (webhook_id, sequence, event_id, subject, body, next_at) "
            f"VALUES ($1, $2, 'e', 'render.done', '{{}}', {next_at})",
            made["webhook_id"],
            number,
        )
    path = f"/webhooks/{made['webhook_id']}/deliveries"

    async def told() -> list[tuple[int, str, bool]]:
        items = (await client.get(path)).json()["items"]
        return [(each["sequence"], each["state"], each["next_at"] is not None) for each in items]

    assert await told() == [(2, "dead", False), (1, "waiting", True)]
    await pool.execute(f"UPDATE hooks.webhooks SET {state}")
    assert await told() == [(2, "dead", False), (1, "paused", False)]
    assert [each["sequence"] for each in (await client.get(f"{path}?dead=true")).json()["items"]] == [2]


async def test_nobody_is_sent_anything_at_port_0(client: httpx.AsyncClient) -> None:
    assert problem(await client.post("/webhooks", json={"url": "https://example.org:0/x"}), 422)["field"] == "url"
