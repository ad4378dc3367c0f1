"""Who orders a publication that is out already is told where it is."""

from __future__ import annotations

import httpx

from tests.gateway.conftest import Say
from tests.gateway.samples import order, whole_job


async def test_what_is_out_is_answered_with_its_address(client: httpx.AsyncClient, say: Say) -> None:
    wanted = {"render_id": order().render_id, "account_id": "outbox:default"}
    await say(*whole_job()[:-1])
    first = await client.post("/publications", json=wanted)
    assert first.status_code == 202 and "out_at" not in first.json()
    await say(whole_job()[-1])
    again = await client.post("/publications", json=wanted)
    assert (again.status_code, again.json()["out_at"]) == (202, "file:///outbox/1")
