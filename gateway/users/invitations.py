"""Invitations: codes that make one new user each, and codes for a new password of one who has lost theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.permissions import Role
from gateway.users.keys import Clock, now
from gateway.users.principal import Principal, User
from gateway.users.secret import digest, new_id, new_secret
from gateway.users.statements import statement
from runtime.database import Connection, Pool, delete_all

__all__ = ["Invitation", "Invitations"]

_RESET_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Invitation:
    """A code without the code. `resets`: id of the user whose password it replaces; none: it makes a user."""

    id: str
    role: Role
    note: str
    resets: str | None
    made_by: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_by: str | None


class Invitations:
    """The codes. Every method may raise `DatabaseErrors`."""

    def __init__(self, pool: Pool, *, good_for: timedelta, clock: Clock = now) -> None:
        self._pool = pool
        self._good_for = good_for
        self._clock = clock

    async def invite(self, role: Role, note: str, *, by: Principal) -> tuple[Invitation, str]:
        """A new one, and its code, which is kept nowhere."""
        return await self._make(role, note, None, by, self._good_for)

    async def reset(self, user: User, *, by: Principal) -> tuple[Invitation, str]:
        """A code for a new password, good for a day."""
        return await self._make(user.role, "", user.id, by, _RESET_FOR)

    async def all(self) -> list[Invitation]:
        """The newest first."""
        return [Invitation(**row) for row in await self._pool.fetch(statement("invitations.sql", "invitations"))]

    async def is_good(self, code: str, *, resets: bool) -> bool:
        """Whether it can be used now: an invitation or, with `resets`, a code for a new password."""
        good: bool = await self._pool.fetchval(
            statement("invitations.sql", "is_good"), digest(code), self._clock(), resets
        )
        return good

    async def use(self, connection: Connection, code: str, user_name: str) -> Role | None:
        """The role that it gives; none, if it is not good (any more). It is used when the transaction ends well."""
        role: Role | None = await connection.fetchval(
            statement("invitations.sql", "use_invitation"), digest(code), user_name, self._clock()
        )
        return role

    async def use_reset(self, code: str) -> str | None:
        """The user whose password it replaces; none, if it is not good (any more)."""
        user_id: str | None = await self._pool.fetchval(
            statement("invitations.sql", "use_reset"), digest(code), self._clock()
        )
        return user_id

    async def end(self, ident: str) -> bool:
        """Take back one that nobody has used; whether it was there."""
        return await self._pool.fetchval(statement("invitations.sql", "end_invitation"), ident) is not None

    async def sweep(self, older: timedelta) -> None:
        """Delete those that ended so long ago."""
        await delete_all(self._pool, statement("invitations.sql", "sweep_invitations"), self._clock() - older)

    async def _make(
        self, role: Role, note: str, resets: str | None, by: Principal, good_for: timedelta
    ) -> tuple[Invitation, str]:
        code = new_secret("cwi")
        values = (new_id("i"), digest(code), role, note, resets, by.owner or by.name, self._clock() + good_for)
        (row,) = await self._pool.fetch(statement("invitations.sql", "add_invitation"), *values)
        return Invitation(**row), code
