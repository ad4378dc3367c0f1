"""Rows of the bot's tables as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.telegram.cards import Card, card_from
from gateway.telegram.database import SQL

__all__ = ["BotRow", "Due", "Kept", "Link", "Said", "kept_from", "link_from", "sql"]


@dataclass(frozen=True)
class BotRow:
    """One bot. `owner`: id of its user, None is the operator; `token`: sealed, absent where it is in the settings."""

    bot_id: int
    owner: str | None
    username: str
    title: str
    token: bytes | None
    state: str
    reason: str | None
    hook: str
    secret: str
    highest: int
    added_at: datetime


@dataclass(frozen=True)
class Link:
    """A chat that is heard. `user_id`: whose it is, None is the operator."""

    bot_id: int
    chat_id: int
    user_id: str | None
    name: str
    person: str
    language: str
    timezone: str | None
    active: bool
    linked_at: datetime


@dataclass(frozen=True)
class Kept:
    """A card as it is kept."""

    card_id: int
    thing: str
    card: Card
    revision: int
    message_id: int | None
    sequence: int


@dataclass(frozen=True)
class Due:
    """A card whose message is not as it should be. `beginning`: it was begun to be sent, behind this message id."""

    card_id: int
    bot_id: int
    chat_id: int
    card: Card
    revision: int
    seen: str | None
    message_id: int | None
    form: str
    beginning: int | None
    language: str
    timezone: str | None


@dataclass(frozen=True)
class Said:
    """How a card is shown now."""

    message_id: int
    revision: int
    digest: str
    form: str


def sql(name: str) -> str:
    """A statement of the bot."""
    return SQL.statement("telegram.sql", name)


def link_from(row: Any) -> Link:
    """A chat."""
    return Link(**{name: row[name] for name in Link.__dataclass_fields__})


def kept_from(row: Any) -> Kept:
    """A card."""
    return Kept(
        row["card_id"], row["thing"], card_from(row["facts"]), row["revision"], row["message_id"], row["sequence"]
    )
