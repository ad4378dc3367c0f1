"""Questions to the read models. Rows come as dictionaries with the columns of the tables.

`owner` is whose rows are looked at: a user's id, '' for the operator, None for those of all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gateway.projection.database import Pool
from gateway.projection.statements import statement
from runtime.database import delete_all

__all__ = ["ReadModels"]

Row = dict[str, Any]


class ReadModels:
    """What the HTTP door answers from. Every method may raise one of `database.DatabaseErrors`."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def page(
        self, name: str, before: int | None, limit: int, *filters: str | None, owner: str | None
    ) -> list[Row]:
        """A page of a list, newest first: rows with a place before `before`. `filters` as the statement names them."""
        return await self._rows(name, before, limit, owner, *filters)

    async def one(self, name: str, key: str, *, owner: str | None) -> Row | None:
        """One row by its id; of several owners' that of whom was last heard of it."""
        rows = await self._rows(name, key, owner)
        return rows[0] if rows else None

    async def job_of(self, key: str, *, owner: str | None) -> tuple[str, str] | None:
        """The job that a candidate, render, publication, scan or failed message belongs to, and whose it is."""
        row = await self.pool.fetchrow(statement("reads.sql", "job_of"), key, owner)
        return (row["job"], row["owner"]) if row else None

    async def stages(self, job: str, *, owner: str) -> list[Row]:
        """Every stage of an owner's job, in the order in which they began."""
        return await self._rows("stages_of_job", job, owner)

    async def only(self, name: str, owner: str) -> list[Row]:
        """`renders` or `candidates` that nobody but this owner has."""
        return await self._rows(f"only_{name}", owner)

    async def events_of(self, owner: str, after: int, limit: int) -> list[Row]:
        """`sequence` and `body` of the events of an owner, in their order."""
        return await self._rows("events_of", owner, after, limit)

    async def counts(self, name: str) -> list[Row]:
        """`totals`, `failure_totals`, `render_totals` or `publication_totals`."""
        return await self._rows(name)

    async def checkpoint(self) -> int:
        """The stream sequence up to which the read models are."""
        found: int = await self.pool.fetchval(statement("reads.sql", "checkpoint"))
        return found

    async def remember(self, key: str, subject: str, digest: str, event_id: str) -> Row:
        """What stands under an idempotency key: `digest`, `event_id`, and `sequence` once it was stored."""
        while True:  # a row that another transaction put and we can't see yet is there at the second look
            rows = await self._rows("remember_request", key, subject, digest, event_id)
            if rows:
                return rows[0]

    async def remember_stored(self, key: str, subject: str, sequence: int) -> None:
        """The command under this key is on the stream."""
        await self.pool.execute(statement("reads.sql", "request_stored"), key, subject, sequence)

    async def sweep_requests(self, age: timedelta) -> None:
        """Forget the idempotency keys that are older."""
        await delete_all(self.pool, statement("reads.sql", "sweep_requests"), age)

    async def _rows(self, name: str, *values: Any) -> list[Row]:
        return [dict(row) for row in await self.pool.fetch(statement("reads.sql", name), *values)]
