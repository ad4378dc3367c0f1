"""The database of a test: the schemas as the migrations make them, and nothing in them.

Making and dropping them costs the server ten times what emptying them does. So they are made once in a run, by the
migrations; what a test changed in the schema itself is dropped, and the next that needs it makes it again.
"""

from __future__ import annotations

import asyncpg

from actors.publisher.adapters.accounts.database import SQL as ACCOUNTS
from gateway.hooks.statements import SQL as HOOKS
from gateway.projection.statements import SQL as READ_MODELS
from gateway.users.statements import SQL as USERS
from runtime.database import migrate, open_pool

__all__ = ["Databases"]

_SCHEMAS = {"users": USERS, "gateway": READ_MODELS, "hooks": HOOKS, "publisher": ACCOUNTS}  # a hook names users
_DROP = f"DROP SCHEMA IF EXISTS {', '.join(_SCHEMAS)} CASCADE"
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL
"""
# All that a migration makes: tables and their columns, what holds of them, indexes, sequences, functions.
_SHAPES = """
WITH own AS (SELECT oid AS schema, nspname FROM pg_namespace WHERE nspname = ANY ($1))
SELECT nspname, md5(string_agg(line, E'\\n' ORDER BY line))
FROM (
    SELECT schema, concat_ws(' ', relname, relkind) FROM pg_class JOIN own ON schema = relnamespace
    UNION ALL
    SELECT schema, concat_ws(' ', relname, attnum, attname, atttypid, attnotnull, pg_get_expr(adbin, adrelid))
    FROM pg_class c JOIN own ON schema = relnamespace JOIN pg_attribute ON attrelid = c.oid AND attnum > 0
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relkind = 'r'
    UNION ALL
    SELECT schema, pg_get_indexdef(indexrelid)
    FROM pg_class c JOIN own ON schema = relnamespace JOIN pg_index ON indexrelid = c.oid
    UNION ALL
    SELECT schema, concat_ws(' ', conrelid, conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint c JOIN own ON schema = connamespace
    UNION ALL
    SELECT schema, concat_ws(' ', proname, prosrc) FROM pg_proc JOIN own ON schema = pronamespace
) AS made (schema, line) JOIN own USING (schema)
GROUP BY nspname
"""
_TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY ($1) ORDER BY 1
"""
_SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE schemaname = ANY ($1) ORDER BY 1
"""


class Databases:
    """The one database of the server at `url`, which tests have one after the other."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._shapes: dict[str, str] = {}
        self._emptying = ""

    async def make(self) -> None:
        """Make the schemas, and see what they are like while nothing is in them but what the migrations put there."""
        async with open_pool(self.url) as pool:
            for sql in _SCHEMAS.values():
                await migrate(pool, sql)
        connection = await asyncpg.connect(self.url)
        self._shapes = await _shapes(connection)
        lines = []
        for (table,) in await connection.fetch(_TABLES, list(_SCHEMAS)):
            rows = await connection.fetchval(f"SELECT json_agg(row)::text FROM {table} AS row")
            lines.append(_emptied(table, rows))
        for (sequence,) in await connection.fetch(_SEQUENCES, list(_SCHEMAS)):
            lines.append(f"ALTER SEQUENCE {sequence} RESTART;")
        await connection.close()
        self._emptying = f"DO $do$ BEGIN {' '.join(lines)} END $do$"

    async def clear(self) -> None:
        """Leave nothing of what a test did, and nobody who still works on it."""
        connection = await asyncpg.connect(self.url)
        await connection.execute(_END_OTHERS)
        await connection.execute(
            "DROP SCHEMA IF EXISTS telegram CASCADE"
        )  # that it is there tells the gateway something
        if await _shapes(connection) == self._shapes:
            await connection.execute("SET session_replication_role = replica")  # in any order, whatever keys say
            await connection.execute(self._emptying)
        else:
            await connection.execute(_DROP)
        await connection.close()

    async def drop(self) -> None:
        """Leave no schema at all: for a test of what makes them."""
        connection = await asyncpg.connect(self.url)
        await connection.execute(_DROP)
        await connection.close()


async def _shapes(connection: asyncpg.Connection[asyncpg.Record]) -> dict[str, str]:
    return {row["nspname"]: row["md5"] for row in await connection.fetch(_SHAPES, list(_SCHEMAS))}


def _emptied(table: str, rows: str | None) -> str:
    """What leaves these rows, as JSON, in a table, and no others. A large one is made anew, else it stays large."""
    empty = f"IF pg_relation_size('{table}') > 65536 THEN TRUNCATE {table} CASCADE; ELSE DELETE FROM {table}; END IF;"
    if rows is None:
        return f"IF EXISTS (SELECT FROM {table}) THEN {empty} END IF;"
    return f"{empty} INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $rows${rows}$rows$);"
