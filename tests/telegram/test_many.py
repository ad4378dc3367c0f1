"""Many chats at once, a slow one among them; and what is written down before it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
import pytest

from contracts import asks
from contracts import events as e
from contracts import subjects as s
from gateway.telegram.server import serving
from gateway.telegram.store import Store
from runtime.errors import Reject
from runtime.settings import RuntimeSettings
from tests.telegram.conftest import ADA, World, emptied, having
from tests.telegram.film import asked, film, make_render
from tests.telegram.test_faults import counted, failure

BOB = 78


@asynccontextmanager
async def database(world: World) -> AsyncIterator[Any]:
    """A connection of the test's own."""
    connection = await asyncpg.connect(world.database_url)
    try:
        yield connection
    finally:
        await connection.close()


async def linked(world: World, chats: list[int]) -> None:
    """Chats of the operator, without the way there."""
    async with database(world) as connection:
        for chat in chats:
            columns = "INSERT INTO telegram.links (bot_id, chat_id, name, person, language) VALUES ($1, $2, $3, $3, $4)"
            await connection.execute(columns, world.bot.id, chat, "operator", "en")
            world.bot.started.add(chat)


async def test_many_chats_that_ask_at_once_are_all_answered(world: World) -> None:
    chats = list(range(100, 124))
    async with world.start():
        await world.ready()
        await linked(world, chats)
        await asyncio.gather(*(world.api.write(world.bot, chat, "/queue") for chat in chats))
        for chat in chats:
            await world.seen(chat, having("Nothing waits"))
        await world.until(partial(emptied, world))


async def test_a_file_that_takes_long_in_one_chat_holds_up_no_other(world: World) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(method: str, fields: dict[str, Any]) -> None:
        if method == "getFile":
            arrived.set()
            await go_on.wait()

    async with world.start():
        await world.ready()
        await linked(world, [ADA, BOB])
        world.api.faults.append(slow)
        place = world.home / "talk.mp4"
        film(place)
        world.bot.files["sent"] = place.read_bytes()
        video = {"file_id": "sent", "file_unique_id": "s", "width": 1, "height": 1, "duration": 1, "file_size": 9}
        await world.api.write(world.bot, ADA, "", video=video)
        await arrived.wait()
        await world.api.write(world.bot, ADA, "/help")
        for _ in range(3):
            said = len(world.bot.said(BOB))
            await world.api.write(world.bot, BOB, "/status")
            await world.said_more(BOB, said)
        assert world.bot.said(ADA) == [], "what is behind it in the same chat waits for it"
        go_on.set()
        await world.seen(ADA, having("Approved by"))
        await world.seen(ADA, having("/metrics"))
        await world.until(partial(emptied, world))
        assert len(await world.commands()) == 1
        assert len(world.bot.said(BOB)) == 3


async def test_a_command_is_on_the_stream_only_once_its_card_is_written_down(world: World) -> None:
    async with world.start(), database(world) as holder:
        await world.ready()
        await linked(world, [ADA])
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("LOCK TABLE telegram.cards IN SHARE MODE")
        await world.api.write(world.bot, ADA, "/scan bees")
        await world.until(partial(waits, holder))
        assert await world.commands() == [], "what answers it would find no card"
        await transaction.rollback()
        await world.seen(ADA, having("Looking"))
        (event,) = await world.until(world.commands)
        assert isinstance(event.data, e.DiscoveryRequested)


