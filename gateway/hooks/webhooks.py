"""The webhooks, as people make and see them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gateway.hooks.secrets import Vault, new_secret
from gateway.hooks.statements import statement
from runtime.database import Pool, delete_all
from runtime.errors import Reject

__all__ = ["Webhooks", "Wish"]

Row = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """What an owner says of a webhook. No subjects: all of them. `paused` None: as it is."""

    url: str
    subjects: tuple[str, ...]
    note: str
    paused: bool | None = None


class Webhooks:
    """Every method may raise one of `runtime.database.DatabaseErrors`."""

    def __init__(self, pool: Pool, vault: Vault, *, most: int, keep: timedelta) -> None:
        self._pool = pool
        self._vault = vault
        self._most = most
        self._keep = keep

    async def make(self, owner: str | None, wish: Wish, *, place: int) -> tuple[str, str]:
        """Id and secret of a new webhook, which begins behind `place`. Raises `Reject` when there are too many."""
        if await self._pool.fetchval(statement("webhooks.sql", "count"), owner) >= self._most:
            raise Reject(
                f"you have {self._most} webhooks already", advice="Remove one, or raise CLIPWIRE_WEBHOOKS_PER_OWNER"
            )
        ident, secret = f"wh_{secrets.token_hex(10)}", new_secret()
        sealed = self._vault.seal(secret)
        values = (ident, owner, wish.url, list(wish.subjects), wish.note, sealed, place)
        await self._pool.execute(statement("webhooks.sql", "make"), *values)
        await self._tell()
        return ident, secret

    async def page(self, before: int | None, limit: int, owner: str | None) -> list[Row]:
        """A page of an owner's, or of everybody's, newest first."""
        return [dict(row) for row in await self._pool.fetch(statement("webhooks.sql", "page"), before, limit, owner)]

    async def one(self, ident: str, owner: str | None) -> Row | None:
        """One of an owner's, or of anybody's."""
        row = await self._pool.fetchrow(statement("webhooks.sql", "one"), ident, owner)
        return dict(row) if row else None

    async def change(self, ident: str, wish: Wish, *, place: int) -> None:
        """As `wish` says from now on. Told that it is not paused, one that was given up begins anew, behind `place`."""
        values = (ident, wish.url, list(wish.subjects), wish.note, wish.paused, place)
        await self._pool.execute(statement("webhooks.sql", "change"), *values)
        await self._tell()

    async def rotate(self, ident: str) -> str:
        """Another secret. For a day the old one signs as well."""
        secret = new_secret()
        await self._pool.execute(statement("webhooks.sql", "rotate"), ident, self._vault.seal(secret))
        return secret

    async def remove(self, ident: str) -> None:
        """Forget it, and what waits for it."""
        await self._pool.execute(statement("webhooks.sql", "remove"), ident)

    async def deliveries(self, ident: str, before: int | None, limit: int, *, dead: bool) -> list[Row]:
        """What waits, or was given up (`dead`: that alone), newest first."""
        rows = await self._pool.fetch(statement("webhooks.sql", "deliveries"), ident, before, limit, dead)
        return [dict(row) for row in rows]

    async def send_again(self, ident: str, sequence: int | None) -> int:
        """What was given up is tried anew: one event, or all. How many that are."""
        count: int = await self._pool.fetchval(statement("webhooks.sql", "send_again"), ident, sequence)
        await self._tell()
        return count

    async def totals(self, name: str) -> list[Row]:
        """`webhook_totals`, `delivery_totals` or `attempt_totals`, of the webhooks that there are."""
        return [dict(row) for row in await self._pool.fetch(statement("webhooks.sql", name))]

    async def sweep(self) -> None:
        """Forget what was given up, or cannot be sent, for longer than it is kept."""
        await delete_all(self._pool, statement("webhooks.sql", "sweep"), self._keep)

    async def _tell(self) -> None:
        await self._pool.execute(statement("webhooks.sql", "tell"))
