"""The users: read by id, and asked what they may do."""

from __future__ import annotations

from typing import Any

from contracts.permissions import Permission
from gateway.users.principal import User
from gateway.users.statements import statement
from runtime.database import Pool

__all__ = ["Users"]


class Users:
    """The users of this Clipwire. Every method may raise one of `runtime.database.DatabaseErrors`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def get(self, user_id: str) -> User | None:
        """The user, as they are now; none, if there is none of this id (any more)."""
        return await self._one("user", user_id)

    async def may(self, user_id: str, permission: Permission) -> bool:
        """Whether the user is there, is not disabled, and has the permission by their role."""
        user = await self.get(user_id)
        return user is not None and permission in user.permissions

    async def _one(self, name: str, *values: Any) -> User | None:
        row = await self._pool.fetchrow(statement("users.sql", name), *values)
        return User(**row) if row else None
