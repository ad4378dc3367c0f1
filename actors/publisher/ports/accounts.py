"""The people's accounts on platforms: how they are connected, what opens them, and one in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from actors.publisher.ports.requests import Api
from contracts.publishing import Account

__all__ = ["Asked", "Consent", "Grant", "NeedsApp", "Owner", "Revokes", "Session", "Tokens", "Vault", "secrets_of"]


_NO_SECRET = frozenset({"base_url", "board", "bot_id", "channel", "chat", "did", "handle", "page", "pds"})
"""Names in `Tokens.more` of what a person may read, and needs to where an error tells of it."""


class Tokens(BaseModel):
    """What opens an account. Kept encrypted, never printed. `more`: what else the platform needs, secret or not."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    access: str = Field(repr=False)
    refresh: str | None = Field(default=None, repr=False)
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    more: dict[str, str] = Field(default={}, repr=False)


def secrets_of(tokens: Tokens) -> tuple[str, ...]:
    """Every secret in them."""
    more = (value for name, value in tokens.more.items() if name not in _NO_SECRET)
    return (tokens.access, tokens.refresh or "", *more)


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
