"""The schema `users`: no read model. What is in it stands nowhere else, and no replay makes it again."""

from __future__ import annotations

from gateway.users.statements import migrations, statement
from runtime.database import Pool

__all__ = ["migrate"]


async def migrate(pool: Pool) -> None:
    """Apply what is missing, once, whoever comes first."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(statement("schema.sql", "lock"))
        await connection.execute(statement("schema.sql", "schema"))
        done = {row["name"] for row in await connection.fetch(statement("schema.sql", "applied"))}
        for name, text in migrations():
            if name not in done:
                await connection.execute(text)
                await connection.execute(statement("schema.sql", "record"), name)
