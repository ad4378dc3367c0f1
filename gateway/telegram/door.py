"""One update of Telegram: who it is from, what it means, the commands that it leads to, and what is said to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid5
from zoneinfo import ZoneInfo

import structlog
from aiogram import exceptions as telegram
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update

from contracts.base import Payload
from contracts.ids import NAMESPACE
from contracts.subjects import BY_NAME
from gateway.telegram.cards import Ask, Card, Line, Note, Order
from gateway.telegram.content import Press
from gateway.telegram.fleet import Running
from gateway.telegram.masking import masked
from gateway.telegram.orders import Answer, Orders
from gateway.telegram.outcome import Outcome, Who
from gateway.telegram.page import Page
from gateway.telegram.people import People, Person
from gateway.telegram.presses import press, reply
from gateway.telegram.rows import Kept, Link
from gateway.telegram.settings import TelegramSettings
from gateway.telegram.store import Store
from gateway.telegram.strangers import Strangers
from gateway.telegram.words import Words, words_in
from gateway.users.ownership import Ownership
from runtime.bus import Bus, new_command
from runtime.envelope import parse_payload
from runtime.errors import Reject

__all__ = ["Door"]

log = structlog.get_logger(__name__)


P = TypeVar("P", bound=Payload)


@dataclass
class _Popup:
    """What appears over the chat once the update is worked off."""

    key: str = ""
    alert: bool = False
    why: str = ""

    def text(self, words: Words) -> str | None:
        """At most the 200 letters that Telegram shows."""
        return words.plain(self.key, why=self.why)[:200] if self.key else None


@dataclass
class Door:
    """Takes updates. `clock`: now."""

    settings: TelegramSettings
    store: Store
    people: People
    bus: Bus
    orders: Orders
    strangers: Strangers
    ownership: Ownership
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def take(self, running: Running, update: Update) -> None:
        """Work an update off; one that comes again does nothing again. Raises `Unavailable` while the bus is away."""
        bot_id = running.bot.id
        if await self.store.update_done(bot_id, update.update_id):
            return
        if update.message is not None:
            await self.store.raise_highest(bot_id, update.message.message_id)
            await self._message(running, update.update_id, update.message)
        elif update.callback_query is not None:
            if update.callback_query.message is not None:  # ours, and maybe one whose sending was cut off
                await self.store.raise_highest(bot_id, update.callback_query.message.message_id)
            await self._pressed(running, update.update_id, update.callback_query)
        elif update.my_chat_member is not None:
            await self._member(running, update.my_chat_member)

    async def _member(self, running: Running, member: ChatMemberUpdated) -> None:
        """The person has blocked the bot, or wants to hear of it again."""
        active = member.new_chat_member.status in {"member", "creator", "administrator"}
        await self.store.link_active(running.bot.id, member.chat.id, active=active)

    async def _message(self, running: Running, update_id: int, message: Message) -> None:
        if message.chat.type != "private" or message.from_user is None or message.from_user.is_bot:
            return
        link = await self.store.link(running.bot.id, message.chat.id)
        if link is None:
            async with self.store.transaction() as page:  # before, because a stranger can ask again
                await page.finish_update(running.bot.id, update_id)
            await self.strangers.greet(running, message, self.clock())
            return
        if not link.active:
            await self.store.link_active(link.bot_id, link.chat_id, active=True)
        person = await self.people.person(link.user_id)
        async with self.store.transaction() as page:
            if person is None:
                await self._note(
                    page, link, update_id, Note(lines=(Line(key="link.gone", values={"name": link.name}),))
                )
            elif (kept := await self._replied(page, link, message)) is not None:
                outcome = reply(kept.card, message.text or "", self._who(person, link, kept.card))
                popup = await self._settle(page, link, person, update_id, kept, outcome)
                if popup.key not in {"say.done", ""}:
                    line = Line(key=popup.key, values={"why": popup.why})
                    await self._note(page, link, update_id, Note(lines=(line,)))
            else:
                answer = await self.orders.answer(running, page, link, person, message)
                await self._answer(page, link, person, update_id, answer)
            await page.finish_update(link.bot_id, update_id)

    async def _replied(self, page: Page, link: Link, message: Message) -> Kept | None:
        """The card that the message replies to, if it is none of our notes and the reply is words of its own."""
        to = message.reply_to_message
        if to is None or not message.text or message.text.startswith("/"):
            return None
        kept = await page.card_of_message(link, to.message_id)
        return None if kept is None or isinstance(kept.card, Note | Ask) else kept

    async def _pressed(self, running: Running, update_id: int, query: CallbackQuery) -> None:
        link = await self.store.link(running.bot.id, query.from_user.id)
        if link is None:
            await self.strangers.pressed(running, query, self.clock())
            return
        popup = _Popup("say.gone")
        person = await self.people.person(link.user_id)
        async with self.store.transaction() as page:
            try:
                pressed = Press.unpack(query.data or "")
            except (TypeError, ValueError):
                pressed = None
            kept = await page.card_numbered(link, pressed.card) if pressed is not None and person else None
            if pressed is not None and kept is not None and person is not None:
                outcome = press(kept.card, pressed.verb, pressed.choice, self._who(person, link, kept.card))
                popup = await self._settle(page, link, person, update_id, kept, outcome)
            await page.finish_update(link.bot_id, update_id)
        try:
            await query.answer(popup.text(words_in(link.language)), show_alert=popup.alert)
        except telegram.TelegramAPIError as error:  # too late for it, which changes nothing
            log.info("telegram.no_popup", why=masked(error))

    async def _settle(
        self, page: Page, link: Link, person: Person, update_id: int, kept: Kept, outcome: Outcome
    ) -> _Popup:
        """Send the commands, then keep how the card is. What the contracts refuse is said, and nothing is changed."""
        if not all(person.may_send(order.subject) for order in outcome.orders):
            return _Popup("say.viewer", alert=True)
        owner = kept.card.owner
        try:
            await self._send(link, update_id, outcome.orders, owner)
        except Reject as error:
            return _Popup("say.refused", alert=True, why=error.what)
        if outcome.card is not None:
            await page.put(link, kept.thing, outcome.card)
        return _Popup(outcome.say)

    async def _answer(self, page: Page, link: Link, person: Person, update_id: int, answer: Answer) -> None:
        if not all(person.may_send(order.subject) for order in answer.orders):
            await self._note(page, link, update_id, Note(lines=(Line(key="say.viewer"),)))
            return
        try:
            await self._send(link, update_id, answer.orders, person.user_id)
        except Reject as error:
            await self._note(page, link, update_id, Note(lines=(Line(key="say.refused", values={"why": error.what}),)))
            return
        for thing, card in answer.cards:
            kept = await page.put(
                link, thing or f"update:{update_id}", card.model_copy(update={"owner": person.user_id})
            )
            if kept.message_id is not None:  # asked for again: the answer belongs at the end of the chat
                await page.say_again(kept.card_id)

    async def _note(self, page: Page, link: Link, update_id: int, card: Card) -> None:
        await page.put(link, f"update:{update_id}", card)

    async def _send(self, link: Link, update_id: int, orders: tuple[Order, ...], owner: str | None) -> None:
        """Put commands on the stream, under ids that follow from the update: it may come again. Raises `Reject`."""
        for place, order in enumerate(orders):
            subject = BY_NAME[order.subject]
            data = await self._in_their_channel(parse_payload(subject, order.body), owner)
            ident = str(uuid5(NAMESPACE, f"telegram|{link.bot_id}|{update_id}|{order.subject}|{place}"))
            await self.bus.publish(
                new_command(
                    subject,
                    data,
                    source="telegram",
                    id=ident,
                    owner=owner if order.owner is None else order.owner or None,
                )
            )

    async def _in_their_channel(self, data: P, owner: str | None) -> P:
        """The channel `default` of a user is their own; that of the operator has the operator's accounts."""
        user = await self.people.user(owner) if owner and getattr(data, "channel_id", None) == "default" else None
        if user is None or user.role == "admin":
            return data
        channel = await self.ownership.channel("default", user)
        return data.model_copy(update={"channel_id": channel.channel_id})

    def _who(self, person: Person, link: Link, card: Card) -> Who:
        zone = link.timezone or getattr(card, "zone", "") or self.settings.telegram_timezone
        return Who(person.name, self.clock(), ZoneInfo(zone))
