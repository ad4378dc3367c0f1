"""What doors ask an actor and are answered at once: requests and replies on core NATS, never kept on the stream.

Only what is no event is asked like this: what concerns secrets, and what nobody has to hear of but who asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, PlainSerializer, SecretStr, StringConstraints

from contracts.base import AccountId, Contract, Name, PublicationId, RenderId, Timestamp
from contracts.events import PublishRequested
from contracts.publishing import Account, Metrics
from contracts.style import Label
from contracts.work import Publication

__all__ = [
    "ACCOUNTS",
    "CALLBACK",
    "CONNECT",
    "CONNECTION",
    "DELETE",
    "METRICS",
    "PLAN",
    "PLANNED",
    "PLATFORMS",
    "PUBLISHED",
    "REMOVE",
    "ROTATE_KEY",
    "Accounts",
    "Ask",
    "AskedField",
    "CallView",
    "Callback",
    "Connect",
    "Connection",
    "ConnectionId",
    "Counted",
    "Deleted",
    "Nothing",
    "Plan",
    "Planned",
    "PlatformInfo",
    "Platforms",
    "Published",
    "Refusal",
    "Remove",
    "Removed",
    "Reply",
    "Rotated",
    "RuleCheck",
    "TELEGRAM_BRING",
    "TELEGRAM_CODE",
    "TELEGRAM_REMOVE",
    "TELEGRAM_SHOWN",
    "TELEGRAM_UNLINK",
    "BringBot",
    "LinkCode",
    "TelegramBot",
    "TelegramChat",
    "TelegramView",
    "WhichBot",
    "WhichChat",
    "WhichUser",
    "Waiting",
    "WhichConnection",
    "WhichMetrics",
    "WhichPlanned",
    "WhichPost",
    "WhichPublications",
]

Q = TypeVar("Q", bound=Contract)
A = TypeVar("A", bound=Contract)
Typed = Annotated[
    SecretStr,
    Field(max_length=4000),
    PlainSerializer(SecretStr.get_secret_value, return_type=str, when_used="json"),
]
"""What a person typed in or brought back: secret or not, it is printed nowhere, and travels to who answers."""
ConnectionId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class Ask(Generic[Q, A]):
    """A question to one actor. `subject`: `ask.<actor>.<what>`."""

    actor: str
    what: str
    asks: type[Q]
    answers: type[A]

    @property
    def subject(self) -> str:
        """Where it is sent."""
        return f"ask.{self.actor}.{self.what}"


class Refusal(Contract):
    """Why there is no answer: for a person, as every error."""

    kind: Literal["rejected", "unavailable"]
    what: str
    advice: str = ""
    field: str | None = None
    after: float | None = Field(default=None, description="seconds after which it may work, if known")


class Reply(Contract, Generic[A]):
    """What travels back: an answer, or a refusal."""

    answer: A | None = None
    refusal: Refusal | None = None


class Nothing(Contract):
    """No more than the question itself."""


# -- Posts of the publisher -------------------------------------------------------------------------------------------


class RuleCheck(Contract):
    """One rule of a platform, and how a post stands to it."""

    name: str
    kept: bool
    found: str
    allowed: str
    fix: str = ""


class CallView(Contract):
    """One request that would be sent. Secrets, and what only the platform's answers tell, stand as `{…}` in it."""

    method: str
    url: str
    headers: dict[str, str] = Field(default={})
    body: str = Field(default="", description="text as it would be sent; files by name and size")


class Plan(Contract):
    """What a publication would do: nothing is sent, claimed or placed."""

    publication_id: PublicationId
    account_id: AccountId
    state: str = Field(description="how far it is: `new`, `waiting`, `sending`, `published`, …")
    when: str = Field(description="when it would go out, for a person")
    barred: str | None = Field(default=None, description="why it may not be published, and what to do; absent: it may")
    anew: RenderId | None = Field(
        default=None, description="the render that would be ordered, since this one does not suit"
    )
    title: str
    description: str
    tags: tuple[str, ...] = ()
    file: str = Field(description="the video that would be sent, with its shape, length and size")
    rules: tuple[RuleCheck, ...] = ()
    source: str = Field(description="where the rules are told")
    calls: tuple[CallView, ...] = ()


PLAN = Ask("publisher", "plan", PublishRequested, Plan)


class WhichMetrics(Contract):
    """Posts of one account, by the platform's own ids."""

    account_id: AccountId
    platform_ids: Annotated[tuple[Name, ...], Field(max_length=50)]


class Counted(Contract):
    """What the platform counts, by platform id; posts that it does not show are left out."""

    metrics: dict[str, Metrics]


METRICS = Ask("publisher", "metrics", WhichMetrics, Counted)


class WhichPlanned(Contract):
    """What waits on these accounts."""

    account_ids: Annotated[tuple[AccountId, ...], Field(max_length=1000)]


class Waiting(Contract):
    """A publication that is to be seen at a time; `wanted`: when a person wanted it to be."""

    publication_id: PublicationId
    account_id: AccountId
    at: Timestamp
    wanted: Timestamp | None = None


class Planned(Contract):
    """Everything that waits, the next first; at most 2,000, `left_off` says how many more there are."""

    waiting: tuple[Waiting, ...]
    left_off: int = 0


