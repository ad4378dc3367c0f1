"""What is written in one transaction: cards, links, and how far everything is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.telegram.cards import Card
from gateway.telegram.rows import Kept, Link, kept_from, link_from, sql
from runtime.database import Connection

__all__ = ["Page"]

Change = Callable[[Card | None], Card | None]
"""What becomes of a card: from what it was (None: nothing was said yet) to what it is (None: nothing is to be said)."""


class Page:
    """What is written in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def card(self, link: Link, thing: str) -> Kept | None:
        """What is said of a thing in a chat."""
        row = await self.connection.fetchrow(sql("card_for_update"), link.bot_id, link.chat_id, thing)
        return kept_from(row) if row else None

    async def card_numbered(self, link: Link, card_id: int) -> Kept | None:
        """One card of a chat."""
        row = await self.connection.fetchrow(sql("card"), link.bot_id, link.chat_id, card_id)
        return kept_from(row) if row else None

    async def card_of_message(self, link: Link, message_id: int) -> Kept | None:
        """The card that a message of a chat shows."""
        row = await self.connection.fetchrow(sql("card_of_message"), link.bot_id, link.chat_id, message_id)
        return kept_from(row) if row else None

    async def put(self, link: Link, thing: str, card: Card, sequence: int = 0) -> Kept:
        """What is to be said of a thing in a chat."""
        facts = _kept(card.model_dump_json(exclude_defaults=True)) | {"kind": card.kind}
        row = await self.connection.fetchrow(sql("put_card"), link.bot_id, link.chat_id, thing, facts, sequence)
        return kept_from(row)

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
        await self.connection.execute(sql("say_again"), card_id)

    async def order(self, event_id: str, subject: str, body: dict[str, Any], owner: str | None) -> None:
        """A command, to be put on the stream once this is written. `owner`: whose, None is the operator's."""
        await self.connection.execute(sql("put_order"), event_id, subject, _kept(json.dumps(body)), owner)

    async def finish_update(self, bot_id: int, update_id: int) -> None:
        """An update is worked off."""
        await self.connection.execute(sql("finish_update"), bot_id, update_id)

    async def move_position(self, sequence: int, created: datetime) -> None:
        """The stream was heard up to there."""
        await self.connection.execute(sql("move_position"), sequence, created)

    async def forget_sequences(self) -> None:
        """The stream is another one: nothing of it is old news."""
        await self.connection.execute(sql("forget_sequences"))

    async def confirm_code(self, digest: bytes, bot_id: int, chat_id: int, now: datetime) -> dict[str, Any] | None:
        """The code is used up; whose it was, if it was good."""
        row = await self.connection.fetchrow(sql("confirm_code"), digest, bot_id, chat_id, now)
        return dict(row) if row else None

    async def put_link(self, link: tuple[int, int], user_id: str | None, name: str, person: str, language: str) -> Link:
        """The chat is heard from now on. What was said in it to another user is forgotten."""
        there = await self.connection.fetchrow(sql("link"), *link)
        if there is not None and there["user_id"] != user_id:
            await self.connection.execute(sql("unlink"), *link)
        return link_from(await self.connection.fetchrow(sql("put_link"), *link, user_id, name, person, language))

    async def unlink(self, link: Link) -> None:
        """The chat is heard no more."""
        await self.connection.execute(sql("unlink"), link.bot_id, link.chat_id)

    async def language(self, link: Link, language: str) -> None:
        """Another language."""
        await self.connection.execute(sql("link_language"), link.bot_id, link.chat_id, language)

    async def timezone(self, link: Link, zone: str) -> None:
        """Another time zone."""
        await self.connection.execute(sql("link_timezone"), link.bot_id, link.chat_id, zone)


def _kept(told: str) -> dict[str, Any]:
    """As PostgreSQL can keep it: it has no U+0000."""
    kept: dict[str, Any] = json.loads(told.replace("\\u0000", "\\ufffd"))
    return kept
