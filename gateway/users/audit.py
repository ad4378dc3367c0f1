"""The audit: who did what, when and from where. Secrets are never in it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from contracts.audit import AuditEntry
from gateway.users.keys import now
from gateway.users.principal import Principal
from gateway.users.statements import statement
from runtime.database import Connection, Pool, delete_all

__all__ = ["Audit", "Came"]

Tell = Callable[[AuditEntry], Awaitable[None]]

log = structlog.get_logger("audit")
_LONGEST = 300


@dataclass(frozen=True)
class Came:
    """Where a request came from: the address of the client, and what it calls itself."""

    address: str
    agent: str = ""


class Audit:
    """The entries, each also a line of the log. Every method may raise `DatabaseErrors`.

    `tell`: where each is told at once.
    """

    def __init__(self, pool: Pool, tell: Tell | None = None) -> None:
        self._pool = pool
        self._tell = tell

    async def write(
        self, action: str, by: Principal | None, came: Came, *, about: str | None = None, **details: Any
    ) -> None:
        """Put one down and announce it. `by`: none is somebody who has not proved who they are, or nobody at all."""
        await self.announce(await self.put(self._pool, action, by, came, about=about, **details))

    async def put(
        self,
        where: Pool | Connection,
        action: str,
        by: Principal | None,
        came: Came,
        *,
        about: str | None = None,
        **details: Any,
    ) -> AuditEntry:
        """Put one down in the transaction in which that happens which it tells; to be announced when that is over."""
        who = (by.owner, by.name, by.via, by.key) if by else (None, "", "none", None)
        about = about[:_LONGEST] if about else None
        values = (action, *who, about, came.address, json.dumps(details))
        (row,) = await where.fetch(statement("audit.sql", "write"), *values)
        return AuditEntry(
            id=row["id"],
            at=row["at"],
            action=action,
            user_id=who[0],
            name=who[1],
            via=who[2],
            about=about,
            address=came.address,
            details=details,
        )

    async def announce(self, entry: AuditEntry) -> None:
        """Say it in the log, and wherever it is told."""
        by, via, about = entry.user_id or entry.name, entry.via, entry.about
        log.info(f"audit.{entry.action}", by=by, via=via, about=about, address=entry.address, entry=entry.id)
        if self._tell is not None:
            await self._tell(entry)

    async def page(
        self, before: int | None, limit: int, *, user_id: str | None = None, action: str | None = None
    ) -> list[dict[str, Any]]:
        """Entries, newest first.

        `user_id`: by or about one user, or about what they own; `action`: one, or a family such as `login`.
        """
        rows = await self._pool.fetch(statement("audit.sql", "page"), before, limit, user_id, action)
        return [dict(row) for row in rows]

    async def sweep(self, days: float, *, moment: datetime | None = None) -> None:
        """Delete what is older."""
        await delete_all(self._pool, statement("audit.sql", "sweep"), (moment or now()) - timedelta(days=days))

    async def unname(self, user_id: str, name: str) -> None:
        """Of a user who was deleted the id alone stays, also where they failed to log in, or were invited."""
        await self._pool.execute(statement("audit.sql", "unname"), user_id, name)
