"""The gateway's own schema in PostgreSQL: connections, and the tables as this version wants them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from gateway.projection.statements import SQL, statement
from runtime import database
from runtime.database import Connection, DatabaseErrors, Pool

__all__ = ["Connection", "DatabaseErrors", "Pool", "about_data", "forget", "migrate", "open_pool", "reset"]

# Classes of SQLSTATE (PostgreSQL, appendix A) that say nothing of the rows: connection, state of the transaction and
# read-only, who may, catalog, schema, serialization and deadlock, our own SQL, resources, locks, an operator, the disk,
# the configuration; and of XX, corruption.
_NOT_THE_ROWS = ("08", "25", "28", "3D", "3F", "40", "42", "53", "55", "57", "58", "F0", "XX001", "XX002")


def about_data(error: asyncpg.PostgresError) -> bool:
    """Whether the rows are refused for what is in them, so that the same rows will be refused again."""
    return not (error.sqlstate or "08").startswith(_NOT_THE_ROWS)


@asynccontextmanager
async def open_pool(url: str, *, within: float = 30.0, size: int = 8) -> AsyncIterator[Pool]:
    """Connections to the database, its schema in place. Raises `Unavailable` after `within` seconds without one."""
    async with database.open_pool(url, within=within, size=size, init=_prepare) as pool:
        await migrate(pool)
        yield pool


async def _prepare(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    # Binary, because COPY is: the version of the format, then the text.
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda text: b"\x01" + text.encode(),
        decoder=lambda body: json.loads(body[1:]),
        schema="pg_catalog",
        format="binary",
    )


async def migrate(pool: Pool) -> None:
    """Apply what is missing, once, whoever comes first."""
    await database.migrate(pool, SQL)


async def forget(pool: Pool, owner: str) -> None:
    """Show nothing of an owner any more, neither now nor after a rebuild. The stream keeps what it has."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(statement("writes.sql", "forget_owner"), owner)
        await connection.execute(statement("writes.sql", "forget_keys"), owner)
        await connection.execute(statement("writes.sql", "drop_forgotten"), 0)


async def reset(pool: Pool, *, requests: bool = False) -> None:
    """Empty the read models, so that a projector fills them again from the first event; one that runs starts over.

    `requests`: forget what was answered under idempotency keys too, because the stream is another one.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(statement("writes.sql", "reset_checkpoint"))
        await connection.execute(statement("writes.sql", "empty_read_models"))
        if requests:
            await connection.execute(statement("writes.sql", "forget_requests"))
        await connection.execute(statement("writes.sql", "tell_reset"))
