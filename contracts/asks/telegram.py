"""What the bot's door is asked about linked chats and about bots."""

from __future__ import annotations

from typing import Literal

from contracts.asks.question import Ask, Nothing, Typed
from contracts.base import Contract, Name, Timestamp

__all__ = [
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
]


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
    """A bot of a user. `revoked`: Telegram takes its token no more; `conflict`: something else asks for its updates;
    `locked`: its token does not open with the key that is set, so it does not run."""

    bot_id: int
    username: str
    state: Literal["active", "conflict", "locked", "revoked"]
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
