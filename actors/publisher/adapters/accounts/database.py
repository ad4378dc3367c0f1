"""The publisher's own schema in PostgreSQL: connected to when it is first needed, so that nothing else waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from runtime.database import Connection, DatabaseErrors, Pool, Sql, migrate, open_pool
from runtime.errors import Unavailable

__all__ = ["SQL", "Database"]

SQL = Sql(Path(__file__).parents[2] / "sql")


class Database:
    """Transactions on the database at `url`, with the schema as this version wants it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: Pool | None = None
        self._opened = AsyncExitStack()
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
        await self._opened.aclose()

    async def _ready(self) -> Pool:
        async with self._opening:
            if self._pool is None:
                async with AsyncExitStack() as opening:
                    pool = await opening.enter_async_context(open_pool(self._url, within=0))
                    await migrate(pool, SQL)
                    self._opened = opening.pop_all()
                self._pool = pool
        return self._pool
