"""What the bot remembers: bots, linked chats, what is to be said in each and what was, updates that are done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from gateway.telegram.cards import card_from
from gateway.telegram.page import Page
from gateway.telegram.rows import BotRow, Due, Link, Said, link_from, sql
from runtime.database import Pool

__all__ = ["Store"]


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
        return [BotRow(**row) for row in await self.pool.fetch(sql("bots"))]

    async def bot(self, bot_id: int) -> BotRow | None:
        """One bot."""
        row = await self.pool.fetchrow(sql("bot"), bot_id)
        return BotRow(**row) if row else None

    async def bot_of_hook(self, hook: str) -> BotRow | None:
        """The bot behind the path of a webhook."""
        row = await self.pool.fetchrow(sql("bot_of_hook"), hook)
        return BotRow(**row) if row else None

    async def bots_of(self, owner: str) -> int:
        """How many bots a user has brought."""
        found: int = await self.pool.fetchval(sql("bots_of"), owner)
        return found

    async def put_bot(
        self, bot_id: int, owner: str | None, username: str, title: str, token: bytes | None, hook: str, secret: str
    ) -> BotRow:
        """Add a bot, or give it a new token."""
        row: Any = await self.pool.fetchrow(sql("put_bot"), bot_id, owner, username, title, token, hook, secret)
        return BotRow(**row)

    async def seal_bot(self, bot_id: int, token: bytes) -> None:
        """Keep its token under another key."""
        await self.pool.execute(sql("seal_bot"), bot_id, token)

    async def bot_state(self, bot_id: int, state: str, reason: str | None = None) -> BotRow | None:
        """Write down whether it works; the bot, where that is news."""
        row = await self.pool.fetchrow(sql("bot_state"), bot_id, state, reason)
        return BotRow(**row) if row else None

    async def remove_bot(self, bot_id: int) -> None:
        """Forget a bot with all that was said by it."""
        await self.pool.execute(sql("remove_bot"), bot_id)

    async def raise_highest(self, bot_id: int, message_id: int) -> None:
        """A message id of the bot was seen."""
        await self.pool.execute(sql("raise_highest"), bot_id, message_id)

    # -- links

    async def link(self, bot_id: int, chat_id: int) -> Link | None:
        """The chat, if it is heard."""
        row = await self.pool.fetchrow(sql("link"), bot_id, chat_id)
        return link_from(row) if row else None

    async def links(self, user_id: str | None) -> list[dict[str, Any]]:
        """Chats of a user, with the name of their bot."""
        return [dict(row) for row in await self.pool.fetch(sql("links"), False, user_id)]

    async def audience(self, owner: str | None) -> list[Link]:
        """The chats of an owner."""
        return [link_from(row) for row in await self.pool.fetch(sql("audience"), owner)]

    async def showing(self, thing: str) -> list[Link]:
        """The chats that show a thing."""
        return [link_from(row) for row in await self.pool.fetch(sql("showing"), thing)]

    async def everybody(self) -> list[Link]:
        """Every chat that is heard."""
        return [link_from(row) for row in await self.pool.fetch(sql("everybody"))]

    async def unlink(self, bot_id: int, chat_id: int) -> bool:
        """The chat is heard no more; whether it was."""
        return await self.pool.fetchrow(sql("unlink"), bot_id, chat_id) is not None

    async def link_active(self, bot_id: int, chat_id: int, *, active: bool) -> bool:
        """Whether the person lets the bot speak; true where that is news."""
        return await self.pool.fetchrow(sql("link_active"), bot_id, chat_id, active) is not None

    # -- codes

    async def put_code(self, digest: bytes, user_id: str | None, name: str, now: datetime, until: datetime) -> None:
        """A code is good until then."""
        await self.pool.execute(sql("forget_codes"), now)
        await self.pool.execute(sql("put_code"), digest, user_id, name, until)

    async def take_code(self, digest: bytes, bot_id: int, chat_id: int, now: datetime) -> dict[str, Any] | None:
        """A chat brings a code: whose it is, if it is good."""
        row = await self.pool.fetchrow(sql("take_code"), digest, bot_id, chat_id, now)
        return dict(row) if row else None

    # -- updates

    async def update_done(self, bot_id: int, update_id: int) -> bool:
        """Whether an update was worked off before."""
        return bool(await self.pool.fetchval(sql("update_done"), bot_id, update_id))

    async def forget(self) -> None:
        """Updates that Telegram does not send again, and answers that were read long ago."""
        await self.pool.execute(sql("forget_updates"))
        await self.pool.execute(sql("forget_answers"))

    async def orders(self) -> list[dict[str, Any]]:
        """Commands that are not on the stream yet, the oldest first."""
        return [dict(row) for row in await self.pool.fetch(sql("orders"))]

    async def order_sent(self, event_id: str) -> None:
        """The stream has it."""
        await self.pool.execute(sql("order_sent"), event_id)

    # -- what is said

    async def due(self, bot_id: int, busy: Collection[int] = ()) -> list[Due]:
        """What is to be said by a bot, one card of each chat that is not `busy`."""
        found = []
        for row in await self.pool.fetch(sql("due"), bot_id, list(busy)):
            told = {name: row[name] for name in Due.__dataclass_fields__ if name != "card"}
            try:
                found.append(Due(**told, card=card_from(row["facts"])))
            except ValidationError as error:  # of a version that knew other cards
                await self.broken(row["card_id"], f"this card is not known any more ({error.error_count()} faults)")
        return found

    async def begin_saying(self, card_id: int) -> int:
        """It is about to be sent; the message id behind which its own one lies."""
        beginning: int = await self.pool.fetchval(sql("begin_saying"), card_id)
        return beginning

    async def not_said(self, card_id: int) -> None:
        """It was certainly not sent."""
        await self.pool.execute(sql("not_said"), card_id)

    async def said(self, due: Due, said: Said) -> None:
        """It is seen."""
        async with self.pool.acquire() as connection, connection.transaction():
            shown = said.message_id, said.revision, said.digest, said.form
            await connection.execute(sql("said"), due.card_id, *shown, due.message_id)
            await connection.execute(sql("raise_highest"), due.bot_id, said.message_id)

    async def lost_message(self, card_id: int) -> None:
        """Its message was deleted."""
        await self.pool.execute(sql("lost_message"), card_id)

    async def broken(self, card_id: int, why: str) -> None:
        """Telegram refuses it for good."""
        await self.pool.execute(sql("broken"), card_id, why)

    async def taken_messages(self, bot_id: int, behind: int) -> set[int]:
        """Message ids that are known to show something else."""
        return {row["message_id"] for row in await self.pool.fetch(sql("taken_messages"), bot_id, behind)}

    async def file(self, bot_id: int, sha256: str) -> str | None:
        """Telegram's own id of a file that it has."""
        found: str | None = await self.pool.fetchval(sql("file"), bot_id, sha256)
        return found

    async def put_file(self, bot_id: int, sha256: str, file_id: str) -> None:
        """It has it now."""
        await self.pool.execute(sql("put_file"), bot_id, sha256, file_id)

    async def forget_file(self, bot_id: int, sha256: str) -> None:
        """It has it no more."""
        await self.pool.execute(sql("forget_file"), bot_id, sha256)

    async def position(self) -> tuple[int, datetime] | None:
        """Up to where the stream was heard, and which stream."""
        row = await self.pool.fetchrow(sql("position"))
        return (row["sequence"], row["stream_created"]) if row else None
