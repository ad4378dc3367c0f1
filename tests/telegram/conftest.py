"""The bot in the test's own process: real NATS, real PostgreSQL, the real aiogram client, a local Bot API server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contracts import asks
from contracts.base import Payload
from contracts.envelope import Event
from contracts.subjects import Subject
from gateway.projection.database import open_pool
from gateway.projection.projector import Projector
from gateway.telegram.fleet import Fleet
from gateway.telegram.server import serving
from gateway.telegram.settings import TelegramSettings
from runtime.bus import Bus, new_command
from runtime.database import Pool
from runtime.media import FileMediaStore
from runtime.settings import RuntimeSettings
from runtime.tasks import end
from tests.telegram.server import Api, BotState, Shown, bot_api

TOKEN = "4200:AAtest-token-of-the-operator"
ADA = 77
QUICK = {"telegram_message_s": 0.01, "telegram_edit_s": 0.02}


@dataclass
class World:
    """Everything around one bot."""

    api: Api
    bot: BotState
    bus: Bus
    media: FileMediaStore
    start: Callable[..., AbstractAsyncContextManager[Fleet]]
    settings: Callable[..., TelegramSettings]
    home: Path
    nats_url: str
    database_url: str
    pool: Pool

    async def say(
        self, subject: Subject[Any], data: Payload, *, owner: str | None = None, id: str | None = None
    ) -> int:
        """Put an event on the stream."""
        return (await self.bus.publish(new_command(subject, data, source="test", owner=owner, id=id))).sequence

    async def commands(self) -> list[Event[Any]]:
        """What the bot put on the stream."""
        events = [message.event() async for batch in self.bus.read(follow=False) for message in batch]
        return [event for event in events if event.source == "clipwire/telegram"]

    async def link(self, user: int = ADA, *, user_id: str | None = None, language: str = "en") -> None:
        """Link a chat as its person would."""
        code = await self.bus.ask(asks.TELEGRAM_CODE, asks.WhichUser(user_id=user_id))
        await self.api.write(self.bot, user, f"/start {code.code}", language=language)
        shown = await self.seen(user, lambda shown: len(shown.buttons) == 1 and len(shown.labels) == 2)
        await self.api.press(self.bot, user, shown, "🔗", language=language)
        await self.seen(user, lambda shown: "/help" in shown.text)

    async def said_more(self, user: int, than: int) -> Shown:
        """Wait until somebody sees one more message; the last one."""
        await self.api.until(lambda: len(self.bot.said(user)) > than)
        return self.bot.said(user)[-1]

    async def ready(self, within: float = 60.0) -> None:
        """Wait until the bot asks for updates."""
        await self.api.until(lambda: self.bot.polls > 0, within)

    async def seen(self, user: int, like: Callable[[Shown], bool], within: float = 60.0) -> Shown:
        """Wait until somebody sees a message like this; the last one."""

        def find() -> Shown | None:
            return next((shown for shown in reversed(self.bot.said(user)) if like(shown)), None)

        try:
            found = await self.api.until(find, within)
        except TimeoutError:
            seen = "\n---\n".join(f"{shown.text} {shown.labels}" for shown in self.bot.chat(user))
            raise AssertionError(f"never seen; the chat is:\n{seen}") from None
        assert isinstance(found, Shown)
        return found

    async def until(self, condition: Callable[[], Awaitable[Any]], within: float = 60.0) -> Any:
        """Wait until something is so; what it is."""
        async with asyncio.timeout(within):
            while not (found := await condition()):
                await asyncio.sleep(0.02)
            return found


def having(text: str) -> Callable[[Shown], bool]:
    """Whether a message has this in it."""
    return lambda shown: text in shown.text


async def shows(shown: Shown, text: str) -> bool:
    """Whether a message has this in it by now."""
    return text in shown.text


async def emptied(world: World) -> bool:
    """Whether every update was taken."""
    return not world.bot.updates


async def settled(world: World) -> bool:
    """Whether all is done, heard and said: no update, command or event is left that anything could follow from."""
    if world.bot.updates or await world.pool.fetchval("SELECT count(*) FROM telegram.orders"):
        return False
    last = (await world.bus.stream_state()).last  # no command will be added to it
    unsaid = "SELECT FROM telegram.cards WHERE shown < revision AND broken IS NULL"
    heard = f"SELECT sequence >= $1 AND NOT EXISTS ({unsaid}) FROM telegram.position"
    return bool(await world.pool.fetchval(heard, last))


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """A Bot API server."""
    async with bot_api() as running:
        yield running


@pytest.fixture
async def world(
    api: Api, bus: Bus, nats_url: str, database_url: str, media: FileMediaStore, tmp_path: Path
) -> AsyncIterator[World]:
    """Bus, views and a Bot API server with one bot; `start` runs our side."""
    bot = api.add(TOKEN, "clipwire_bot")
    home = tmp_path / "home"
    runtime = RuntimeSettings(nats_url=nats_url, database_url=database_url, home=home, media_url=media.root.as_uri())

    def settings(**more: Any) -> TelegramSettings:
        told = {"telegram_api_key": SecretStr(TOKEN), "telegram_base_url": api.base, "telegram_webhook_port": 0}
        return TelegramSettings(**{**QUICK, **told, **more})

    @asynccontextmanager
    async def start(**more: Any) -> AsyncIterator[Fleet]:
        async with serving(runtime, settings(**more), asyncio.Event()) as fleet:
            yield fleet

    async with open_pool(database_url) as pool:
        task = asyncio.create_task(Projector(pool, bus).run())
        yield World(api, bot, bus, media, start, settings, home, nats_url, database_url, pool)
        await end(task)
