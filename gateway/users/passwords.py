"""Passwords: Argon2id with the parameters of RFC 9106, section 4, second recommended option (64 MiB, 3 passes)."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from runtime.errors import Reject

__all__ = ["LEAST", "LONGEST", "Passwords"]

LEAST, LONGEST = 12, 256
_AT_A_TIME = 2
_NOBODY = "the password of nobody"


class Passwords:
    """Hashes and checks in threads, two at a time: each takes 64 MiB and a third of a second of a core.

    `hasher`: other parameters than the library's own, which are those of the RFC.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(_AT_A_TIME)
        self._nobodys: str | None = None

    async def hash(self, password: str, *, name: str) -> str:
        """What is kept of it. Raises `Reject` for one that is too short, too long or too plain."""
        if not LEAST <= len(password) <= LONGEST:
            raise Reject(f"password: {LEAST} to {LONGEST} characters", field="password")
        plain = password.casefold()
        if len(set(plain)) < 5 or name in plain:
            raise Reject(
                "password: it is too easy to guess", advice="Take several words, without your name", field="password"
            )
        return await self._in_turn(password)

    async def check(self, kept: str | None, password: str) -> bool:
        """Whether it is the password. For nobody's it takes as long, so that time does not tell who is there."""
        if kept is None and self._nobodys is None:
            self._nobodys = await self._in_turn(_NOBODY)
        async with self._places:
            right = await asyncio.to_thread(self._right, kept or self._nobodys or "", password)
        return right and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    async def again(self, password: str) -> str:
        """A new hash of a password that is right."""
        return await self._in_turn(password)

    async def _in_turn(self, password: str) -> str:
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, password)

    def _right(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
