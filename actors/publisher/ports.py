"""What the publisher needs of the outside: platforms, the people's accounts on them, and a way to send requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from actors.publisher.core.limits import Limits
from contracts.envelope import Event
from contracts.events import PublishRequested
from contracts.publishing import Account, Disclosure, Metrics
from contracts.renders import Render
from contracts.work import Channel
from runtime.errors import Unavailable

__all__ = [
    "Answer",
    "Api",
    "Asked",
    "Calendar",
    "Call",
    "Consent",
    "Film",
    "Grant",
    "LostError",
    "NeedsApp",
    "NotSentError",
    "Owner",
    "Part",
    "Piece",
    "Place",
    "Planned",
    "Platform",
    "Post",
    "Posted",
    "RevokedError",
    "Revokes",
    "Session",
    "Sessions",
    "Steps",
    "Timers",
    "Tokens",
    "UnconfirmedError",
    "Vault",
    "secrets_of",
]

T = TypeVar("T")


class UnconfirmedError(Exception):
    """The platform cannot tell whether the post is there; a person has to look. `advice` says where."""

    def __init__(self, reason: str, *, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class RevokedError(Exception):
    """The platform takes the tokens no more; the account has to be connected again. `reason` for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotSentError(Unavailable):
    """The request has not reached the platform, so nothing came of it."""


class LostError(Exception):
    """The request may have been carried out, and its answer is not known (no answer, half of one, a 5xx)."""


# -- What is posted ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Film:
    """A video file on this machine, in one shape. Sides in pixels, duration in seconds."""

    path: Path
    bytes: int
    sha256: str
    content_type: str
    width: int
    height: int
    duration: float
    fps: float


@dataclass(frozen=True)
class Post:
    """A render as it is to appear on one account. `publication_id` is the marker to leave on the platform.

    `title`, `description` and `tags` (hashtags without `#`) are cut to the platform's limits already, and the
    description has its hashtags and its credit in it. `publish_at`: when the platform itself is to show it, for
    platforms that schedule; else it is due now. `language`: BCP 47.
    """

    publication_id: str
    account_id: str
    account: str
    render: Render
    film: Film
    cover: Path
    captions: Path | None
    title: str
    description: str
    tags: tuple[str, ...] = ()
    language: str | None = None
    disclosure: Disclosure = field(default_factory=Disclosure)
    publish_at: datetime | None = None


@dataclass(frozen=True)
class Posted:
    """How the platform knows it. The same answer every time it is asked.

    `notes`: what a person should know although it is out, such as a thumbnail that was not taken.
    """

    platform_id: str
    url: str
    published_at: datetime
    notes: tuple[str, ...] = ()


# -- Requests ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """Bytes of a file, from `start` on; they are streamed, never held in memory as a whole."""

    path: Path
    start: int
    size: int


@dataclass(frozen=True)
class Part:
    """One field of a `multipart/form-data` body."""

    name: str
    value: str | bytes | Piece
    filename: str | None = None
    content_type: str | None = None


@dataclass(frozen=True)
class Call:
    """One HTTP request, as it is sent and as a dry run shows it.

    At most one of `json`, `form`, `parts`, `body` is given. `authorize`: add the account's token as
    `Authorization: Bearer`; what a platform wants otherwise it puts into `headers` itself.
    `answer_s`: seconds without a byte after which the answer counts as lost, where a platform is slow to give it.
    """

    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    parts: Sequence[Part] = ()
    body: bytes | Piece | None = None
    authorize: bool = True
    answer_s: float | None = None


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole. Names of `headers` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The JSON object in it; empty where there is none."""
        import json

        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


class Api(Protocol):
    """Sends requests without an account. Redirects are not followed."""

    async def send(self, call: Call) -> Answer:
        """The answer, whatever its status. Raises `NotSentError` or `LostError`."""
        ...

    async def ask(self, call: Call) -> Answer:
        """For what may be repeated: an answer that is neither a 5xx nor a 429. Raises `Retry` and `Unavailable`."""
        ...

    async def make(self, call: Call) -> Answer:
        """For what creates something: as `ask`, but an outcome that is not known raises `LostError`."""
        ...


# -- Accounts ---------------------------------------------------------------------------------------------------------


class Tokens(BaseModel):
    """What opens an account. Kept encrypted, never printed. `more`: further secrets, by names of the platform."""

    model_config = ConfigDict(frozen=True)

    access: str = Field(repr=False)
    refresh: str | None = Field(default=None, repr=False)
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    more: dict[str, str] = Field(default={}, repr=False)


def secrets_of(tokens: Tokens) -> tuple[str, ...]:
    """Every secret in them."""
    return (tokens.access, tokens.refresh or "", *tokens.more.values())


class Session(Api, Protocol):
    """An account in use. Requests carry its token; one that is refused with 401 is sent again with a fresh one.

    A token that cannot be renewed raises `Reject`, after the account was set aside and that was said.
    """

    @property
    def account(self) -> Account:
        """What is known of the account; `account.details` holds what the platform's `owners` told."""
        ...

    @property
    def tokens(self) -> Tokens:
        """The tokens that are used now; for platforms that do not take them as a bearer."""
        ...

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait, as a platform that works on something asks."""
        ...

    async def renew(self) -> None:
        """Take fresh tokens: the platform has refused these otherwise than with 401. Raises `Reject` where there are
        none to be had."""
        ...

    async def progress(self, done: float) -> None:
        """Say how much of the video is sent, as a share from 0 to 1."""
        ...


class Sessions(Protocol):
    """Opens accounts."""

    async def open(self, platform: Platform, account_id: str, report: Callable[[float], Awaitable[None]]) -> Session:
        """A session on an account; on platforms without a grant any name is one. `report`: see `Session.progress`.
        Raises `Reject` for one that has to be connected (again)."""
        ...


@dataclass(frozen=True)
class Asked:
    """Something that a person types in to connect an account."""

    name: str
    label: str
    secret: bool = False
    default: str | None = None


@dataclass(frozen=True)
class Consent:
    """The platform's page that a person is sent to, and what has to be known again when they come back."""

    url: str
    keep: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Owner:
    """One account that tokens open. `name`: its part of the account id, letters, digits and `._~-`."""

    name: str
    title: str
    tokens: Tokens = field(repr=False)
    details: Mapping[str, str] = field(default_factory=dict)


