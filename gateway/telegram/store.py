"""What the bot remembers: bots, linked chats, what is to be said in each and what was, updates that are done."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.telegram.cards import Card, card_from
from gateway.telegram.database import SQL
from runtime.database import Connection, Pool

__all__ = ["BotRow", "Due", "Kept", "Link", "Said", "Store"]

Change = Callable[[Card | None], Card | None]
"""What becomes of a card: from what it was (None: nothing was said yet) to what it is (None: nothing is to be said)."""


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


def _sql(name: str) -> str:
    return SQL.statement("telegram.sql", name)


def _link(row: Any) -> Link:
    return Link(**{name: row[name] for name in Link.__dataclass_fields__})


def _kept(row: Any) -> Kept:
    return Kept(
        row["card_id"], row["thing"], card_from(row["facts"]), row["revision"], row["message_id"], row["sequence"]
    )


class Store:
    """Every method may raise one of `runtime.database.DatabaseErrors`."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Page]:
        """All of what is written in the block, or nothing."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield Page(connection)

    # -- bots

    async def bots(self) -> list[BotRow]:
        """Every bot."""
        return [BotRow(**row) for row in await self.pool.fetch(_sql("bots"))]

    async def bot(self, bot_id: int) -> BotRow | None:
        """One bot."""
        row = await self.pool.fetchrow(_sql("bot"), bot_id)
        return BotRow(**row) if row else None

    async def bot_of_hook(self, hook: str) -> BotRow | None:
        """The bot behind the path of a webhook."""
        row = await self.pool.fetchrow(_sql("bot_of_hook"), hook)
        return BotRow(**row) if row else None

    async def put_bot(
        self, bot_id: int, owner: str | None, username: str, title: str, token: bytes | None, hook: str, secret: str
    ) -> BotRow:
        """Add a bot, or give it a new token."""
        row: Any = await self.pool.fetchrow(_sql("put_bot"), bot_id, owner, username, title, token, hook, secret)
        return BotRow(**row)

    async def seal_bot(self, bot_id: int, token: bytes) -> None:
        """Keep its token under another key."""
        await self.pool.execute(_sql("seal_bot"), bot_id, token)

    async def bot_state(self, bot_id: int, state: str, reason: str | None = None) -> BotRow | None:
        """Write down whether it works; the bot, where that is news."""
        row = await self.pool.fetchrow(_sql("bot_state"), bot_id, state, reason)
        return BotRow(**row) if row else None

    async def remove_bot(self, bot_id: int) -> None:
        """Forget a bot with all that was said by it."""
        await self.pool.execute(_sql("remove_bot"), bot_id)

    async def raise_highest(self, bot_id: int, message_id: int) -> None:
        """A message id of the bot was seen."""
        await self.pool.execute(_sql("raise_highest"), bot_id, message_id)

    # -- links

    async def link(self, bot_id: int, chat_id: int) -> Link | None:
        """The chat, if it is heard."""
        row = await self.pool.fetchrow(_sql("link"), bot_id, chat_id)
        return _link(row) if row else None

    async def links(self, user_id: str | None) -> list[dict[str, Any]]:
        """Chats of a user, with the name of their bot."""
        return [dict(row) for row in await self.pool.fetch(_sql("links"), False, user_id)]

    async def audience(self, owner: str | None) -> list[Link]:
        """The chats of an owner."""
        return [_link(row) for row in await self.pool.fetch(_sql("audience"), owner)]

    async def everybody(self) -> list[Link]:
        """Every chat that is heard."""
        return [_link(row) for row in await self.pool.fetch(_sql("everybody"))]

    async def unlink(self, bot_id: int, chat_id: int) -> bool:
        """The chat is heard no more; whether it was."""
        return await self.pool.fetchrow(_sql("unlink"), bot_id, chat_id) is not None

    async def link_active(self, bot_id: int, chat_id: int, *, active: bool) -> bool:
        """Whether the person lets the bot speak; true where that is news."""
        return await self.pool.fetchrow(_sql("link_active"), bot_id, chat_id, active) is not None

    # -- codes

    async def put_code(self, digest: bytes, user_id: str | None, name: str, now: datetime, until: datetime) -> None:
        """A code is good until then."""
        await self.pool.execute(_sql("forget_codes"), now)
        await self.pool.execute(_sql("put_code"), digest, user_id, name, until)

    async def take_code(self, digest: bytes, bot_id: int, chat_id: int, now: datetime) -> dict[str, Any] | None:
        """A chat brings a code: whose it is, if it is good."""
        row = await self.pool.fetchrow(_sql("take_code"), digest, bot_id, chat_id, now)
        return dict(row) if row else None

    # -- updates

    async def update_done(self, bot_id: int, update_id: int) -> bool:
        """Whether an update was worked off before."""
        return bool(await self.pool.fetchval(_sql("update_done"), bot_id, update_id))

    async def forget_updates(self) -> None:
        """Those that Telegram does not send again."""
        await self.pool.execute(_sql("forget_updates"))

    # -- what is said

    async def due(self, bot_id: int, busy: Collection[int] = ()) -> list[Due]:
        """What is to be said by a bot, one card of each chat that is not `busy`."""
        rows = await self.pool.fetch(_sql("due"), bot_id, list(busy))
        return [
            Due(
                **{name: row[name] for name in Due.__dataclass_fields__ if name != "card"}, card=card_from(row["facts"])
            )
            for row in rows
        ]

    async def begin_saying(self, card_id: int) -> int:
        """It is about to be sent; the message id behind which its own one lies."""
        beginning: int = await self.pool.fetchval(_sql("begin_saying"), card_id)
        return beginning

    async def not_said(self, card_id: int) -> None:
        """It was certainly not sent."""
        await self.pool.execute(_sql("not_said"), card_id)

    async def said(self, due: Due, said: Said) -> None:
        """It is seen."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(_sql("said"), due.card_id, said.message_id, said.revision, said.digest, said.form)
            await connection.execute(_sql("raise_highest"), due.bot_id, said.message_id)

    async def lost_message(self, card_id: int) -> None:
        """Its message was deleted."""
        await self.pool.execute(_sql("lost_message"), card_id)

    async def broken(self, card_id: int, why: str) -> None:
        """Telegram refuses it for good."""
        await self.pool.execute(_sql("broken"), card_id, why)

    async def taken_messages(self, bot_id: int, behind: int) -> set[int]:
        """Message ids that are known to show something else."""
        return {row["message_id"] for row in await self.pool.fetch(_sql("taken_messages"), bot_id, behind)}

    async def file(self, bot_id: int, sha256: str) -> str | None:
        """Telegram's own id of a file that it has."""
        found: str | None = await self.pool.fetchval(_sql("file"), bot_id, sha256)
        return found

    async def put_file(self, bot_id: int, sha256: str, file_id: str) -> None:
        """It has it now."""
        await self.pool.execute(_sql("put_file"), bot_id, sha256, file_id)

    async def forget_file(self, bot_id: int, sha256: str) -> None:
        """It has it no more."""
        await self.pool.execute(_sql("forget_file"), bot_id, sha256)

    async def position(self) -> tuple[int, datetime] | None:
        """Up to where the stream was heard, and which stream."""
        row = await self.pool.fetchrow(_sql("position"))
        return (row["sequence"], row["stream_created"]) if row else None