async def waits(connection: Any) -> bool:
    """Whether somebody waits for a lock."""
    return bool(await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'"))


async def test_a_command_that_was_written_down_before_a_kill_is_sent_at_the_next_start(world: World) -> None:
    async with world.start():
        await world.ready()
    async with database(world) as connection:
        columns = "INSERT INTO telegram.orders (event_id, subject, body, owner) VALUES ($1, $2, $3, $4)"
        body = '{"niche": "bees", "scan_id": "telegram-1"}'
        await connection.execute(columns, "an-id", "discovery.requested", body, "u_ada")
    for _ in range(2):
        async with world.start():
            (event,) = await world.until(world.commands)
    assert (event.id, event.owner, event.data.niche) == ("an-id", "u_ada", "bees")


@pytest.mark.errors_expected
async def test_a_process_that_lost_its_place_says_so_to_end(world: World) -> None:
    stop = asyncio.Event()
    runtime = RuntimeSettings(
        nats_url=world.nats_url, database_url=world.database_url, home=world.home, media_url=world.media.root.as_uri()
    )
    async with serving(runtime, world.settings(), stop), database(world) as connection:
        await world.ready()
        assert not stop.is_set()
        ended = await connection.fetchval(
            "SELECT bool_or(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        )
        assert ended
        await asyncio.wait_for(stop.wait(), 30)


async def test_answers_are_forgotten_after_a_while_and_things_are_not(world: World) -> None:
    async with world.start():
        await world.ready()
        await linked(world, [ADA])
        await world.say(s.WORK_FAILED, failure())
        await world.seen(ADA, having("the video is gone"))
        await world.api.write(world.bot, ADA, "/help")
        await world.seen(ADA, having("/metrics"))
        async with asyncpg.create_pool(world.database_url) as pool:
            await Store(pool).forget()
            assert await pool.fetchval("SELECT count(*) FROM telegram.cards") == 2
            await pool.execute("UPDATE telegram.cards SET made_at = now() - interval '8 days'")
            await Store(pool).forget()
            kinds = [row["kind"] for row in await pool.fetch("SELECT facts ->> 'kind' AS kind FROM telegram.cards")]
        assert kinds == ["failed"]


async def test_a_user_brings_a_few_bots_and_no_more(world: World) -> None:
    async with world.start(telegram_own_bots=True) as fleet:
        await world.ready()
        for number in range(6):
            world.api.add(f"{5000 + number}:AAtoken", f"bot_{number}")
        brought = [
            asks.BringBot.model_validate({"user_id": "u_ada", "token": f"{5000 + number}:AAtoken"})
            for number in range(6)
        ]
        for each in (*brought[:5], brought[0]):
            await world.bus.ask(asks.TELEGRAM_BRING, each)
        with pytest.raises(Reject, match="5 bots already"):
            await world.bus.ask(asks.TELEGRAM_BRING, brought[5])
        assert len(fleet.running) == 6, "theirs, and the operator's"


async def test_a_button_of_a_number_that_no_card_can_have_does_nothing(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        shown = world.bot.said(ADA)[-1]
        await world.api.press_data(world.bot, ADA, shown, f"c:now:{2**70}:")
        await world.api.until(lambda: world.bot.popups[-1:] == ["This is not open any more."])


async def test_an_admin_who_is_one_no_more_decides_nothing_of_others(world: World) -> None:
    async with world.start(), database(world) as connection:
        await world.ready()
        await connection.execute("INSERT INTO users.users (id, name, role) VALUES ('u_ada', 'ada', 'admin')")
        await world.link(ADA, user_id="u_ada")
        render = await make_render(world.media)
        await world.say(s.APPROVAL_ASKED, asked(render))
        short = await world.seen(ADA, lambda shown: bool(shown.video))
        await connection.execute("UPDATE users.users SET role = 'creator'")
        await world.api.press(world.bot, ADA, short, "Publish now")
        await world.api.write(world.bot, ADA, "tomorrow 9:00", reply_to=short)
        await world.seen(ADA, having("not open any more"))
        await world.until(partial(emptied, world))
        assert await world.commands() == []


async def test_a_user_who_is_locked_hears_nothing_any_more(world: World) -> None:
    async with world.start(), database(world) as connection:
        await world.ready()
        await connection.execute("INSERT INTO users.users (id, name, role) VALUES ('u_ada', 'ada', 'creator')")
        await linked(world, [BOB])
        await world.link(ADA, user_id="u_ada")
        await connection.execute("UPDATE users.users SET disabled_at = now()")
        await world.say(s.WORK_FAILED, failure(), owner="u_ada")
        await world.say(s.WORK_FAILED, failure("youtube:bcdefghijkl", "it is too long"))
        await world.seen(BOB, having("it is too long"))
        cards = await connection.fetch("SELECT thing FROM telegram.cards WHERE chat_id = $1", ADA)
        assert [row["thing"] for row in cards] == ["linked"]
        assert counted(world, "the video is gone") == []


async def test_a_short_that_several_chats_are_asked_about_is_uploaded_once(world: World) -> None:
    chats = list(range(100, 106))
    async with world.start():
        await world.ready()
        await linked(world, chats)
        render = await make_render(world.media)
        await world.say(s.APPROVAL_ASKED, asked(render))
        for chat in chats:
            await world.seen(chat, lambda shown: bool(shown.video))
        assert len(world.bot.files) == 1


@pytest.mark.errors_expected
async def test_a_database_that_refuses_for_a_while_ends_neither_speaking_nor_listening(world: World) -> None:
    async with world.start(), database(world) as connection:
        await world.ready()
        await linked(world, [ADA])
        await connection.execute("ALTER TABLE telegram.links RENAME TO away")
        await world.api.write(world.bot, BOB, "hello")
        await world.until(partial(emptied, world))
        await connection.execute("ALTER TABLE telegram.away RENAME TO links")
        await connection.execute("ALTER TABLE telegram.bots RENAME TO away")
        await world.api.write(world.bot, BOB, "hello")
        await world.until(partial(introduced_again, world))
        await connection.execute("ALTER TABLE telegram.away RENAME TO bots")
        await world.api.write(world.bot, ADA, "/help")
        await world.seen(ADA, having("/metrics"))


async def introduced_again(world: World) -> bool:
    """Whether the bot has begun anew."""
    return sum(method == "getMe" for method, _ in world.api.calls) > 1
