"""Reads the EVENTS stream in order, without a durable: an ephemeral consumer that is made again wherever it broke off.

Our own pull loop, because `fetch` of nats-py waits for a whole batch: this one hands on what is there at once.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import suppress

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError

from runtime.envelope import StoredEvent
from runtime.topology import EVENTS

__all__ = ["read_stream"]

log = structlog.get_logger(__name__)

_EXPIRES_S = 20.0
_HEARTBEAT_S = 2.0
_NANO = 1_000_000_000


class _BrokenError(Exception):
    """The consumer is gone or has skipped a message: make a new one from the last sequence."""


async def read_stream(
    client: Client, *, after: int, subjects: Sequence[str], follow: bool, batch: int
) -> AsyncGenerator[list[StoredEvent], None]:
    """See `Bus.read`."""
    position = after
    pause = 0.05
    while True:
        try:
            async with _Reader(client, position, subjects, batch) as reader:
                if not follow and reader.pending == 0:
                    return
                left = reader.pending
                async for events in reader:
                    position = events[-1].sequence
                    pause = 0.05
                    left -= len(events)
                    yield events
                    if not follow and left <= 0:
                        return
        except (_BrokenError, NatsError, APIError, OSError, TimeoutError) as error:
            log.debug("stream.read_again", after=position, error=str(error) or type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 2)


class _Reader:
    """One ephemeral consumer and its batches."""

    def __init__(self, client: Client, after: int, subjects: Sequence[str], batch: int) -> None:
        self.client = client
        self.config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=after + 1,
            ack_policy=AckPolicy.NONE,
            filter_subjects=list(subjects) or None,
            inactive_threshold=60,
            mem_storage=True,
            num_replicas=1,
        )
        self.batch = batch
        self.pending = 0
        self.delivered = 0
        self.waiting: deque[Msg] = deque()
        self.news = asyncio.Event()

    async def __aenter__(self) -> _Reader:
        self.js = self.client.jetstream(timeout=5)
        info = await self.js.add_consumer(EVENTS, config=self.config)
        self.name = info.name
        self.pending = info.num_pending or 0
        self.inbox = self.client.new_inbox()
        # A callback, because `next_msg` makes a task per message and may lose a cancellation that comes with one.
        self.subscription: Subscription = await self.client.subscribe(self.inbox, cb=self._arrived)
        return self

    async def _arrived(self, message: Msg) -> None:
        self.waiting.append(message)
        self.news.set()

    async def __aexit__(self, *_: object) -> None:
        if self.client.is_connected:
            with suppress(NatsError, APIError, OSError, TimeoutError):  # it ends by itself after inactive_threshold
                await self.subscription.unsubscribe()
                await self.js.delete_consumer(EVENTS, self.name)

    def __aiter__(self) -> AsyncIterator[list[StoredEvent]]:
        return self._batches()

    async def _batches(self) -> AsyncIterator[list[StoredEvent]]:
        outstanding = 0
        asked = 0.0
        while True:
            if outstanding <= 0 or time.monotonic() - asked > _EXPIRES_S:
                await self._request()
                outstanding, asked = self.batch, time.monotonic()
            if not self.waiting:
                self.news.clear()
                async with asyncio.timeout(2.5 * _HEARTBEAT_S):
                    await self.news.wait()
            events: list[StoredEvent] = []
            while self.waiting and len(events) < self.batch:
                message = self.waiting.popleft()
                if (status := _status(message)) is None:
                    events.append(self._stored(message))
                    outstanding -= 1
                elif status in {"404", "408"}:
                    outstanding = 0
                elif status != "100":
                    raise _BrokenError(f"status {status}")
            if events:
                yield events

    async def _request(self) -> None:
        body = {
            "batch": self.batch,
            "expires": int(_EXPIRES_S * _NANO),
            "idle_heartbeat": int(_HEARTBEAT_S * _NANO),
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{EVENTS}.{self.name}"
        await self.client.publish(subject, json.dumps(body).encode(), reply=self.inbox)

    def _stored(self, message: Msg) -> StoredEvent:
        place = message.metadata
        self.delivered += 1
        if place.sequence.consumer != self.delivered:
            raise _BrokenError(f"message {self.delivered} of the consumer was lost on the way")
        return StoredEvent(place.sequence.stream, message.subject, place.timestamp, message.data, message.headers or {})


def _status(message: Msg) -> str | None:
    """Status of a message that carries no event: 100 heartbeat, 404 and 408 nothing there, 409 the consumer is gone."""
    if message.data or not message.headers:
        return None
    return message.headers.get("Status")
