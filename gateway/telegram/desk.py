"""What the HTTP door and the command line ask of the bot: codes that link a chat, and bots that users bring."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from contracts import asks
from gateway.telegram.fleet import Fleet
from gateway.telegram.people import People
from gateway.telegram.rows import BotRow
from gateway.telegram.settings import TelegramSettings
from gateway.telegram.store import Store
from gateway.telegram.strangers import code_digest
from runtime.asks import Answers
from runtime.database import DatabaseErrors
from runtime.errors import Reject, Unavailable

__all__ = ["Desk"]

_GOOD_FOR = timedelta(minutes=10)


class Desk:
    """Answers `ask.telegram.*`. Tokens and codes are used in this process alone."""

    def __init__(
        self,
        *,
        settings: TelegramSettings,
        store: Store,
        fleet: Fleet,
        people: People,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._store = store
        self._fleet = fleet
        self._people = people
        self._clock = clock

    @property
    def answers(self) -> Answers:
        """By question."""
        return {
            asks.TELEGRAM_CODE: self.code,
            asks.TELEGRAM_SHOWN: self.shown,
            asks.TELEGRAM_UNLINK: self.unlink,
            asks.TELEGRAM_BRING: self.bring,
            asks.TELEGRAM_REMOVE: self.remove,
        }

    async def code(self, asked: asks.WhichUser) -> asks.LinkCode:
        """A code, good once and for ten minutes, with the addresses that open it."""
        person = await self._people.person(asked.user_id)
        if person is None:
            raise Reject(f"there is no user {asked.user_id!r}", field="user_id")
        bots = [each for each in self._fleet.running.values() if each.username and each.owner in {None, asked.user_id}]
        if not bots:
            raise Unavailable(
                "no Telegram bot is ready that could be linked",
                advice="Set CLIPWIRE_TELEGRAM_API_KEY to the token of a bot, or bring one of your own",
            )
        code, now = secrets.token_urlsafe(24), self._clock()
        try:
            await self._store.put_code(code_digest(code), asked.user_id, person.name, now, now + _GOOD_FOR)
        except DatabaseErrors as error:
            raise _away(error) from None
        links = tuple(f"https://t.me/{each.username}?start={code}" for each in bots)
        return asks.LinkCode(code=code, links=links, expires_at=now + _GOOD_FOR)

    async def shown(self, asked: asks.WhichUser) -> asks.TelegramView:
        """Chats and bots of a user."""
        try:
            rows = await self._store.links(asked.user_id)
            bots = [row for row in await self._store.bots() if row.owner == asked.user_id]
        except DatabaseErrors as error:
            raise _away(error) from None
        chats = tuple(
            asks.TelegramChat(
                bot_id=row["bot_id"],
                bot=row["username"],
                chat_id=row["chat_id"],
                person=row["person"],
                active=row["active"],
                linked_at=row["linked_at"],
            )
            for row in rows
        )
        return asks.TelegramView(chats=chats, bots=tuple(map(self._view, bots)))

    async def unlink(self, asked: asks.WhichChat) -> asks.Nothing:
        """A chat of the user is heard no more."""
        try:
            mine = {(row["bot_id"], row["chat_id"]) for row in await self._store.links(asked.user_id)}
            if (asked.bot_id, asked.chat_id) not in mine:
                raise Reject(f"the chat {asked.chat_id} is not linked to this account", field="chat_id")
            await self._store.unlink(asked.bot_id, asked.chat_id)
        except DatabaseErrors as error:
            raise _away(error) from None
        return asks.Nothing()

    async def bring(self, asked: asks.BringBot) -> asks.TelegramBot:
        """A bot of the user's own: it runs from now on."""
        if not self._settings.telegram_own_bots:
            raise Reject(
                "bots of users are not switched on here", advice="An admin sets CLIPWIRE_TELEGRAM_OWN_BOTS=true"
            )
        try:
            return self._view(await self._fleet.add(asked.token.get_secret_value().strip(), asked.user_id))
        except DatabaseErrors as error:
            raise _away(error) from None

    async def remove(self, asked: asks.WhichBot) -> asks.Nothing:
        """A bot of the user's own is stopped, and forgotten with its token and all that was said by it."""
        try:
            mine = {row.bot_id for row in await self._store.bots() if row.owner == asked.user_id and row.token}
            if asked.bot_id not in mine:
                raise Reject(f"this account has no bot {asked.bot_id}", field="bot_id")
            await self._fleet.remove(asked.bot_id)
        except DatabaseErrors as error:
            raise _away(error) from None
        return asks.Nothing()

    def _view(self, row: BotRow) -> asks.TelegramBot:
        locked = self._fleet.locked.get(row.bot_id)
        state, reason = (row.state, row.reason) if locked is None else ("locked", locked)
        return asks.TelegramBot(bot_id=row.bot_id, username=row.username, state=state, reason=reason)


def _away(error: Exception) -> Unavailable:
    return Unavailable(f"the database of the bot does not answer ({type(error).__name__})", advice="Try again")
