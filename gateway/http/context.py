"""What the routes work with; kept on the app, so that two apps in one process share nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Query, Request

from contracts.asks import Ask
from contracts.base import Contract
from contracts.envelope import Progress
from gateway.hooks.hooks import Hooks
from gateway.http.commands import Commands, Publisher
from gateway.http.cursor import decode_cursor
from gateway.http.places import Places
from gateway.http.settings import GatewaySettings
from gateway.http.tail import Tail
from gateway.projection.projector import EventLog, Projector
from gateway.projection.reads import ReadModels
from gateway.users.exports import Exports
from gateway.users.identities import Identities
from gateway.users.leaving import Leaving
from gateway.users.ownership import Ownership
from runtime.bus import ConsumerState
from runtime.channels import Channels
from runtime.media import MediaStore

__all__ = ["Context", "Cursor", "Door", "IdempotencyKey", "Limit", "TheContext"]

Q = TypeVar("Q", bound=Contract)
A = TypeVar("A", bound=Contract)


class Door(EventLog, Publisher, Protocol):
    """The bus, as far as the HTTP door needs it; `runtime.bus.Bus` is one."""

    async def consumers(self) -> list[ConsumerState]:
        """See `runtime.bus.Bus.consumers`."""
        ...

    async def ask(self, question: Ask[Q, A], data: Q, *, within: float = 30.0) -> A:
        """See `runtime.bus.Bus.ask`."""
        ...

    def watch_progress(self) -> AsyncGenerator[Progress, None]:
        """See `runtime.bus.Bus.watch_progress`."""
        ...


@dataclass(frozen=True)
class Context:
    """The collaborators of the routes.

    `projector`: this process's own; none, where another process projects. `actors`: who must be there to be ready.
    """

    settings: GatewaySettings
    home: Path
    identities: Identities
    bus: Door
    reads: ReadModels
    channels: Channels
    ownership: Ownership
    leaving: Leaving
    exports: Exports
    commands: Commands
    tail: Tail
    places: Places
    hooks: Hooks
    media: MediaStore
    projector: Projector | None
    actors: frozenset[str] = frozenset()


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


async def _before(
    cursor: Annotated[str | None, Query(max_length=100, description="`next` of the page before")] = None,
) -> int | None:
    return decode_cursor(cursor)


TheContext = Annotated[Context, Depends(_context)]
Cursor = Annotated[int | None, Depends(_before)]
Limit = Annotated[int, Query(ge=1, le=200, description="rows of a page at most")]
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", description="the same key with the same body is the same command")
]
