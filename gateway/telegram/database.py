"""The bot's own schema in PostgreSQL, and the lock by which one process at a time speaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from runtime.database import DatabaseErrors, Pool, Sql
from runtime.errors import Unavailable

__all__ = ["SQL", "alone", "open_pool"]

SQL = Sql(Path(__file__).parent / "sql")


@asynccontextmanager
async def open_pool(url: str, *, within: float = 30.0) -> AsyncIterator[Pool]:
    """Connections to the database, its schema in place. Raises `Unavailable` after `within` seconds without one."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        try:
            pool = await asyncpg.create_pool(url, min_size=1, max_size=8, init=_prepare, command_timeout=60)
            break
        except DatabaseErrors as error:
            if asyncio.get_running_loop().time() > deadline:
                raise Unavailable(
                    f"no PostgreSQL database answers ({error or type(error).__name__})",
                    advice="Start one (`clipwire up` does), or correct CLIPWIRE_DATABASE_URL",
                ) from None
            await asyncio.sleep(0.25)
    async with pool:
        await _migrate(pool)
        yield pool


@asynccontextmanager
async def alone(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """Waits until no other process speaks for these bots, and holds that place for as long as the connection lives."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(SQL.statement("schema.sql", "be_alone"))
        yield connection
    finally:
        await connection.close()


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


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