class Grant(Protocol):
    """How an account is connected and kept open."""

    @property
    def asks(self) -> Sequence[Asked]:
        """What a person types in first; empty where the consent page is enough."""
        ...

    async def consent(
        self, api: Api, given: Mapping[str, str], *, state: str, verifier: str, redirect_uri: str
    ) -> Consent | None:
        """The consent page; none where what was `given` is enough. `verifier`: of PKCE (RFC 7636). Raises `Reject`."""
        ...

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        """Tokens for what was given: the callback's query (`code`), `Consent.keep` and what was asked. Raises
        `Reject`."""
        ...

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        """Fresh tokens. Raises `RevokedError` where the platform says no, `Unavailable` where it says nothing."""
        ...


@runtime_checkable
class NeedsApp(Protocol):
    """A grant that has to be set up before anybody can connect with it."""

    @property
    def missing(self) -> str | None:
        """What is to be set, for a person; none: all is there."""
        ...


@runtime_checkable
class Revokes(Protocol):
    """A grant that can give tokens back."""

    async def revoke(self, api: Api, tokens: Tokens) -> None:
        """Make them worthless. Raises `Reject` where the platform did not."""
        ...


class Vault(Protocol):
    """Accounts and their tokens."""

    async def account(self, account_id: str) -> Account | None:
        """What is known of an account; none if nobody connected it."""
        ...

    async def tokens(self, account_id: str) -> Tokens:
        """Tokens that are good for some minutes. Raises `Reject` for an account that has to be connected (again)."""
        ...

    async def renewed(self, account_id: str, stale: Tokens) -> Tokens:
        """Others than `stale`, which the platform refused. Raises `Reject` as `tokens` does."""
        ...


# -- Time -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """When a publication is to be seen. `ready`: it is to be sent now, since it is due or the platform itself keeps the
    time; else it comes back by a timer. `note`: why it is not when it was wanted, for a person."""

    at: datetime
    ready: bool
    note: str | None = None


@dataclass(frozen=True)
class Planned:
    """A publication that is to be seen later. `wanted`: when a person wanted it to be."""

    publication_id: str
    account_id: str
    at: datetime
    wanted: datetime | None = None


class Calendar(Protocol):
    """Which post goes out when: slots, gaps, quotas and quiet hours of every account, over all processes."""

    async def place(self, request: PublishRequested, channel: Channel, limits: Limits, account: Account) -> Place:
        """The place of the publication; it keeps it, whoever asks again. What was named in the request is kept to, but
        for the platform's quotas. Raises `Reject` for what came due while nothing ran, where the channel skips that."""
        ...

    async def release(self, request: PublishRequested) -> None:
        """Give the place back: nothing is posted."""
        ...

    async def planned(self, account_id: str) -> list[Planned]:
        """What waits for its time on an account, the next first."""
        ...


class Timers(Protocol):
    """Requests that come back when they are due, also after restarts."""

    async def at(self, when: datetime, request: PublishRequested, cause: Event[Any]) -> None:
        """Put the request on the stream at that time, in place of an earlier timer of the same publication. `cause`:
        the event that it came with."""
        ...

    async def cancel(self, publication_id: str) -> None:
        """Forget the timer of a publication, if there is one."""
        ...


# -- Platforms --------------------------------------------------------------------------------------------------------


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
