"""Logins: a short access token, and a refresh token that is good once. One that comes twice ends its whole login.

Rotation and reuse detection as in RFC 9700, section 4.14.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.users.audit import Audit, Came
from gateway.users.errors import RefusedError
from gateway.users.keys import Claims, Clock, SigningKeys, now
from gateway.users.principal import Principal, User
from gateway.users.secret import digest, new_id, new_secret
from gateway.users.statements import statement
from runtime.database import Connection, Pool, delete_all

__all__ = ["Pair", "Session", "Sessions"]

_AGENT = 200


@dataclass(frozen=True)
class Pair:
    """What a login is proved with. `expires_in`: seconds for which the access token is good."""

    access_token: str
    refresh_token: str
    expires_in: float


@dataclass(frozen=True)
class Session:
    """One login, as its user sees it."""

    id: str
    made_at: datetime
    used_at: datetime
    address: str
    agent: str


class Sessions:
    """The logins. Every method may raise `DatabaseErrors`."""

    def __init__(
        self, pool: Pool, keys: SigningKeys, audit: Audit, *, refresh_for: timedelta, clock: Clock = now
    ) -> None:
        self._pool = pool
        self._keys = keys
        self._audit = audit
        self._refresh_for = refresh_for
        self._clock = clock

    async def begin(self, user: User, password: str, came: Came) -> Pair | None:
        """A new login with a password, of which this is the hash; none, if it has another one meanwhile."""
        ident = new_id("s")
        values = (ident, user.id, came.address, came.agent[:_AGENT], password)
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(statement("sessions.sql", "add_session"), *values) is None:
                return None
            return await self._pair(connection, user.id, ident)

    async def refresh(self, token: str, came: Came) -> tuple[User, Pair]:
        """The next pair. Raises `RefusedError`; for a token that was used before the login is over."""
        kept = digest(token)
        async with self._pool.acquire() as connection, connection.transaction():
            session: str | None = await connection.fetchval(
                statement("sessions.sql", "use_refresh"), kept, self._clock()
            )
            row = session and await connection.fetchrow(statement("sessions.sql", "session_user"), session)
            if row:
                user = User(**row)
                await connection.execute(
                    statement("sessions.sql", "used_session"), session, came.address, came.agent[:_AGENT]
                )
                return user, await self._pair(connection, user.id, str(session))
        await self._look_for_reuse(kept, came)
        raise RefusedError("the refresh token is not good (any more)", advice="Log in again")

    async def user(self, claims: Claims) -> User | None:
        """Who is behind an access token; none, if its login is over."""
        row = await self._pool.fetchrow(statement("sessions.sql", "session_user"), claims.session_id)
        return User(**row) if row and row["id"] == claims.user_id else None

    async def of(self, user_id: str) -> list[Session]:
        """A user's logins, the last used first."""
        return [Session(**row) for row in await self._pool.fetch(statement("sessions.sql", "sessions"), user_id)]

    async def end(self, session_id: str, user_id: str) -> bool:
        """End one login; whether it was there."""
        return await self._pool.fetchval(statement("sessions.sql", "end_session"), session_id, user_id) is not None

    async def end_all(self, user_id: str, *, but: str | None = None) -> None:
        """End every login of a user."""
        await self._pool.execute(statement("sessions.sql", "end_sessions"), user_id, but)

    async def session_of(self, token: str) -> tuple[str, str] | None:
        """Session and user that a refresh token belongs to, used or not."""
        row = await self._pool.fetchrow(statement("sessions.sql", "refresh_token"), digest(token))
        return (row["session_id"], row["user_id"]) if row else None

    async def sweep(self) -> None:
        """Delete what nobody can refresh any more."""
        for name in ("sweep_sessions", "sweep_refresh"):
            await delete_all(self._pool, statement("sessions.sql", name), self._clock())

    async def _look_for_reuse(self, kept: bytes, came: Came) -> None:
        row = await self._pool.fetchrow(statement("sessions.sql", "refresh_token"), kept)
        if row and row["used"]:
            await self.end(row["session_id"], row["user_id"])
            user = await self._pool.fetchrow(statement("users.sql", "user"), row["user_id"])
            by = Principal(User(**user), "session", key=row["session_id"]) if user else None
            await self._audit.write("session.reused", by, came, about=row["session_id"])

    async def _pair(self, connection: Connection, user_id: str, session_id: str) -> Pair:
        refresh = new_secret("cwr")
        expires = self._clock() + self._refresh_for
        await connection.execute(statement("sessions.sql", "add_refresh"), digest(refresh), session_id, expires)
        access = self._keys.sign(Claims(user_id, session_id))
        return Pair(access, refresh, self._keys.access_for.total_seconds())
