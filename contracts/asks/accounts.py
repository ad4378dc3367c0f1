"""What the publisher is asked about platforms, and about the accounts that are connected there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.asks.question import Ask, Nothing, Refusal, Typed
from contracts.base import AccountId, Contract, Name, Timestamp
from contracts.publishing import Account
from contracts.style import Label

__all__ = [
    "ACCOUNTS",
    "CALLBACK",
    "CONNECT",
    "CONNECTION",
    "PLATFORMS",
    "REMOVE",
    "ROTATE_KEY",
    "Accounts",
    "AskedField",
    "Callback",
    "Connect",
    "Connection",
    "ConnectionId",
    "PlatformInfo",
    "Platforms",
    "Remove",
    "Removed",
    "Rotated",
    "WhichConnection",
]

ConnectionId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


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
    """Connect accounts of a platform. `redirect_uri`: where the platform sends the person back to. `browser`: goes with
    the state, behind a dot, and comes back with it: by that the door knows the browser that began."""

    platform: Name
    given: dict[str, Typed] = Field(default={}, max_length=20, description="what was asked, by name")
    redirect_uri: Annotated[str, StringConstraints(pattern=r"^https?://", max_length=1000)]
    owner: Name = "operator"
    browser: Annotated[str | None, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")] = None


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