PLANNED = Ask("publisher", "planned", WhichPlanned, Planned)


class WhichPublications(Contract):
    """Publications, each one render on one account."""

    publication_ids: Annotated[tuple[PublicationId, ...], Field(max_length=1000)]


class Published(Contract):
    """Those of them that are out."""

    publications: tuple[Publication, ...]


PUBLISHED = Ask("publisher", "published", WhichPublications, Published)


class WhichPost(Contract):
    """A post, by the platform's own id."""

    account_id: AccountId
    platform_id: Name


class Deleted(Contract):
    """The platform has taken it down."""

    account_id: AccountId
    platform_id: Name


DELETE = Ask("publisher", "delete", WhichPost, Deleted)


# -- Accounts of the publisher ----------------------------------------------------------------------------------------


class AskedField(Contract):
    """Something that a person types in to connect an account."""

    name: str
    label: str
    secret: bool = False
    default: str | None = None


class PlatformInfo(Contract):
    """How accounts of a platform are connected."""

    name: Label
    connect: Literal["login", "none"] = Field(
        description="`login`: accounts have to be connected; `none`: any name is an account"
    )
    asks: tuple[AskedField, ...] = Field(default=(), description="what a person types in first")
    ready: bool = Field(description="whether its app is set up, so that accounts can be connected")
    missing: str | None = Field(default=None, description="what is to be set, if it is not ready")


class Platforms(Contract):
    """Every platform."""

    platforms: tuple[PlatformInfo, ...]


class Connect(Contract):
    """Connect accounts of a platform. `redirect_uri`: where the platform sends the person back to."""

    platform: Name
    given: dict[str, Typed] = Field(default={}, max_length=20, description="what was asked, by name")
    redirect_uri: Annotated[str, StringConstraints(pattern=r"^https?://", max_length=1000)]
    owner: Name = "operator"


class Callback(Contract):
    """What the platform sent back with the person: the whole query, `state` and `code` among it."""

    platform: Name
    query: dict[str, Typed] = Field(max_length=50)


class WhichConnection(Contract):
    """How far a connection is that `Connect` began."""

    connection: ConnectionId


class Connection(Contract):
    """`open`: a person has to go to `url`, until `expires_at`. `done`: these accounts are connected. `failed`: not."""

    state: Literal["open", "done", "failed"]
    connection: ConnectionId
    platform: Name
    url: str | None = None
    expires_at: Timestamp
    accounts: tuple[Account, ...] = ()
    refusal: Refusal | None = None


class Accounts(Contract):
    """Connected accounts."""

    accounts: tuple[Account, ...]


class Remove(Contract):
    """Forget an account and its tokens."""

    account_id: AccountId


class Removed(Contract):
    """It is forgotten. `revoked`: the platform was told, and takes its tokens no more."""

    account_id: AccountId
    revoked: bool
    note: str


class Rotated(Contract):
    """Every account is encrypted with the newest key. `note`: what is to be done now."""

    accounts: int
    note: str


PLATFORMS = Ask("publisher", "platforms", Nothing, Platforms)
CONNECT = Ask("publisher", "connect", Connect, Connection)
CONNECTION = Ask("publisher", "connection", WhichConnection, Connection)
CALLBACK = Ask("publisher", "callback", Callback, Connection)
ACCOUNTS = Ask("publisher", "accounts", Nothing, Accounts)
REMOVE = Ask("publisher", "remove", Remove, Removed)
ROTATE_KEY = Ask("publisher", "rotate_key", Nothing, Rotated)


# -- Chats and bots of Telegram ---------------------------------------------------------------------------------------


class WhichUser(Contract):
    """A user, by id; none is the operator."""

    user_id: Name | None = None


class LinkCode(Contract):
    """What links a chat: `code` is good once, until `expires_at`; each of `links` opens a bot with it."""

    code: str
    links: tuple[str, ...]
    expires_at: Timestamp


class TelegramChat(Contract):
    """A linked chat. `active`: not blocked by the person; `person`: as Telegram shows them."""

    bot_id: int
    bot: str
    chat_id: int
    person: str
    active: bool
    linked_at: Timestamp


class TelegramBot(Contract):
    """A bot of a user. `revoked`: Telegram takes its token no more; `conflict`: something else asks for its updates."""

    bot_id: int
    username: str
    state: Literal["active", "conflict", "revoked"]
    reason: str | None = None


class TelegramView(Contract):
    """Linked chats and bots of a user."""

    chats: tuple[TelegramChat, ...]
    bots: tuple[TelegramBot, ...]


class WhichChat(WhichUser):
    """One linked chat of a user."""

    bot_id: int
    chat_id: int


class WhichBot(WhichUser):
    """One bot of a user."""

    bot_id: int


class BringBot(WhichUser):
    """A bot of the user's own, by the token that @BotFather gave."""

    token: Typed


TELEGRAM_CODE = Ask("telegram", "code", WhichUser, LinkCode)
TELEGRAM_SHOWN = Ask("telegram", "shown", WhichUser, TelegramView)
TELEGRAM_UNLINK = Ask("telegram", "unlink", WhichChat, Nothing)
TELEGRAM_BRING = Ask("telegram", "bring", BringBot, TelegramBot)
TELEGRAM_REMOVE = Ask("telegram", "remove", WhichBot, Nothing)
