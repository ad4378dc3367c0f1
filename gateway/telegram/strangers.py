"""Chats that are not linked: they are told how to, now and then, and may bring a code. Nothing else is heard."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from datetime import datetime

import structlog

from gateway.telegram.cards import Line, Note
from gateway.telegram.fleet import Running
from gateway.telegram.library import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from gateway.telegram.library import exceptions as telegram
from gateway.telegram.masking import masked
from gateway.telegram.store import Store
from gateway.telegram.words import Words, language_for, words_in

__all__ = ["Strangers", "code_digest"]

log = structlog.get_logger(__name__)

_PAUSE_S = 600.0
_CODES = 10
_REMEMBERED = 10_000


def code_digest(code: str) -> bytes:
    """What is kept of a code: who reads the database does not learn it."""
    return hashlib.sha256(code.encode()).digest()


class Strangers:
    """Says one sentence to each chat in ten minutes, and takes ten codes of it in that time."""

    def __init__(self, store: Store, *, language: str) -> None:
        self._store = store
        self._language = language
        self._told: OrderedDict[tuple[int, int], tuple[float, int]] = OrderedDict()

    async def greet(self, running: Running, message: Message, now: datetime) -> None:
        """Take the code that the message brings, or say how to get one."""
        if message.from_user is None:
            return
        words = words_in(language_for(message.from_user.language_code, self._language))
        code = (message.text or "").removeprefix("/start").strip()
        bot_id, chat_id = running.bot.id, message.chat.id
        if (message.text or "").startswith("/start") and 16 <= len(code) <= 64:
            if self._times(bot_id, chat_id, now) > _CODES:
                return
            taken = await self._store.take_code(code_digest(code), bot_id, chat_id, now)
            if taken is None:
                await self._say(running, chat_id, words("stranger.code"))
            elif running.owner is not None and running.owner != taken["user_id"]:
                await self._say(running, chat_id, words("stranger.other"))
            else:
                await self._say(running, chat_id, words("link.ask", name=taken["name"]), _choice(words, code))
        elif self._times(bot_id, chat_id, now) == 1:
            await self._say(running, chat_id, words("stranger.how"))

    async def pressed(self, running: Running, query: CallbackQuery, now: datetime) -> None:
        """Yes or no to the link. The code comes back with the button, so only who brought it can confirm it."""
        kind, _, code = (query.data or "").partition(":")
        chat_id = query.from_user.id
        words = words_in(language_for(query.from_user.language_code, self._language))
        shown = ""
        if kind == "link" and code:
            async with self._store.transaction() as page:
                taken = await page.confirm_code(code_digest(code), running.bot.id, chat_id, now)
                if taken is not None:
                    person = query.from_user.full_name[:100]
                    where = running.bot.id, chat_id
                    link = await page.put_link(where, taken["user_id"], taken["name"], person, words.language)
                    done = Note(lines=(Line(key="link.done", values={"name": taken["name"]}),))
                    await page.put(link, "linked", done)
            shown = words("stranger.code") if taken is None else ""
        elif kind == "nolink":
            shown = words("ask.no")
        try:
            await query.answer()
            if query.message is not None and shown:
                await running.bot.edit_message_text(
                    shown, chat_id=chat_id, message_id=query.message.message_id, parse_mode="HTML"
                )
            elif query.message is not None and kind == "link":
                await running.bot.delete_message(chat_id, query.message.message_id)
        except telegram.TelegramAPIError as error:
            log.info("telegram.stranger_not_told", why=masked(error))

    def _times(self, bot_id: int, chat_id: int, now: datetime) -> int:
        """How often the chat has come in the last ten minutes."""
        since, times = self._told.pop((bot_id, chat_id), (now.timestamp(), 0))
        if now.timestamp() - since > _PAUSE_S:
            since, times = now.timestamp(), 0
        self._told[bot_id, chat_id] = since, times + 1
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return times + 1

    async def _say(self, running: Running, chat_id: int, text: str, markup: InlineKeyboardMarkup | None = None) -> None:
        """Once; a stranger who does not get it asks again."""
        try:
            sent = await running.bot.send_message(chat_id, text, parse_mode="HTML", reply_markup=markup)
            await self._store.raise_highest(running.bot.id, sent.message_id)
        except telegram.TelegramAPIError as error:
            log.info("telegram.stranger_not_told", why=masked(error))


def _choice(words: Words, code: str) -> InlineKeyboardMarkup:
    yes = InlineKeyboardButton(text=words.plain("button.link"), callback_data=f"link:{code}")
    no = InlineKeyboardButton(text=words.plain("button.no"), callback_data="nolink:")
    return InlineKeyboardMarkup(inline_keyboard=[[yes, no]])
