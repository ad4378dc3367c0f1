"""API tokens: for programs, narrowed to scopes, good until they expire or are ended. Shown once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from contracts.permissions import Permission
from gateway.users.errors import ForbiddenError
from gateway.users.keys import Clock, now
from gateway.users.principal import Principal, User
from gateway.users.secret import digest, new_id, new_secret
from gateway.users.statements import statement
from runtime.database import Pool
from runtime.errors import Reject

__all__ = ["ApiToken", "ApiTokens"]

_MOST = 100


@dataclass(frozen=True)
class ApiToken:
    """A token as its user sees it, without the token itself."""

    id: str
    title: str
    scopes: list[Permission]
    made_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class ApiTokens:
    """The API tokens. Every method may raise `DatabaseErrors`."""

    def __init__(self, pool: Pool, *, clock: Clock = now) -> None:
        self._pool = pool
        self._clock = clock

    async def make(
        self, user: User, title: str, scopes: Collection[Permission], expires_at: datetime | None, *, by: Principal
    ) -> tuple[ApiToken, str]:
        """A new token of a user, and its text, which is kept nowhere.

        Raises `ForbiddenError` for scopes that the user, or whoever asks, does not have: no token makes a mightier one.
        """
        if missing := sorted(scope for scope in scopes if scope not in user.permissions or not by.may(scope)):
            raise ForbiddenError(
                f"scopes: {by.name} may not give {', '.join(missing)}", advice="Leave them out", field="scopes"
            )
        if expires_at is not None and expires_at <= self._clock():
            raise Reject("expires_at: that is over already", field="expires_at")
        if len(await self.of(user.id)) >= _MOST:
            raise Reject(f"{user.name} has {_MOST} tokens", advice="End those that nobody uses")
        text = new_secret("cwt")
        values = (new_id("t"), user.id, title, digest(text), sorted(set(scopes)), expires_at)
        (row,) = await self._pool.fetch(statement("sessions.sql", "add_token"), *values)
        return ApiToken(**row), text

    async def of(self, user_id: str) -> list[ApiToken]:
        """A user's tokens, the newest first."""
        return [ApiToken(**row) for row in await self._pool.fetch(statement("sessions.sql", "tokens"), user_id)]

    async def principal(self, text: str) -> Principal | None:
        """Who has this token; none, if it is none of ours, or has ended."""
        row = await self._pool.fetchrow(statement("sessions.sql", "token_user"), digest(text), self._clock())
        if row is None:
            return None
        await self._pool.execute(statement("sessions.sql", "used_token"), row["token_id"])
        about = {name: row[name] for name in ("id", "name", "role", "service", "made_at", "disabled_at")}
        return Principal(User(**about), "token", frozenset(row["scopes"]), row["token_id"])

    async def user(self, token_id: str) -> User | None:
        """Who is behind a token that was good; none, if it has ended."""
        row = await self._pool.fetchrow(statement("sessions.sql", "user_of_token"), token_id, self._clock())
        return User(**row) if row else None

    async def end(self, token_id: str, user_id: str) -> bool:
        """End one; whether it was there."""
        return await self._pool.fetchval(statement("sessions.sql", "end_token"), token_id, user_id) is not None
