"""Claims of publications: how far each got, written down before and after every step that cannot be undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Set
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from actors.publisher.ports import LostError, UnconfirmedError
from runtime.claims import Claim, Claims
from runtime.errors import Reject, Retry

__all__ = [
    "BEGUN",
    "DONE",
    "HANDED",
    "MOVING",
    "REFUSED",
    "SAID",
    "SENDING",
    "UNSURE",
    "WAITING",
    "ClaimedSteps",
    "Clock",
    "key_of",
    "now",
]

T = TypeVar("T")
Clock = Callable[[], datetime]

# Steps of the claim `publish/<publication_id>`. A new claim (`taken`) has sent nothing yet, like one that was refused:
# whoever goes on has to advance it to SENDING first, and only one can.
WAITING = "waiting"
"""Its time comes later; a timer brings the request back."""
SENDING = "sending"
"""It is under way: `steps` says how far, `begun` what may have been done without an answer."""
UNSURE = "unsure"
"""Whether it is there cannot be found out; a person was asked, and their first answer counts."""
REFUSED = "refused"
"""The platform has said no, so nothing is there; a new request may try again."""
DONE = "done"
"""It is published; `publication` in the claim's data says where."""
SAID = "said"
"""And `publish.done` is on the stream: nothing is left to do, for ever."""
MOVING = "moving"
"""It is out, and the platform is told another time for it, which `to` in the claim's data says; `timed` when that was
ordered, and `stood` what is put back if the platform says no."""
HANDED = "handed over"
"""The renderer was asked for another shape or length, which is published in its place."""
BEGUN = frozenset({SENDING, UNSURE, DONE, SAID, MOVING})
"""Something was sent, for whoever `whose` in the claim's data names (none: the operator; absent: it was begun
before that was written down)."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def key_of(publication_id: str) -> str:
    """The claim's key."""
    return f"publish/{publication_id}"


class ClaimedSteps:
    """See `Steps`. Every change is a compare-and-set: of two workers one gets `ClaimLost`, comes back and finds what
    the other did.

    `quarantine`: seconds after an unknown outcome during which a post may be there and not visible yet. `patience`:
    seconds after which a platform that gives no answer about it is left to a person.
    """

    def __init__(self, claims: Claims, claim: Claim, *, clock: Clock, quarantine: float, patience: float) -> None:
        self._claims = claims
        self.claim = claim
        self._clock = clock
        self._quarantine = timedelta(seconds=quarantine)
        self._patience = timedelta(seconds=patience)

    def get(self, name: str) -> Any:
        """See `Steps.get`."""
        return self._steps.get(name)

    async def keep(self, **values: Any) -> None:
        """See `Steps.keep`."""
        if any(self._steps.get(name) != value for name, value in values.items()):
            await self._write({**self._steps, **values}, self.begun)

    async def drop(self, *names: str) -> None:
        """See `Steps.drop`."""
        kept = {name: value for name, value in self._steps.items() if name not in names}
        if kept != self._steps:
            await self._write(kept, self.begun, self.made - set(names))

    async def once(self, name: str, make: Callable[[], Awaitable[T]], *, ask: Callable[[], Awaitable[T | None]]) -> T:
        """See `Steps.once`."""
        if name in self._steps:
            return cast(T, self._steps[name])
        if name in self.begun and (found := await self._asked(name, ask)) is not None:
            return await self._made(name, found)
        await self._write(self._steps, {**self.begun, name: self._clock().isoformat()})
        try:
            outcome = await make()
        except LostError as error:
            raise Retry(
                f"the platform may have carried out {name!r}: {error}",
                after=5.0,
                advice="It is asked what became of it; nothing is to be done",
            ) from error
        except (Reject, Retry):
            await self._write(self._steps, self._without(name))
            raise  # it certainly was not done; after anything else that may be raised nobody knows
        return await self._made(name, outcome)

    async def _asked(self, name: str, ask: Callable[[], Awaitable[T | None]]) -> T | None:
        begun = datetime.fromisoformat(self.begun[name])
        waited = max(timedelta(0), self._clock() - begun)
        try:
            found = await ask()
        except Retry as error:
            if waited < self._patience:
                raise
            hours = waited.total_seconds() / 3600
            raise UnconfirmedError(
                f"the platform has given no answer for {hours:.1f} h about what it was sent: {error.what}",
                advice="Look at the account, then say whether it is there",
            ) from error
        except Reject as error:  # as of an account whose access was taken away meanwhile: it may be there all the same
            raise UnconfirmedError(
                f"what became of {name!r} cannot be found out: {error.what}",
                advice=f"{error.advice or 'Look at the account'}; then publish it again, or say whether it is there",
            ) from error
        if found is None and waited < self._quarantine:
            raise Retry(
                f"what became of {name!r} is not known yet, and it is not visible",
                after=(self._quarantine - waited).total_seconds(),
                advice="It is asked for again by itself; nothing is to be done",
            )
        return found

    async def _made(self, name: str, outcome: T) -> T:
        await self._write({**self._steps, name: outcome}, self._without(name), self.made | {name})
        return outcome

    async def _write(self, steps: Mapping[str, Any], begun: Mapping[str, str], made: Set[str] | None = None) -> None:
        known = self.made if made is None else made
        self.claim = await self._claims.advance(
            self.claim, SENDING, steps=dict(steps), begun=dict(begun), made=sorted(known)
        )

    @property
    def made(self) -> frozenset[str]:
        """What was made with `once` and holds still."""
        return frozenset(self.claim.data.get("made", ()))

    @property
    def _steps(self) -> dict[str, Any]:
        steps: dict[str, Any] = self.claim.data.get("steps", {})
        return steps

    @property
    def begun(self) -> dict[str, str]:
        """What was begun and has no outcome yet: when, by its name."""
        begun: dict[str, str] = self.claim.data.get("begun", {})
        return begun

    def _without(self, name: str) -> dict[str, str]:
        return {other: since for other, since in self.begun.items() if other != name}
