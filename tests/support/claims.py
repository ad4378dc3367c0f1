"""Claims in memory, as they behave on the server, for tests of one handler without a bus."""

from __future__ import annotations

from typing import Any

from runtime.claims import Claim, ClaimLost

__all__ = ["MemoryClaims"]


class MemoryClaims:
    """See `runtime.claims.Claims`. One revision counter for all keys, as in a bucket."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}
        self._revisions: dict[str, int] = {}
        self._last = 0

    async def take(self, key: str, owner: str) -> Claim:
        """See `Claims.take`."""
        there = await self.get(key)
        return there if there is not None else self._write(Claim(key=key, owner=owner))

    async def advance(self, claim: Claim, step: str, *, owner: str | None = None, **data: Any) -> Claim:
        """See `Claims.advance`."""
        following = claim.model_copy(
            update={"step": step, "owner": owner or claim.owner, "data": {**claim.data, **data}}
        )
        if self._revisions.get(claim.key) != claim.revision:
            if self._kept.get(claim.key) == following.model_dump_json():
                return following.model_copy(update={"revision": self._revisions[claim.key]})
            raise ClaimLost(f"the claim {claim.key} was changed by another worker", after=1.0)
        return self._write(following)

    async def get(self, key: str) -> Claim | None:
        """See `Claims.get`."""
        if key not in self._kept:
            return None
        return Claim.model_validate_json(self._kept[key]).model_copy(update={"revision": self._revisions[key]})

    def _write(self, claim: Claim) -> Claim:
        self._last += 1
        # Kept as JSON, as on the server: what does not survive the way there and back shows up in a test.
        self._kept[claim.key] = claim.model_dump_json()
        self._revisions[claim.key] = self._last
        return claim.model_copy(update={"revision": self._last})
