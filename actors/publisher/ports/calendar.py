"""When a post goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from actors.publisher.core.limits import Limits
from contracts.envelope import Event
from contracts.events import PublishRequested
from contracts.publishing import Account
from contracts.work import Channel

__all__ = ["Calendar", "Place", "Planned", "Timers"]


@dataclass(frozen=True)
class Place:
    """When a publication is to be seen. `ready`: it is to be sent now, since it is due or the platform itself keeps the
    time; else it comes back by a timer. `note`: why it is not when it was wanted, for a person."""

    at: datetime
    ready: bool
    note: str | None = None


@dataclass(frozen=True)
class Planned:
    """A publication that is to be seen later. `wanted`: when a person wanted it to be."""

    publication_id: str
    account_id: str
    at: datetime
    wanted: datetime | None = None


class Calendar(Protocol):
    """Which post goes out when: slots, gaps, quotas and quiet hours of every account, over all processes."""

    async def place(self, request: PublishRequested, channel: Channel, limits: Limits, account: Account) -> Place:
        """The place of the publication; it keeps it, whoever asks again. What was named in the request is kept to, but
        for the platform's quotas. Raises `Reject` for what came due while nothing ran, where the channel skips that."""
        ...

    async def move(self, request: PublishRequested, at: datetime) -> None:
        """Move the place of a publication that was sent ahead: it counts as before, and is seen at `at`."""
        ...

    async def release(self, request: PublishRequested) -> None:
        """Give the place back: nothing is posted."""
        ...

    async def planned(self, account_id: str) -> list[Planned]:
        """What waits for its time on an account, the next first."""
        ...


class Timers(Protocol):
    """Requests that come back when they are due, also after restarts."""

    async def at(self, when: datetime, request: PublishRequested, cause: Event[Any]) -> None:
        """Put the request on the stream at that time, in place of an earlier timer of the same publication. `cause`:
        the event that it came with."""
        ...

    async def cancel(self, publication_id: str) -> None:
        """Forget the timer of a publication, if there is one."""
        ...
