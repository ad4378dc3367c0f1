"""Questions to the read models. Rows come as dictionaries with the columns of the tables."""

from __future__ import annotations

from typing import Any

from gateway.projection.database import Pool
from gateway.projection.statements import statement

__all__ = ["ReadModels"]

Row = dict[str, Any]


class ReadModels:
    """What the HTTP door answers from. Every method may raise one of `database.DatabaseErrors`."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def page(self, name: str, before: int | None, limit: int, *filters: str | None) -> list[Row]:
        """A page of a list, newest first: rows with a place before `before`. `filters` as the statement names them."""
        return await self._rows(name, before, limit, *filters)

    async def one(self, name: str, key: str) -> Row | None:
        """One row by its id."""
        rows = await self._rows(name, key)
        return rows[0] if rows else None

    async def job_of(self, key: str) -> str | None:
        """The job that a candidate, render, publication, scan or failed message belongs to."""
        found: str | None = await self.pool.fetchval(statement("reads.sql", "job_of"), key)
        return found

    async def stages(self, job: str) -> list[Row]:
        """Every stage of a job, in the order in which they began."""
        return await self._rows("stages_of_job", job)

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

    async def _rows(self, name: str, *values: Any) -> list[Row]:
        return [dict(row) for row in await self.pool.fetch(statement("reads.sql", name), *values)]
