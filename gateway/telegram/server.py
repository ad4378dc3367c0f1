"""The process of the Telegram bot: bus, database, bots and the stream, from start to drain."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path

import asyncpg
import structlog

from gateway.projection.database import migrate as migrate_views
from gateway.projection.reads import ReadModels
from gateway.telegram.cards import Line, Note
from gateway.telegram.database import alone, open_pool
from gateway.telegram.desk import Desk
from gateway.telegram.door import Door
from gateway.telegram.files import Files
from gateway.telegram.fleet import Fleet
from gateway.telegram.hearing import Hearing
from gateway.telegram.keys import Keys
from gateway.telegram.library import AiohttpSession, TelegramAPIServer
from gateway.telegram.model import open_model
from gateway.telegram.orders import Orders
from gateway.telegram.outbox import Outbox
from gateway.telegram.people import People
from gateway.telegram.received import Received
from gateway.telegram.rows import BotRow
from gateway.telegram.settings import TelegramSettings
from gateway.telegram.store import Store
from gateway.telegram.strangers import Strangers
from gateway.telegram.views import Views
from gateway.telegram.webhook import listening
from gateway.users.ownership import Ownership
from gateway.users.statements import SQL as USERS
from gateway.users.users import Users
from runtime.bus import open_bus
from runtime.database import DatabaseErrors, migrate
from runtime.errors import ConfigurationError, Unavailable
from runtime.files import write_atomically
from runtime.kv import NatsChannels
from runtime.media import open_media_store
from runtime.settings import RuntimeSettings
from runtime.tasks import end

__all__ = ["run", "serving"]

log = structlog.get_logger(__name__)

_PUBLISH_S = 10.0
_TEND_S = 3600.0
_LOOK_S = 2.0


async def run(runtime: RuntimeSettings, settings: TelegramSettings) -> None:
    """Serve until SIGTERM or SIGINT. Raises `ConfigurationError` and `Unavailable`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    serve = asyncio.create_task(_serve(runtime, settings, stop))
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, serve.cancel)  # it may still wait for its place
    with suppress(asyncio.CancelledError):
        await serve
    log.info("telegram.ended")


async def _serve(runtime: RuntimeSettings, settings: TelegramSettings, stop: asyncio.Event) -> None:
    async with serving(runtime, settings, stop):
        log.info("telegram.ready")
        await stop.wait()
    raise Unavailable("the bot cannot go on", advice="It starts again by itself; its log says why")


@asynccontextmanager
async def serving(runtime: RuntimeSettings, settings: TelegramSettings, stop: asyncio.Event) -> AsyncIterator[Fleet]:
    """The bots, running. `stop` is set where this process cannot go on."""
    if runtime.nats_url is None or runtime.database_url is None:
        missing = "CLIPWIRE_NATS_URL" if runtime.nats_url is None else "CLIPWIRE_DATABASE_URL"
        raise ConfigurationError(f"{missing} is not set", advice="`clipwire up` starts a server and sets it")
    if not settings.wanted:
        raise ConfigurationError(
            "CLIPWIRE_TELEGRAM_API_KEY is not set, and users may bring no bots of their own",
            advice="Set it to the token that @BotFather gave you, or set CLIPWIRE_TELEGRAM_OWN_BOTS=true",
        )
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(open_bus(runtime.nats_url, name="clipwire-telegram", budget=_PUBLISH_S))
        pool = await stack.enter_async_context(open_pool(runtime.database_url))
        stack.enter_context(_told(runtime.home))  # one that waits for its place is ready, too
        place = await stack.enter_async_context(alone(runtime.database_url))
        await migrate_views(pool)
        await migrate(pool, USERS)
        store, reads, people = Store(pool), ReadModels(pool), People(Users(pool))
        media, channels = open_media_store(runtime.media_location), NatsChannels(bus.js)
        api = TelegramAPIServer.from_base(settings.telegram_base_url, is_local=settings.telegram_local)
        session = AiohttpSession(api=api, limit=0)  # every bot holds one connection all the time
        stack.push_async_callback(session.close)
        files = Files(store, media, runtime.home / "telegram", limit=settings.telegram_upload_mb * 1_000_000)
        keys = Keys(settings, runtime.home)
        bugs: Counter[str] = Counter()
        fleet = Fleet(settings=settings, store=store, keys=keys, files=files, session=session, bugs=bugs)
        hearing = Hearing(
            bus=bus,
            store=store,
            reads=reads,
            media=media,
            channels=channels,
            people=people,
            news=fleet.wake,
            bugs=bugs,
        )
        views = Views(reads=reads, channels=channels, bus=bus, hearing=hearing, bugs=bugs)
        received = Received(runtime.home / "uploads", local=settings.telegram_local)
        model = await stack.enter_async_context(open_model(settings))
        orders = Orders(
            settings=settings, views=views, hearing=hearing, received=received, bus=bus, model=model, fleet=fleet
        )
        strangers = Strangers(store, language=settings.telegram_language)
        outbox = Outbox(store, bus, people, Ownership(reads, channels, bus))
        await outbox.send()
        door = Door(settings, store, people, outbox, orders, strangers)
        desk = Desk(settings=settings, store=store, fleet=fleet, people=people)
        await fleet.start(door.take, partial(_tell_owner, store, fleet))
        stack.push_async_callback(fleet.stop)
        tasks = [asyncio.create_task(work) for work in (hearing.run(), hearing.watch(), _tend(store))]
        tasks.append(asyncio.create_task(_watch(tasks, place, stop)))
        stack.push_async_callback(end, *tasks)
        await stack.enter_async_context(bus.answering(desk.answers))
        if settings.telegram_webhook_url is not None:
            await stack.enter_async_context(listening(fleet, settings.telegram_webhook_port))
        yield fleet


async def _tell_owner(store: Store, fleet: Fleet, row: BotRow) -> None:
    """A bot was set aside, or somebody takes its updates: its owner hears it from other bots; the API shows it too."""
    if row.state != "active":
        note = Note(
            lines=(Line(key=f"bot.{row.state}", values={"username": row.username, "reason": row.reason or ""}),)
        )
        audience = await store.audience(row.owner)
        async with store.transaction() as page:
            for link in audience:
                if link.bot_id != row.bot_id:
                    await page.put(link, f"bot:{row.bot_id}", note)
    fleet.wake()


async def _tend(store: Store) -> None:
    """Forget what is needed no more."""
    while True:
        await store.forget()
        await asyncio.sleep(_TEND_S)


async def _watch(
    tasks: Sequence[asyncio.Task[None]], place: asyncpg.Connection[asyncpg.Record], stop: asyncio.Event
) -> None:
    """End this process when it is alone no more, or when something in it has ended: it starts again by itself."""
    while not place.is_closed() and not any(task.done() for task in tasks):
        await asyncio.sleep(_LOOK_S)
        with suppress(*DatabaseErrors, asyncpg.PostgresError):  # the loop asks whether the connection is there
            async with asyncio.timeout(10):
                await place.execute("SELECT 1")
    log.error("telegram.cannot_go_on", lost_place=place.is_closed())
    stop.set()


@contextmanager
def _told(home: Path) -> Iterator[None]:
    """`telegram.json` in CLIPWIRE_HOME tells that the bots are served."""
    path = home / "telegram.json"
    home.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"pid": os.getpid()}), mode=0o600)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
