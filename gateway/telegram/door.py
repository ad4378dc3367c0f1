"""One update of Telegram: who it is from, what it means, the commands that it leads to, and what is said to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid5
from zoneinfo import ZoneInfo

import structlog

from contracts.ids import NAMESPACE
from contracts.subjects import BY_NAME
from gateway.telegram.cards import Ask, Card, Line, Note, Order
from gateway.telegram.content import Press
from gateway.telegram.fleet import Running
from gateway.telegram.library import CallbackQuery, ChatMemberUpdated, Message, Update
from gateway.telegram.library import exceptions as telegram
from gateway.telegram.masking import masked
from gateway.telegram.orders import Answer, Orders
from gateway.telegram.outbox import Outbox
from gateway.telegram.outcome import Outcome, Who
from gateway.telegram.page import Page
from gateway.telegram.people import People, Person
from gateway.telegram.presses import press, reply
from gateway.telegram.rows import Kept, Link
from gateway.telegram.settings import TelegramSettings
from gateway.telegram.store import Store
from gateway.telegram.strangers import Strangers
from gateway.telegram.words import Words, words_in
from runtime.envelope import parse_payload
from runtime.errors import Reject

__all__ = ["Door"]

log = structlog.get_logger(__name__)


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
    outbox: Outbox
    orders: Orders
    strangers: Strangers
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def take(self, running: Running, update: Update) -> None:
        """Work an update off; one that comes again does nothing again. Raises `Unavailable` while the bus is away."""
        bot_id = running.bot.id
        if await self.store.update_done(bot_id, update.update_id):
            await self.outbox.send()  # the bus may have been away, or this process have ended
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
        if person is None:
            async with self.store.transaction() as page:
                gone = Note(lines=(Line(key="link.gone", values={"name": link.name}),))
                await self._note(page, link, update_id, gone)
                await page.finish_update(link.bot_id, update_id)
        elif not await self._replied(link, person, update_id, message):
            # Before the transaction: a file or a model takes long, and what looks needs connections of its own.
            answer = await self.orders.answer(running, link, person, message)
            async with self.store.transaction() as page:
                await self._answer(page, link, person, update_id, answer)
                await page.finish_update(link.bot_id, update_id)
        await self.outbox.send()

    async def _replied(self, link: Link, person: Person, update_id: int, message: Message) -> bool:
        """Take a reply to a card; whether it was one."""
        async with self.store.transaction() as page:
            kept = await self._replied_to(page, link, message)
            if kept is None:
                return False
            outcome = reply(kept.card, message.text or "", self._who(person, link, kept.card))
            popup = await self._settle(page, link, person, update_id, kept, outcome)
            if popup.key not in {"say.done", ""}:
                line = Line(key=popup.key, values={"why": popup.why})
                await self._note(page, link, update_id, Note(lines=(line,)))
            await page.finish_update(link.bot_id, update_id)
            return True

    async def _replied_to(self, page: Page, link: Link, message: Message) -> Kept | None:
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
        await self.outbox.send()
        try:
            await query.answer(popup.text(words_in(link.language)), show_alert=popup.alert)
        except telegram.TelegramAPIError as error:  # too late for it, which changes nothing
            log.info("telegram.no_popup", why=masked(error))

    async def _settle(
        self, page: Page, link: Link, person: Person, update_id: int, kept: Kept, outcome: Outcome
    ) -> _Popup:
        """Write down the commands, and how the card is. What the contracts refuse is said, and nothing is changed."""
        owner = kept.card.owner
        owners = {owner, *(_owner(order, owner) for order in outcome.orders)}
        if not all(map(person.may_touch, owners)):  # they were an admin when it was shown
            return _Popup("say.gone", alert=True)
        if not all(person.may_send(order.subject) for order in outcome.orders):
            return _Popup("say.viewer", alert=True)
        try:
            await self._order(page, link, update_id, outcome.orders, owner)
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
            await self._order(page, link, update_id, answer.orders, person.user_id)
        except Reject as error:
            await self._note(page, link, update_id, Note(lines=(Line(key="say.refused", values={"why": error.what}),)))
            return
        if answer.then is not None:
            await answer.then(page)
        for thing, card in answer.cards:
            kept = await page.put(
                link, thing or f"update:{update_id}", card.model_copy(update={"owner": person.user_id})
            )
            if kept.message_id is not None:  # asked for again: the answer belongs at the end of the chat
                await page.say_again(kept.card_id)

    async def _note(self, page: Page, link: Link, update_id: int, card: Card) -> None:
        await page.put(link, f"update:{update_id}", card)

    async def _order(
        self, page: Page, link: Link, update_id: int, orders: tuple[Order, ...], owner: str | None
    ) -> None:
        """Write commands down, under ids that follow from the update. Raises `Reject`, and then writes none."""
        for order in orders:
            parse_payload(BY_NAME[order.subject], order.body)
        for place, order in enumerate(orders):
            ident = str(uuid5(NAMESPACE, f"telegram|{link.bot_id}|{update_id}|{order.subject}|{place}"))
            await page.order(ident, order.subject, order.body, _owner(order, owner))

    def _who(self, person: Person, link: Link, card: Card) -> Who:
        zone = link.timezone or getattr(card, "zone", "") or self.settings.telegram_timezone
        return Who(person.name, self.clock(), ZoneInfo(zone))


def _owner(order: Order, otherwise: str | None) -> str | None:
    """Whose command it is; None: the operator's."""
    return otherwise if order.owner is None else order.owner or None
