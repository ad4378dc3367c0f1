"""Commands on their way to the stream: each was written down in the transaction that changed its card."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import structlog

from contracts.base import Payload
from contracts.subjects import BY_NAME
from gateway.telegram.people import People
from gateway.telegram.store import Store
from gateway.users.ownership import Ownership
from runtime.bus import Bus, new_command
from runtime.envelope import parse_payload
from runtime.errors import Reject

__all__ = ["Outbox"]

log = structlog.get_logger(__name__)
P = TypeVar("P", bound=Payload)


class Outbox:
    """Puts on the stream what is written down. Ids were given then, so that what is sent twice is there once."""

    def __init__(self, store: Store, bus: Bus, people: People, ownership: Ownership) -> None:
        self._store = store
        self._bus = bus
        self._people = people
        self._ownership = ownership
        self._one = asyncio.Lock()

    async def send(self) -> None:
        """All that waits, in its order. Raises `Unavailable` while the bus is away."""
        async with self._one:
            for row in await self._store.orders():
                subject = BY_NAME[row["subject"]]
                try:
                    data = await self._in_their_channel(parse_payload(subject, row["body"]), row["owner"])
                    event = new_command(subject, data, source="telegram", id=row["event_id"], owner=row["owner"])
                    await self._bus.publish(event)
                except Reject:  # it kept its contract when it was written down: another version, or too large
                    log.exception("telegram.order_refused", subject=subject.name)
                await self._store.order_sent(row["event_id"])

    async def _in_their_channel(self, data: P, owner: str | None) -> P:
        """The channel `default` of a user is their own; that of the operator has the operator's accounts."""
        user = await self._people.user(owner) if owner and getattr(data, "channel_id", None) == "default" else None
        if user is None or user.role == "admin":
            return data
        channel = await self._ownership.channel("default", user)
        return data.model_copy(update={"channel_id": channel.channel_id})
