"""Guessing of passwords: a few are free, then each one has to wait twice as long as the one before.

Counted for each name, whether there is such a user or not, and for each address. Somebody who keeps guessing a name
locks it for everybody but for the addresses from which its user is logged in, which are counted apart.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from gateway.users.errors import SlowDownError
from gateway.users.keys import Clock, now
from gateway.users.statements import statement
from runtime.database import Pool, delete_all

__all__ = ["FREE_BY_ADDRESS", "FREE_BY_NAME", "LONGEST_S", "Guesses", "network_of"]

FREE_BY_NAME = 5
FREE_BY_ADDRESS = 30
LONGEST_S = 900.0
_KEPT = timedelta(days=2)


def network_of(address: str) -> str:
    """The address; of IPv6 the /64, since that is what one subscriber has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:100]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64)) + "/64"


class Guesses:
    """The counters. Every method may raise `DatabaseErrors`."""

    def __init__(self, pool: Pool, *, clock: Clock = now) -> None:
        self._pool = pool
        self._clock = clock

    async def count(self, name: str, address: str) -> None:
        """Count a try before it is made. Raises `SlowDownError` when it comes too soon."""
        for key, free in ((self._address(address), FREE_BY_ADDRESS), (await self._name(name, address), FREE_BY_NAME)):
            moment = self._clock()
            counted = await self._pool.fetchval(statement("guesses.sql", "count_guess"), key, moment, free, LONGEST_S)
            if counted is None:
                until = await self._pool.fetchval(statement("guesses.sql", "wait_until"), key)
                raise SlowDownError(
                    "too many wrong passwords",
                    after=max(1.0, (until - moment).total_seconds()) if until else 1.0,
                    advice="Wait as long as Retry-After says; an admin can make a new password possible",
                )

    async def right(self, name: str, address: str) -> None:
        """It was no guess."""
        await self._pool.execute(statement("guesses.sql", "forget_guesses"), await self._name(name, address))
        await self._pool.execute(statement("guesses.sql", "take_back"), self._address(address))

    async def forget(self, name: str) -> None:
        """An admin, or a new password, opens a name again."""
        await self._pool.execute(statement("guesses.sql", "forget_guesses"), f"name:{name}")

    async def sweep(self) -> None:
        """Delete what counts no more."""
        await delete_all(self._pool, statement("guesses.sql", "sweep_guesses"), self._clock() - _KEPT)

    async def _name(self, name: str, address: str) -> str:
        known = await self._pool.fetchval(statement("sessions.sql", "is_known_address"), name, address)
        return f"name:{name} from {network_of(address)}" if known else f"name:{name}"

    @staticmethod
    def _address(address: str) -> str:
        return f"address:{network_of(address)}"
