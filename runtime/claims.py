"""Claims: who is doing what must not be done twice. In the key-value bucket `claims`, changed by compare-and-set."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from runtime.errors import Retry

__all__ = ["Claim", "ClaimLost", "Claims"]


class ClaimLost(Retry):
    """Another worker has changed the claim meanwhile. The message comes back and finds what that one did."""


class Claim(BaseModel):
    """One claim, as last read. `step` and `data` say how far its owner got."""

    model_config = ConfigDict(frozen=True)

    key: str
    owner: str
    step: str = "taken"
    data: dict[str, Any] = {}
    revision: Annotated[int, Field(exclude=True)] = 0


class Claims(Protocol):
    """Port of the claims. Keys are made of letters, digits and `-/_=.`; colons become slashes."""

    async def take(self, key: str, owner: str) -> Claim:
        """The claim under `key`: a new one of `owner`, or the one that is there, whoever owns it."""
        ...

    async def advance(self, claim: Claim, step: str, *, owner: str | None = None, **data: Any) -> Claim:
        """Write down a step (with `owner`: take the claim over). Raises `ClaimLost` if it was changed meanwhile."""
        ...

    async def get(self, key: str) -> Claim | None:
        """The claim under `key`, if there is one."""
        ...
