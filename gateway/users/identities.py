"""Everything about users that a door needs, and the way from a token to who sent it."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from gateway.users.audit import Audit, Tell
from gateway.users.entrance import Entrance
from gateway.users.guesses import Guesses
from gateway.users.invitations import Invitations
from gateway.users.keys import Claims, Clock, SigningKeys, now
from gateway.users.passwords import Passwords
from gateway.users.principal import OPERATOR, Principal
from gateway.users.secret import digest
from gateway.users.sessions import Sessions
from gateway.users.settings import UserSettings
from gateway.users.tokens import ApiTokens
from gateway.users.users import Users
from runtime.database import Pool

__all__ = ["Identities", "open_identities"]

_REMEMBERED_S = 2.0
_MOST = 10_000
_LOOK_S = 20.0


@dataclass(frozen=True)
class Identities:
    """See the module's docstring. `operator`: SHA-256 of the token of this machine's operator; `look_s`: seconds after
    which what stays open looks whether it still may.
    """

    operator: bytes
    settings: UserSettings
    users: Users
    sessions: Sessions
    tokens: ApiTokens
    invitations: Invitations
    guesses: Guesses
    audit: Audit
    keys: SigningKeys
    entrance: Entrance
    look_s: float = _LOOK_S
    _seen: dict[bytes, tuple[float, Principal]] = field(default_factory=dict, repr=False)

    async def principal(self, offered: str) -> Principal | None:
        """Who has this token; none, if nobody has (any more).

        Who was found is remembered for two seconds: so long may what another process has ended still be good.
        """
        kept = digest(offered)
        if secrets.compare_digest(kept, self.operator):
            return OPERATOR
        until, principal = self._seen.get(kept, (0.0, None))
        if principal is not None and time.monotonic() < until:
            return principal
        principal = await self._looked_up(offered)
        if principal is not None:
            if len(self._seen) >= _MOST:
                self._seen.clear()
            self._seen[kept] = time.monotonic() + _REMEMBERED_S, principal
        return principal

    async def until_over(self, by: Principal) -> None:
        """Wait until who was let in would not be any more: their login or token has ended, or their role is another."""
        while by.user is not None:
            await asyncio.sleep(self.look_s)
            if by.via == "session":
                user = await self.sessions.user(Claims(by.user.id, by.key or ""))
            else:
                user = await self.tokens.user(by.key or "")
            if user is None or user.role != by.user.role:
                return

    def forget(self) -> None:
        """Something has ended: look everybody up anew."""
        self._seen.clear()

    async def sweep(self) -> None:
        """Delete what has run out: sessions, codes, counted guesses, and the audit as its setting says."""
        await self.sessions.sweep()
        await self.invitations.sweep(timedelta(days=90))
        await self.guesses.sweep()
        await self.audit.sweep(self.settings.audit_days)

    async def _looked_up(self, offered: str) -> Principal | None:
        if offered.startswith("cwt_"):
            return await self.tokens.principal(offered)
        claims = self.keys.read(offered) if offered.count(".") == 2 else None
        user = await self.sessions.user(claims) if claims else None
        return Principal(user, "session", key=claims.session_id) if user and claims else None


def open_identities(
    pool: Pool,
    settings: UserSettings,
    *,
    home: Path,
    operator_token: str,
    passwords: Passwords | None = None,
    clock: Clock = now,
    tell: Tell | None = None,
) -> Identities:
    """Over a database with the schema `users`. `home`: where the keys are that sign access tokens; `tell`: where
    entries of the audit are told.
    """
    users, audit = Users(pool), Audit(pool, tell)
    keys = SigningKeys(
        home, rotate_after=timedelta(days=settings.signing_key_days), access_for=settings.access_for, clock=clock
    )
    sessions = Sessions(pool, keys, audit, refresh_for=settings.refresh_for, clock=clock)
    invitations = Invitations(pool, good_for=timedelta(days=settings.invitation_days), clock=clock)
    guesses = Guesses(pool, clock=clock)
    entrance = Entrance(
        pool,
        settings,
        users=users,
        passwords=passwords or Passwords(),
        sessions=sessions,
        invitations=invitations,
        guesses=guesses,
        audit=audit,
    )
    return Identities(
        operator=digest(operator_token),
        settings=settings,
        users=users,
        sessions=sessions,
        tokens=ApiTokens(pool, clock=clock),
        invitations=invitations,
        guesses=guesses,
        audit=audit,
        keys=keys,
        entrance=entrance,
    )
