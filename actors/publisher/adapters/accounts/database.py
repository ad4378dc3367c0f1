"""The publisher's own schema in PostgreSQL: connected to when it is first needed, so that nothing else waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from runtime.database import Connection, DatabaseErrors, Pool, Sql
from runtime.errors import Unavailable

__all__ = ["SQL", "Database"]

SQL = Sql(Path(__file__).parents[2] / "sql")
_SIZE = 8


class Database:
    """Transactions on the database at `url`, with the schema as this version wants it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: Pool | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction. Raises `Unavailable` where the database does not answer; then nothing was changed, unless
        it was the answer to the very end that is missing."""
        try:
            pool = await self._ready()
            async with pool.acquire() as connection, connection.transaction():
                yield connection
        except DatabaseErrors as error:
            raise Unavailable(
                f"the database of accounts does not answer ({type(error).__name__})",
                advice="Look at PostgreSQL and at CLIPWIRE_DATABASE_URL; it is tried again by itself",
            ) from error

    async def close(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            await self._pool.close()

    async def _ready(self) -> Pool:
        async with self._opening:
            if self._pool is None:
                pool = await asyncpg.create_pool(self._url, min_size=0, max_size=_SIZE, command_timeout=60)
                try:
                    await _migrate(pool)
                except BaseException:
                    await pool.close()
                    raise
                self._pool = pool
        return self._pool


async def _migrate(pool: Pool) -> None:
    """Apply what is missing, once, whoever comes first."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL.statement("schema.sql", "lock"))
        await connection.execute(SQL.statement("schema.sql", "schema"))
        done = {row["name"] for row in await connection.fetch(SQL.statement("schema.sql", "applied"))}
        for name, text in SQL.migrations():
            if name not in done:
                await connection.execute(text)
                await connection.execute(SQL.statement("schema.sql", "record"), name)
