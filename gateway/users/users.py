"""The users: read by id, and asked what they may do; made, changed and deleted."""

from __future__ import annotations

import re
from typing import Any

import asyncpg

from contracts.permissions import Permission, Role
from gateway.users.errors import ForeignError, TakenError
from gateway.users.principal import User
from gateway.users.secret import new_id
from gateway.users.statements import statement
from runtime.database import Connection, Pool
from runtime.errors import Reject

__all__ = ["Users", "checked_name"]

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])")
_RESERVED = frozenset({"operator", "admin", "root", "me", "nobody", "clipwire"})


def checked_name(name: str) -> str:
    """A name as it is kept. Raises `Reject`."""
    kept = name.strip().lower()
    if not _NAME.fullmatch(kept):
        raise Reject(
            "name: 2 to 40 of a-z, 0-9, dot, dash and underscore, a letter or digit at both ends", field="name"
        )
    if kept in _RESERVED:
        raise TakenError(f"the name {kept!r} is taken", advice="Choose another one", field="name")
    return kept


class Users:
    """The users of this Clipwire. Every method may raise one of `runtime.database.DatabaseErrors`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def get(self, user_id: str) -> User | None:
        """The user, as they are now; none, if there is none of this id (any more)."""
        return await self._one("user", user_id)

    async def named(self, name: str) -> User | None:
        """The user of this name."""
        return await self._one("user_named", name.strip().lower())

    async def may(self, user_id: str, permission: Permission) -> bool:
        """Whether the user is there, is not disabled, and has the permission by their role."""
        user = await self.get(user_id)
        return user is not None and permission in user.permissions

    async def all(self) -> list[User]:
        """Everybody, the first one first."""
        return [User(**row) for row in await self._pool.fetch(statement("users.sql", "all_users"))]

    async def password(self, name: str) -> tuple[str, str | None] | None:
        """Id and password hash of one who may log in by this name."""
        row = await self._pool.fetchrow(statement("users.sql", "password"), name)
        return (row["id"], row["password"]) if row else None

    async def add(
        self, name: str, role: Role, password: str | None = None, *, connection: Connection | None = None
    ) -> User:
        """A new user, with the hash of their password; without one it is a service. Raises `TakenError`."""
        values = (new_id("u"), checked_name(name), role, password, password is None)
        row = await (connection or self._pool).fetchrow(statement("users.sql", "add_user"), *values)
        if row is None:
            raise _taken(values[1])
        return User(**row)

    async def set_password(self, user_id: str, password: str, *, instead_of: str | None = None) -> None:
        """Keep another hash; with `instead_of` only where that one is kept still."""
        await self._pool.execute(statement("users.sql", "set_password"), user_id, password, instead_of)

    async def rename(self, user_id: str, name: str) -> User:
        """Another name. Raises `TakenError`, and `ForeignError` for one who is not there."""
        kept = checked_name(name)
        try:
            return _there(await self._one("rename", user_id, kept), user_id)
        except asyncpg.UniqueViolationError:
            raise _taken(kept) from None

    async def change(self, user_id: str, *, role: Role | None = None, disabled: bool | None = None) -> User:
        """Another role, disabled, or enabled again. Raises `ForeignError` for one who is not there."""
        return _there(await self._one("change_user", user_id, role, disabled), user_id)

    async def delete(self, user_id: str) -> None:
        """With sessions and tokens."""
        await self._pool.execute(statement("users.sql", "delete_user"), user_id)

    async def _one(self, name: str, *values: Any) -> User | None:
        row = await self._pool.fetchrow(statement("users.sql", name), *values)
        return User(**row) if row else None


def _taken(name: str) -> TakenError:
    return TakenError(f"the name {name!r} is taken", advice="Choose another one", field="name")


def _there(user: User | None, user_id: str) -> User:
    if user is None:
        raise ForeignError(f"there is no user {user_id!r}", advice="See GET /api/v1/users")
    return user
