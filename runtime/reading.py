"""Reads the EVENTS stream in order, without a consumer: a batch is fetched, and the server tells when there is more.

Batches come by the direct get of JetStream (ADR-31 of NATS), which takes the right to read and no other. What is new is
told by the stream's own republishing. Nothing of a reader is kept on the server, however many there are, and one that
is slow holds up nobody.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from runtime.envelope import StoredEvent
from runtime.topology import EVENTS, STORED

__all__ = ["read_stream"]

log = structlog.get_logger(__name__)

_ANSWER_S = 2.0
_LOOK_AGAIN_S = 2.0
"""Seconds after which it is looked for more though nothing was told: a message of core NATS may be lost."""
_BATCH_BYTES = 8 << 20
_NOT_YET_S = 0.02
_NANO = 1_000_000_000
_ANY = ">"
_PLACE = frozenset(
    {"Nats-Stream", "Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp", "Nats-Num-Pending", "Nats-Last-Sequence"}
)


class _BrokenError(Exception):
    """A batch did not come whole: ask for it again, from the last sequence."""


async def read_stream(
    client: Client, *, after: int, subjects: Sequence[str], follow: bool, batch: int
) -> AsyncGenerator[list[StoredEvent], None]:
    """See `Bus.read`."""
    position = after
    pause = 0.05
    while True:
        try:
            async with _Reader(client, subjects, batch) as reader:
                while True:
                    events, position, left = await reader.fetch(position)
                    pause = 0.05
                    if events:
                        yield events
                    if left:
                        continue
                    if not follow:
                        return
                    await reader.more(position)
        except (_BrokenError, NatsError, OSError, TimeoutError) as error:
            log.debug("stream.read_again", after=position, error=str(error) or type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 2)


class _Reader:
    """An inbox for batches, and an ear for what is new."""

    def __init__(self, client: Client, subjects: Sequence[str], batch: int) -> None:
        self._client = client
        self._subjects = tuple(subjects) or (_ANY,)
        self._batch = batch
        self._filter = self._subjects[0] if len(self._subjects) == 1 else _ANY  # the server takes one
        self._came: asyncio.Queue[Msg] = asyncio.Queue()
        self._asked = 0
        self._newest = 0
        self._news = asyncio.Event()
        self._subscriptions: list[Subscription] = []

    async def __aenter__(self) -> Self:
        self._inbox = self._client.new_inbox()
        # Callbacks, because `next_msg` makes a task per message and may lose a cancellation that comes with one.
        await self._hear(f"{self._inbox}.*", self._came.put)
        for subject in self._subjects:
            await self._hear(f"{STORED}.{subject}", self._told)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for subscription in self._subscriptions:
            if self._client.is_connected:
                with suppress(NatsError, OSError):
                    await subscription.unsubscribe()

    async def fetch(self, position: int) -> tuple[list[StoredEvent], int, int]:
        """A batch behind `position`: what is wanted of it, how far it goes, and how many there are behind it."""
        self._news.clear()
        self._asked += 1
        reply = f"{self._inbox}.{self._asked}"
        body = {"seq": position + 1, "batch": self._batch, "max_bytes": _BATCH_BYTES, "next_by_subj": self._filter}
        await self._client.publish(f"$JS.API.DIRECT.GET.{EVENTS}", json.dumps(body).encode(), reply=reply)
        events: list[StoredEvent] = []
        last = 0
        while True:
            async with asyncio.timeout(_ANSWER_S):
                message = await self._came.get()
            if message.subject != reply:
                continue  # of a batch that was given up
            headers = message.headers or {}
            status = headers.get("Status") if not message.data else None
            if status == "404":
                return [], position, 0
            if status not in {None, "204"} or int(headers["Nats-Last-Sequence"]) != last:
                raise _BrokenError(f"status {status}" if status else f"a message behind {last} was lost on the way")
            if status:
                return events, last or position, int(headers["Nats-Num-Pending"])
            stored = _stored(message, headers)
            last = stored.sequence
            if any(_matches(subject, stored.subject) for subject in self._subjects):
                events.append(stored)

    async def more(self, position: int) -> None:
        """Until there is more behind `position`, or it is time to look."""
        if self._newest > position:  # told of by one server of a cluster, and not there yet where we asked
            self._newest = 0
            await asyncio.sleep(_NOT_YET_S)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), _LOOK_AGAIN_S)

    async def _hear(self, subject: str, heard: Callable[[Msg], Awaitable[None]]) -> None:
        self._subscriptions.append(await self._client.subscribe(subject, cb=heard))

    async def _told(self, message: Msg) -> None:
        self._newest = int((message.headers or {}).get("Nats-Sequence", 0))
        self._news.set()


def _stored(message: Msg, headers: Mapping[str, str]) -> StoredEvent:
    own = {name: value for name, value in headers.items() if name not in _PLACE}
    time = _time(headers["Nats-Time-Stamp"])
    return StoredEvent(int(headers["Nats-Sequence"]), headers["Nats-Subject"], time, message.data, own)


def _time(text: str) -> datetime:
    """RFC 3339 in nanoseconds, rounded as in the metadata of a delivery: ids of bare bodies are made of it."""
    whole, _, part = text.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    return datetime.fromtimestamp((seconds * _NANO + int(part.ljust(9, "0"))) / float(_NANO), UTC)


def _matches(pattern: str, subject: str) -> bool:
    """Whether a subject is one of a pattern, with `*` for a token and `>` for all that follow."""
    wanted, tokens = pattern.split("."), subject.split(".")
    if wanted[-1] == _ANY:
        wanted, tokens = wanted[:-1], tokens[: len(wanted) - 1]
    return len(wanted) == len(tokens) and all(a in {"*", b} for a, b in zip(wanted, tokens, strict=True))
