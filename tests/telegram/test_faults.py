"""What goes wrong between the bot and Telegram, and what people see of it."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from contracts import asks
from contracts import events as e
from contracts import subjects as s
from contracts.work import Failure
from tests.telegram.conftest import ADA, World, emptied, having, shows
from tests.telegram.film import asked, make_render
from tests.telegram.server import ApiError, Shown, message_of

BOB = 78


def failure(entity: str = "youtube:abcdefghijk", what: str = "the video is gone") -> e.WorkFailed:
    return e.WorkFailed(
        failure=Failure(
            stage="downloader",
            subject="candidate.approved",
            event_id="1",
            entity=entity,
            kind="rejected",
            what=what,
            advice="Send another",
        )
    )


def counted(world: World, text: str) -> list[Shown]:
    return [shown for shown in world.bot.said(ADA) if text in shown.text]


async def test_told_to_wait_the_bot_waits_exactly_so_long_and_says_everything_once(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        told: list[float] = []
        asked_early: list[str] = []

        async def flood(method: str, fields: dict[str, Any]) -> web.Response | None:
            if method != "sendMessage":
                return None
            if not told:
                told.append(time.monotonic())
                return ApiError(429, "Too Many Requests: retry after 2", retry_after=2).response()
            if time.monotonic() - told[0] < 2.0:
                asked_early.append(method)
            return None

        world.api.faults.append(flood)
        await world.say(s.WORK_FAILED, failure())
        await world.say(s.WORK_FAILED, failure("youtube:bcdefghijkl", "it is too long"))
        await world.seen(ADA, lambda shown: "the video is gone" in shown.text)
        await world.seen(ADA, lambda shown: "it is too long" in shown.text)
        assert asked_early == []
        assert [len(counted(world, text)) for text in ("the video is gone", "it is too long")] == [1, 1]


@pytest.mark.parametrize("status", [None, 500, 502])
async def test_an_answer_that_was_lost_after_the_work_was_done_leads_to_no_second_message(
    world: World, status: int | None
) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        lost: list[str] = []

        async def lose(method: str, fields: dict[str, Any]) -> web.Response | None:
            if method not in {"sendMessage", "sendVideo"} or len(lost) > 1:
                return None
            lost.append(method)
            if status is None:
                raise asyncio.CancelledError  # the connection ends without an answer
            return web.Response(status=status, text="<html>bad gateway</html>")

        world.api.after.append(lose)
        await world.say(s.WORK_FAILED, failure())
        render = await make_render(world.media)
        await world.say(s.APPROVAL_ASKED, asked(render))
        short = await world.seen(ADA, lambda shown: bool(shown.video))
        await world.api.press(world.bot, ADA, short, "Publish now")
        await world.until(lambda: shows(short, "publishing"))
        assert len(lost) == 2
        assert len(counted(world, "the video is gone")) == 1
        assert len([shown for shown in world.bot.said(ADA) if shown.video]) == 1


async def test_a_person_who_blocks_the_bot_is_left_alone_and_hears_the_rest_when_they_come_back(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        await world.link(BOB)
        await world.api.block(world.bot, ADA)
        await world.until(lambda: inactive(world))
        await world.say(s.WORK_FAILED, failure())
        calls = len(world.api.calls)
        await world.seen(BOB, having("the video is gone"))  # whoever is to hear it was due together with ADA
        await world.api.write(world.bot, BOB, "/help")
        await world.seen(BOB, having("/metrics"))
        told = [fields["chat_id"] for method, fields in world.api.calls[calls:] if method == "sendMessage"]
        assert set(told) == {str(BOB)}
        await world.api.block(world.bot, ADA, blocked=False)
        await world.seen(ADA, lambda shown: "the video is gone" in shown.text)


async def test_a_block_that_was_not_told_is_noticed_by_the_refusal(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        world.bot.blocked.add(ADA)
        await world.say(s.WORK_FAILED, failure())
        await world.until(lambda: inactive(world))
        world.bot.blocked.clear()
        await world.api.write(world.bot, ADA, "/status")
        await world.seen(ADA, lambda shown: "Nothing is being worked on" in shown.text)
        assert len(counted(world, "the video is gone")) == 1


async def test_a_revoked_token_ends_that_bot_alone_and_its_owner_hears_of_it(world: World) -> None:
    other = world.api.add("4300:AAtoken-of-the-second-bot", "second_bot")
    async with world.start(telegram_own_bots=True) as fleet:
        await world.ready()
        await world.link()
        await world.api.write(world.bot, ADA, "/bot 4300:AAtoken-of-the-second-bot")
        await world.seen(ADA, lambda shown: "@second_bot speaks now" in shown.text)
        assert not [shown for shown in world.bot.chat(ADA) if "4300:" in shown.text], "the token is out of the chat"
        await world.until(lambda: polled(other))
        revoked = fleet.running[4300]
        other.revoked = True
        await world.api.news.tell()
        await world.seen(ADA, lambda shown: "@second_bot has been set aside" in shown.text)
        assert 4300 not in fleet.running and world.bot.id in fleet.running
        await asyncio.wait(revoked.tasks, timeout=30)
        assert all(task.done() for task in revoked.tasks), "nothing is left of it that could ask"
        calls = sum(fields["token"].startswith("4300") for _, fields in world.api.calls)
        await world.say(s.WORK_FAILED, failure())
        await world.seen(ADA, having("the video is gone"))
        assert sum(fields["token"].startswith("4300") for _, fields in world.api.calls) == calls
        other.revoked = False
        await world.api.write(world.bot, ADA, "/bot 4300:AAtoken-of-the-second-bot")
        await world.until(lambda: running(fleet, 4300))


async def test_a_token_that_telegram_does_not_know_is_refused_in_words(world: World) -> None:
    async with world.start(telegram_own_bots=True):
        await world.ready()
        await world.link()
        for token in ("4400:AAunknown", "not a token"):
            await world.api.write(world.bot, ADA, f"/bot {token}")
            await world.seen(ADA, lambda shown: "does not take this token" in shown.text)


async def test_somebody_else_who_polls_is_said_and_polling_goes_on(world: World) -> None:
    async with world.start() as fleet:
        await world.ready()
        await world.link()
        world.bot.polls += 1
        await world.api.news.tell()
        await world.until(lambda: state(fleet, world.bot.id, "conflict"))
        await world.api.write(world.bot, ADA, "/status")
        await world.seen(ADA, lambda shown: "Nothing is being worked on" in shown.text)
        await world.until(lambda: state(fleet, world.bot.id, "active"))


async def test_a_message_that_was_deleted_is_said_anew(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        render = await make_render(world.media)
        await world.say(s.APPROVAL_ASKED, asked(render))
        short = await world.seen(ADA, lambda shown: bool(shown.video))
        short.deleted = True
        await world.say(s.RENDER_REJECTED, e.RenderRejected(render_id=render.render_id, rejected_by="bob"))
        again = await world.seen(ADA, lambda shown: "Rejected by bob" in shown.text)
        assert again is not short
        assert again.video == short.video, "it is not uploaded again"


async def test_an_update_waits_until_its_command_is_on_the_stream_and_is_not_done_twice(world: World) -> None:
    async with world.start() as fleet:
        await world.ready()
        await world.link()
        await world.api.write(world.bot, ADA, "/clip https://example.org/a.mp4")
        await world.seen(ADA, lambda shown: "Approved by" in shown.text)
        update = {"update_id": world.bot.next_update - 1}
        await world.api.update(world.bot, world.bot.updates[-1] if world.bot.updates else update | message(world))
        await world.until(lambda: emptied(world))
        assert len(await world.commands()) == 1
        assert len(counted(world, "Approved by")) == 1
        assert fleet.running


async def test_a_restart_loses_nothing_and_says_nothing_again(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        await world.say(s.WORK_FAILED, failure())
        await world.seen(ADA, having("the video is gone"))
    polls, said = world.bot.polls, len(world.bot.said(ADA))
    await world.say(s.WORK_FAILED, failure("youtube:bcdefghijkl", "it is too long"))
    await world.api.write(world.bot, ADA, "/status")
    for _ in range(2):
        async with world.start():
            await world.api.until(partial(_polls_more, world, polls))
            await world.seen(ADA, having("it is too long"))
            await world.seen(ADA, having("Nothing is being worked on"))
        polls = world.bot.polls
    assert len(world.bot.said(ADA)) == said + 2


async def test_one_process_speaks_at_a_time_and_another_takes_its_place(world: World) -> None:
    async with AsyncExitStack() as first:
        await first.enter_async_context(world.start())
        await world.ready()
        await world.link()
        second = asyncio.create_task(_status_through_another(world))
        await world.api.write(world.bot, ADA, "/help")
        await world.seen(ADA, having("/metrics"))
        assert not second.done()
    await second
    assert len(counted(world, "Nothing is being worked on")) == 1


async def _status_through_another(world: World) -> None:
    async with world.start():
        await world.api.write(world.bot, ADA, "/status")
        await world.seen(ADA, having("Nothing is being worked on"))


def _polls_more(world: World, than: int) -> bool:
    return world.bot.polls > than


def message(world: World) -> dict[str, Any]:
    """The last message once more, as after an answer that was lost."""
    shown = [shown for shown in world.bot.chat(ADA) if not shown.ours][-1]
    told = message_of(world.bot, shown)
    return {"message": {**told, "from": {"id": ADA, "is_bot": False, "first_name": "Ada"}}}


async def polled(bot: Any) -> bool:
    return bool(bot.polls)


async def running(fleet: Any, bot_id: int) -> bool:
    return bot_id in fleet.running


async def state(fleet: Any, bot_id: int, wanted: str) -> bool:
    row = await fleet._store.bot(bot_id)
    return row is not None and row.state == wanted


async def inactive(world: World) -> bool:
    """Whether it is known that ADA wants to hear nothing."""
    view = await world.bus.ask(asks.TELEGRAM_SHOWN, asks.WhichUser())
    return not any(chat.active for chat in view.chats if chat.chat_id == ADA)
