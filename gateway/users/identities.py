"""From what a request offers to who sent it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256

from gateway.users.principal import OPERATOR, Principal
from gateway.users.users import Users
from runtime.database import Pool

__all__ = ["Identities", "open_identities"]


@dataclass(frozen=True)
class Identities:
    """Everything about users that a door needs. `operator`: SHA-256 of the token of this machine's operator."""

    operator: bytes
    users: Users

    async def principal(self, offered: str) -> Principal | None:
        """Who has this token; none, if nobody has (any more)."""
        if secrets.compare_digest(sha256(offered.encode()).digest(), self.operator):
            return OPERATOR
        return None


def open_identities(pool: Pool, *, operator_token: str) -> Identities:
    """Over a database with the schema `users`."""
    return Identities(operator=sha256(operator_token.encode()).digest(), users=Users(pool))
