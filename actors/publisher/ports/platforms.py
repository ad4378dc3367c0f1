"""A place to publish to, and what it is given to do so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from actors.publisher.core.limits import Limits
from actors.publisher.ports.accounts import Grant, Owner, Session, Tokens
from actors.publisher.ports.posts import Post, Posted
from actors.publisher.ports.requests import Api, Call
from contracts.publishing import Account, Metrics

__all__ = ["Locates", "Moves", "Platform", "Sessions", "Steps"]

T = TypeVar("T")


class Steps(Protocol):
    """How far a publication got, in its claim. What is written down survives any crash."""

    def get(self, name: str) -> Any:
        """A JSON value that was kept; none if nothing was."""
        ...

    async def keep(self, **values: Any) -> None:
        """Write JSON values down before going on. Raises `ClaimLost`: stop at once."""
        ...

    async def drop(self, *names: str) -> None:
        """Forget values and outcomes: a session that has expired."""
        ...

    async def once(self, name: str, make: Callable[[], Awaitable[T]], *, ask: Callable[[], Awaitable[T | None]]) -> T:
        """The outcome (a JSON value) of what must not be done twice; done now, unless it is known from before.

        `make` raises `LostError` where it cannot say whether it was done, and any other error only if it certainly was
        not. After an unknown outcome, also that of a process that died, `ask` is called first: the outcome if the
        platform shows one, none if it certainly shows none. Only then, and after the quarantine, `make` is called
        again. `ask` raises `UnconfirmedError` where the platform cannot tell.
        """
        ...


@runtime_checkable
class Locates(Protocol):
    """A platform whose addresses have another word for a post than its API."""

    async def located(self, session: Session, word: str) -> str | None:
        """The id of the account's post that has this word in its address; none if none of those that it shows has it.
        Raises as `Platform.find`."""
        ...


@runtime_checkable
class Moves(Protocol):
    """A platform that can be told another time for a post that it keeps until its time comes."""

    async def move(self, session: Session, platform_id: str, at: datetime) -> None:
        """Have it seen at `at`; at once, if that is past. The same again changes nothing. Raises `Reject`, having
        changed nothing, where it is seen already or is not there."""
        ...


class Platform(Protocol):
    """A place to publish to: one file in `adapters/platforms/`, one line in its table.

    Every method may raise `Retry`.
    """

    name: ClassVar[str]
    """As in account ids: `youtube`."""
    limits: Limits
    """What it takes, checked before the first byte."""
    grant: Grant | None
    """None: any name is an account, and nobody has to connect it."""

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """The accounts that new tokens open. Raises `Reject` if there is none that can be published to."""
        ...

    async def check(self, session: Session, post: Post) -> None:
        """What only the platform knows before the first byte: room, today's quota, what this account may. Raises
        `Reject` for what it will never take."""
        ...

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """Send it, going on where `steps` says it got to. Raises `Reject` only where it is certain that nothing was
        published, `UnconfirmedError` through `Steps.once`."""
        ...

    async def find(self, session: Session, post: Post) -> Posted | None:
        """Search the account for the post, by its marker; none if it is certainly not there. Raises
        `UnconfirmedError` where the platform cannot be searched."""
        ...

    async def delete(self, session: Session, platform_id: str) -> None:
        """Take a post down. Raises `Reject` where the platform does not allow it."""
        ...

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """What the platform counts, by platform id; of posts that it does not show nothing."""
        ...

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """The requests of `publish`, in order, made by the same functions. What only answers tell stands as
        `{upload_url}` in them."""
        ...


class Sessions(Protocol):
    """Opens accounts."""

    async def open(self, platform: Platform, account_id: str, report: Callable[[float], Awaitable[None]]) -> Session:
        """A session on an account; on platforms without a grant any name is one. `report`: see `Session.progress`.
        Raises `Reject` for one that has to be connected (again)."""
        ...

    async def known(self, platform: Platform, account_id: str) -> Account | None:
        """What is known of an account, without opening it; none where nobody has connected it, or has to."""
        ...
