"""A program that is told by webhooks, and what tests of it have in common."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field
from typing import Any

import httpx

from contracts import subjects as s
from contracts.events import DiscoveryRequested
from gateway.projection.database import Pool
from runtime.bus import new_command

__all__ = ["Receiver", "make", "make_due", "scan", "until"]


@dataclass
class Receiver:
    """Keeps what it was sent, and answers as it was told; in the end with 200."""

    url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


async def until(true: Any) -> None:
    async with asyncio.timeout(15):
        while not (await found if inspect.isawaitable(found := true()) else found):
            await asyncio.sleep(0.02)


def scan(number: int, owner: str | None = None) -> Any:
    data = DiscoveryRequested(niche=f"niche {number}")
    return new_command(s.DISCOVERY_REQUESTED, data, source="test", id=f"c{number}", owner=owner)


async def make(client: httpx.AsyncClient, url: str, **more: Any) -> dict[str, Any]:
    answer = await client.post("/webhooks", json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"].endswith(made["webhook_id"])
    return made


async def make_due(pool: Pool) -> None:
    """As if the time until the next attempt had gone by."""
    await pool.execute("UPDATE hooks.deliveries SET next_at = now() WHERE next_at IS NOT NULL")
    await pool.execute("SELECT pg_notify('hooks', '')")