class Page:
    """What is written in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def card(self, link: Link, thing: str) -> Kept | None:
        """What is said of a thing in a chat."""
        row = await self.connection.fetchrow(_sql("card_for_update"), link.bot_id, link.chat_id, thing)
        return _kept(row) if row else None

    async def card_numbered(self, link: Link, card_id: int) -> Kept | None:
        """One card of a chat."""
        row = await self.connection.fetchrow(_sql("card"), link.bot_id, link.chat_id, card_id)
        return _kept(row) if row else None

    async def card_of_message(self, link: Link, message_id: int) -> Kept | None:
        """The card that a message of a chat shows."""
        row = await self.connection.fetchrow(_sql("card_of_message"), link.bot_id, link.chat_id, message_id)
        return _kept(row) if row else None

    async def put(self, link: Link, thing: str, card: Card, sequence: int = 0) -> Kept:
        """What is to be said of a thing in a chat."""
        facts = json.loads(card.model_dump_json(exclude_defaults=True) or "{}") | {"kind": card.kind}
        row = await self.connection.fetchrow(_sql("put_card"), link.bot_id, link.chat_id, thing, facts, sequence)
        return _kept(row)

    async def change(self, link: Link, thing: str, change: Change, sequence: int = 0) -> None:
        """Change a card; what is old news for it (by the stream's sequence) changes nothing."""
        kept = await self.card(link, thing)
        if kept is not None and sequence and kept.sequence >= sequence:
            return
        card = change(kept.card if kept else None)
        if card is not None and (kept is None or card != kept.card):
            await self.put(link, thing, card, sequence)

    async def say_again(self, card_id: int) -> None:
        """Show a card as a new message."""
        await self.connection.execute(_sql("say_again"), card_id)

    async def finish_update(self, bot_id: int, update_id: int) -> None:
        """An update is worked off."""
        await self.connection.execute(_sql("finish_update"), bot_id, update_id)

    async def move_position(self, sequence: int, created: datetime) -> None:
        """The stream was heard up to there."""
        await self.connection.execute(_sql("move_position"), sequence, created)

    async def forget_sequences(self) -> None:
        """The stream is another one: nothing of it is old news."""
        await self.connection.execute(_sql("forget_sequences"))

    async def confirm_code(self, digest: bytes, bot_id: int, chat_id: int, now: datetime) -> dict[str, Any] | None:
        """The code is used up; whose it was, if it was good."""
        row = await self.connection.fetchrow(_sql("confirm_code"), digest, bot_id, chat_id, now)
        return dict(row) if row else None

    async def put_link(self, link: tuple[int, int], user_id: str | None, name: str, person: str, language: str) -> Link:
        """The chat is heard from now on. What was said in it to another user is forgotten."""
        there = await self.connection.fetchrow(_sql("link"), *link)
        if there is not None and there["user_id"] != user_id:
            await self.connection.execute(_sql("unlink"), *link)
        return _link(await self.connection.fetchrow(_sql("put_link"), *link, user_id, name, person, language))

    async def unlink(self, link: Link) -> None:
        """The chat is heard no more."""
        await self.connection.execute(_sql("unlink"), link.bot_id, link.chat_id)

    async def language(self, link: Link, language: str) -> None:
        """Another language."""
        await self.connection.execute(_sql("link_language"), link.bot_id, link.chat_id, language)

    async def timezone(self, link: Link, zone: str) -> None:
        """Another time zone."""
        await self.connection.execute(_sql("link_timezone"), link.bot_id, link.chat_id, zone)
