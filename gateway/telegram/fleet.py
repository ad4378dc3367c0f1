"""The bots that run: each with its speaker and, without webhooks, its poller; started and stopped at any time."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from asyncpg import PostgresError

from gateway.telegram.files import Files
from gateway.telegram.keys import Keys
from gateway.telegram.library import BaseSession, Bot, BotCommand, TokenValidationError, Update
from gateway.telegram.library import exceptions as telegram
from gateway.telegram.masking import masked
from gateway.telegram.rows import BotRow
from gateway.telegram.settings import TelegramSettings
from gateway.telegram.speaker import Pace, Speaker
from gateway.telegram.store import Store
from gateway.telegram.updates import Lanes, Unconfirmed
from gateway.telegram.words import LANGUAGES, words_in
from runtime.database import DatabaseErrors
from runtime.errors import Reject, Unavailable
from runtime.tasks import end

__all__ = ["COMMANDS", "Fleet", "Running"]

log = structlog.get_logger(__name__)

COMMANDS = ("scan", "clip", "queue", "status", "channels", "metrics", "retry", "language", "timezone", "unlink", "help")
_UPDATES = ["message", "callback_query", "my_chat_member"]
_POLL_S = 25
_MOST_BOTS = 5
_REFUSED = (telegram.TelegramUnauthorizedError, telegram.TelegramNotFound)
_NO_NEWS = (telegram.TelegramNetworkError, telegram.TelegramServerError, telegram.ClientDecodeError)

Take = Callable[["Running", Update], Awaitable[None]]
"""Works an update off: its consequence is on the stream when it returns."""
Changed = Callable[[BotRow], Awaitable[None]]
"""Told when a bot was set aside, or works again."""


@dataclass
class Running:
    """A bot that runs."""

    bot: Bot
    owner: str | None
    speaker: Speaker
    lanes: Lanes = field(init=False)
    username: str = ""
    hook: str = ""
    secret: str = ""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class Fleet:
    """Starts, watches and stops bots. `bugs`: counts what nobody foresaw, by where it was survived. `locked`: why bots
    do not run whose tokens do not open; that is up to the key of this process, and written down nowhere."""

    def __init__(
        self,
        *,
        settings: TelegramSettings,
        store: Store,
        keys: Keys,
        files: Files,
        session: BaseSession,
        bugs: Counter[str],
    ) -> None:
        self.running: dict[int, Running] = {}
        self.locked: dict[int, str] = {}
        self._settings = settings
        self._store = store
        self._keys = keys
        self._files = files
        self._session = session
        self._bugs = bugs

    async def start(self, take: Take, changed: Changed) -> None:
        """Start every bot that is known and not set aside, and the operator's."""
        self._take, self._changed = take, changed
        own = self._settings.telegram_api_key
        if own is not None:
            self._run(own.get_secret_value(), None)
        for row in await self._store.bots():
            if row.token is None or row.bot_id in self.running or row.state == "revoked":
                continue
            try:
                token = self._keys.open(row.bot_id, row.token)
                await self._store.seal_bot(row.bot_id, self._keys.seal(row.bot_id, token))
            except Unavailable as error:
                log.warning("telegram.locked_out", bot=row.bot_id, why=error.what)
                self.locked[row.bot_id] = str(error)
                continue
            self._run(token, row.owner)

    async def stop(self) -> None:
        """Stop all; what is being sent is found again at the next start."""
        for bot_id in list(self.running):
            await self._end(bot_id)

    async def add(self, token: str, owner: str | None) -> BotRow:
        """A bot that a user brings: it runs at once. Raises `Reject` for a token that Telegram does not take."""
        try:
            bot = Bot(token, session=self._session)
            me = await bot.get_me(request_timeout=20)
        except (
            telegram.TelegramUnauthorizedError,
            telegram.TelegramNotFound,
            telegram.TelegramBadRequest,
            TokenValidationError,
        ):
            raise Reject(
                "Telegram does not take this token", advice="Copy it from @BotFather as it stands there", field="token"
            ) from None
        except (telegram.TelegramAPIError, telegram.ClientDecodeError) as error:
            raise Unavailable(f"Telegram does not answer ({masked(error)})", advice="Try again in a minute") from None
        there = await self._store.bot(bot.id)
        if (there is not None and there.owner != owner) or (self._is_operators(bot.id) and owner is not None):
            raise Reject(f"the bot @{me.username} belongs to somebody else here", field="token")
        if there is None and owner is not None and await self._store.bots_of(owner) >= _MOST_BOTS:
            raise Reject(
                f"you have {_MOST_BOTS} bots already", advice="Remove one that you need no more", field="token"
            )
        sealed = None if self._is_operators(bot.id) else self._keys.seal(bot.id, token)
        row = await self._keep(me, owner, sealed)
        self.locked.pop(bot.id, None)
        running = self.running.get(bot.id)
        if running is None or running.bot.token != token:
            await self._end(bot.id)
            self._run(token, owner)
        return row

    async def remove(self, bot_id: int) -> None:
        """Stop and forget a bot."""
        running = self.running.get(bot_id)
        if running is not None and self._settings.telegram_webhook_url is not None:
            try:
                await running.bot.delete_webhook(request_timeout=10)
            except telegram.TelegramAPIError as error:
                log.info("telegram.hook_left", bot=bot_id, why=masked(error))
        await self._end(bot_id)
        await self._store.remove_bot(bot_id)
        self.locked.pop(bot_id, None)

    def wake(self) -> None:
        """There may be something to say."""
        for running in self.running.values():
            running.speaker.news.set()

    def by_hook(self, hook: str) -> Running | None:
        """The bot behind the path of a webhook."""
        return next((each for each in self.running.values() if each.hook and each.hook == hook), None)

    def _is_operators(self, bot_id: int) -> bool:
        own = self._settings.telegram_api_key
        return own is not None and own.get_secret_value().partition(":")[0] == str(bot_id)

    async def _keep(self, me: Any, owner: str | None, sealed: bytes | None) -> BotRow:
        hook, secret = secrets.token_urlsafe(24), secrets.token_urlsafe(32)
        return await self._store.put_bot(me.id, owner, me.username or "", me.first_name, sealed, hook, secret)

    def _run(self, token: str, owner: str | None) -> None:
        bot = Bot(token, session=self._session)

        async def lost(why: str) -> None:
            await self._set_aside(bot.id, why)

        speaker = Speaker(
            bot,
            self._store,
            self._files,
            zone=self._settings.telegram_timezone,
            lost=lost,
            pace=Pace(self._settings.telegram_message_s, self._settings.telegram_edit_s),
            bugs=self._bugs,
        )
        running = Running(bot, owner, speaker)
        running.lanes = Lanes(lambda update: self._take(running, update), self.wake, self._bugs)
        self.running[bot.id] = running
        running.tasks = [asyncio.create_task(self._serve(running, token)), asyncio.create_task(speaker.run())]

    async def _end(self, bot_id: int) -> None:
        running = self.running.pop(bot_id, None)
        if running is not None:
            await end(*(task for task in running.tasks if task is not asyncio.current_task()))
            await running.lanes.stop()

    async def _set_aside(self, bot_id: int, why: str) -> None:
        """Its token was revoked: nothing is asked with it any more, and its owner is told."""
        running = self.running.pop(bot_id, None)
        row = await self._store.bot_state(bot_id, "revoked", why)
        if row is not None:
            log.warning("telegram.revoked", bot=bot_id)
            await self._changed(row)
        if running is not None:
            await running.lanes.stop()
            ending = [task for task in running.tasks if task is not asyncio.current_task()]
            for task in ending:
                task.cancel()

    async def _serve(self, running: Running, token: str) -> None:
        """Introduce the bot, then listen until it is stopped."""
        pause = 1.0
        while True:
            try:
                await self._introduce(running, token)
                if self._settings.telegram_webhook_url is None:
                    await self._poll(running)
                return
            except _REFUSED as error:
                await self._set_aside(running.bot.id, masked(error))
                return
            except telegram.TelegramRetryAfter as error:
                await asyncio.sleep(error.retry_after)
            except (telegram.TelegramAPIError, telegram.ClientDecodeError, *DatabaseErrors, PostgresError) as error:
                log.warning("telegram.not_reached", bot=running.bot.id, why=masked(error), again_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(60.0, pause * 2)

    async def _introduce(self, running: Running, token: str) -> None:
        bot = running.bot
        me = await bot.get_me()
        sealed = None if self._is_operators(bot.id) else self._keys.seal(bot.id, token)
        row = await self._keep(me, running.owner, sealed)
        running.username, running.hook, running.secret = row.username, row.hook, row.secret
        for language in (*LANGUAGES, None):
            words = words_in(language or self._settings.telegram_language)
            commands = [BotCommand(command=name, description=words.plain(f"command.{name}")) for name in COMMANDS]
            await bot.set_my_commands(commands, language_code=language)
        base = self._settings.telegram_webhook_url
        if base is None:
            await bot.delete_webhook(drop_pending_updates=False)
        else:
            url = f"{base.rstrip('/')}/telegram/{row.hook}"
            await bot.set_webhook(url, secret_token=row.secret, allowed_updates=_UPDATES, max_connections=8)
        log.info("telegram.bot_ready", bot=bot.id, username=row.username)

    async def _poll(self, running: Running) -> None:
        """Ask for updates. What was handed out is confirmed by a later question, once it is worked off."""
        bot, unconfirmed, pause = running.bot, Unconfirmed(running.lanes), 1.0
        while True:
            try:
                updates = await bot.get_updates(
                    offset=unconfirmed.offset, timeout=_POLL_S, allowed_updates=_UPDATES, request_timeout=_POLL_S + 15
                )
            except telegram.TelegramConflictError as error:
                await self._note(bot.id, "conflict", error.message)
                await asyncio.sleep(pause := min(30.0, max(3.0, pause * 2)))
                continue
            except telegram.TelegramRetryAfter as error:
                await asyncio.sleep(error.retry_after)
                continue
            except _NO_NEWS as error:
                log.info("telegram.no_updates", bot=bot.id, why=masked(error), again_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(15.0, pause * 2)
                continue
            pause = 1.0
            await self._note(bot.id, "active", None)
            await unconfirmed.work_off(updates)

    async def _note(self, bot_id: int, state: str, reason: str | None) -> None:
        row = await self._store.bot_state(bot_id, state, reason)
        if row is not None:
            log.warning("telegram.bot_state", bot=bot_id, state=state, why=reason)
            await self._changed(row)
