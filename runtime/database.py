"""PostgreSQL as whoever uses it needs it: its faults, and SQL in named files.

Imported by those alone, because asyncpg comes with their extras.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg

from runtime.errors import Unavailable

__all__ = ["Connection", "DatabaseErrors", "Pool", "Sql", "delete_all", "migrate", "open_pool"]

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Prepare: TypeAlias = "Callable[[asyncpg.Connection[asyncpg.Record]], Coroutine[Any, Any, None]]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
# All that a database that is away, restarting or out of connections raises.
DatabaseErrors = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError,
                  asyncpg.InsufficientResourcesError, OSError, TimeoutError)  # fmt: skip
_ROWS = 5000
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Sql:
    """The SQL files of a folder: `-- name: x` begins a statement, the comment below it says what it is for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _statements(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for file in sorted(self._folder.glob("*.sql")):
            _, *parts = _NAME.split(file.read_text(encoding="utf-8"))
            found |= {(file.name, name): text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}
        return found

    def statement(self, file: str, name: str) -> str:
        """The statement `name` of `file`. Raises `KeyError` for a name that is not there."""
        return self._statements[file, name]

    def migrations(self) -> list[tuple[str, str]]:
        """Name and text of every migration, in their order."""
        files = sorted((self._folder / "migrations").glob("*.sql"))
        return [(file.stem, file.read_text(encoding="utf-8")) for file in files]


@asynccontextmanager
async def open_pool(
    url: str, *, within: float = 30.0, size: int = 8, init: Prepare | None = None
) -> AsyncIterator[Pool]:
    """At most `size` connections to the database, each prepared by `init`.

    Raises `Unavailable` when none is made within `within` seconds; 0: it is tried once.
    """
    deadline = asyncio.get_running_loop().time() + within
    while True:
        try:
            pool = await asyncpg.create_pool(url, min_size=1, max_size=size, init=init, command_timeout=60)
            break
        except DatabaseErrors as error:
            if asyncio.get_running_loop().time() >= deadline:
                raise Unavailable(
                    f"the PostgreSQL database does not answer ({error or type(error).__name__})",
                    advice="Start one (`clipwire up` does), or correct CLIPWIRE_DATABASE_URL",
                ) from None
            await asyncio.sleep(0.25)
    async with pool:
        yield pool


async def delete_all(pool: Pool, statement: str, *values: object) -> None:
    """Repeat a DELETE of so many rows at most as its last parameter says, until it finds fewer.

    Each is a transaction: what it deleted stays deleted, however long the whole takes.
    """
    while await pool.execute(statement, *values, _ROWS) == f"DELETE {_ROWS}":
        pass


async def migrate(pool: Pool, sql: Sql) -> None:
    """Apply the migrations that are missing, once, whoever comes first.

    `schema.sql` has the statements `lock`, `schema`, `applied` and `record`.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(sql.statement("schema.sql", "lock"))
        await connection.execute(sql.statement("schema.sql", "schema"))
        done = {row["name"] for row in await connection.fetch(sql.statement("schema.sql", "applied"))}
        for name, text in sql.migrations():
            if name not in done:
                await connection.execute(text)
                await connection.execute(sql.statement("schema.sql", "record"), name)
