"""The end of the stream, read and decoded once for all feeds of this process.

Whoever follows gets what comes by reference, in a queue of their own that is bounded: one that takes nothing is let go,
and reads on from where it was by itself, at its own pace. So a slow client holds no more than that queue, and nobody
else waits for it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from contracts.envelope import Event
from gateway.projection.projector import EventLog
from runtime.bus import StoredEvent
from runtime.errors import Reject
from runtime.tasks import end

__all__ = ["Entry", "Follower", "Tail"]

_PENDING = 200
_BATCH = 100


@dataclass(frozen=True)
class Entry:
    """A stored message with what feeds ask of it, found out once."""

    stored: StoredEvent

    @property
    def sequence(self) -> int:
        """Its place in the stream."""
        return self.stored.sequence

    @cached_property
    def _decoded(self) -> Event[Any] | str:
        try:
            return self.stored.event()
        except (Reject, ValueError, RecursionError) as error:
            return str(error)

    @property
    def why(self) -> str | None:
        """Why it is no event, if it is none."""
        return self._decoded if isinstance(self._decoded, str) else None

    @cached_property
    def json(self) -> str:
        """The CloudEvent. Only of what is one."""
        if isinstance(self._decoded, str):
            raise TypeError("this is no event")
        return self._decoded.to_json().decode()

    def seen_by(self, owner: str | None) -> bool:
        """Whether an owner sees it; none sees all. Of what is no event nobody can tell whose it is."""
        return owner is None or (not isinstance(self._decoded, str) and self._decoded.owner == owner)


@dataclass(eq=False)
class Follower:
    """What one feed wants: events behind `after`, of these subjects (none: all), that `owner` sees (none: all)."""

    after: int
    subjects: frozenset[str] = frozenset()
    owner: str | None = None
    _reached: int = 0
    _pending: deque[Entry] = field(default_factory=deque)
    _behind: bool = False
    _waiting: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def place(self) -> int | None:
        """Up to where everything was handed over; none, while something is on its way."""
        return self._reached if self._waiting and not self._pending else None

    def tell(self, entry: Entry) -> None:
        """Hand an entry over, or let the follower go that takes nothing."""
        if self._behind or entry.sequence <= self._reached:
            return
        if (not self.subjects or entry.stored.subject in self.subjects) and entry.seen_by(self.owner):
            if len(self._pending) >= _PENDING:
                self._behind = True
                return
            self._pending.append(entry)
            self._news.set()
        self._reached = entry.sequence

    def begin(self, position: int) -> None:
        """Everything behind `position` will be told; what was before is for the follower to read."""
        self._reached, self._behind = max(self.after, position), False

    def leave(self) -> None:
        """Nothing more will be told."""
        self._behind = True
        self._news.set()

    async def told(self) -> AsyncIterator[list[Entry]]:
        """What was handed over, until it was too much."""
        while not self._behind or self._pending:
            if not self._pending:
                self._waiting = True
                await self._news.wait()
                self._waiting = False
            self._news.clear()
            if self._pending:
                taken = list(self._pending)
                self._pending.clear()
                yield taken
        self.after = self._reached


class Tail:
    """Follows the stream for as long as somebody listens."""

    def __init__(self, bus: EventLog) -> None:
        self._bus = bus
        self._followers: set[Follower] = set()
        self._position = 0
        self._reading: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def follow(self, follower: Follower) -> AsyncGenerator[list[Entry], None]:
        """What it wants of the stream, for ever, in pieces. Raises `Unavailable` when no server answers at first."""
        while True:
            async with self._listening(follower) as position:
                async for entries in self._past(follower, position):
                    yield entries
                async for entries in follower.told():
                    yield entries

    async def _past(self, follower: Follower, position: int) -> AsyncIterator[list[Entry]]:
        """What was stored before the follower began to listen, at its own pace."""
        if follower.after >= position:
            return
        subjects = tuple(follower.subjects)
        reading = self._bus.read(after=follower.after, subjects=subjects, follow=False, batch=_BATCH)
        async with aclosing(reading) as batches:
            async for messages in batches:
                entries = [Entry(message) for message in messages if message.sequence <= position]
                if shown := [entry for entry in entries if entry.seen_by(follower.owner)]:
                    yield shown
                if len(entries) < len(messages):
                    return

    @asynccontextmanager
    async def _listening(self, follower: Follower) -> AsyncIterator[int]:
        """Yields the sequence behind which the follower is told everything."""
        async with self._starting:
            if self._reading is None or self._reading.done():
                self._position = (await self._bus.stream_state()).last
                self._reading = asyncio.create_task(self._read())
        follower.begin(position := self._position)
        self._followers.add(follower)
        try:
            yield position
        finally:
            self._followers.discard(follower)
            if not self._followers and self._reading is not None:
                reading, self._reading = self._reading, None
                await end(reading)

    async def _read(self) -> None:
        try:
            async with aclosing(self._bus.read(after=self._position, batch=_BATCH)) as batches:
                async for messages in batches:
                    for entry in map(Entry, messages):
                        self._position = entry.sequence
                        for follower in self._followers:
                            follower.tell(entry)
        finally:
            for follower in self._followers:
                follower.leave()
