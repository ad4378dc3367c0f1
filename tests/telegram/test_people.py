"""Who is heard, what they may do, and whose things they hear of."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from contracts import asks
from contracts import events as e
from contracts import subjects as s
from runtime.errors import Reject
from tests.telegram.conftest import ADA, World, emptied
from tests.telegram.film import asked, make_render
from tests.telegram.test_faults import failure

BOB = 78


async def user(world: World, name: str, role: str) -> str:
    """A user, as registration makes one."""
    ident = f"u_{name}"
    await world.pool.execute("INSERT INTO users.users (id, name, role) VALUES ($1, $2, $3)", ident, name, role)
    return ident


async def linked(world: World, chat: int, name: str, role: str) -> str:
    """A user who has linked a chat."""
    ident = await user(world, name, role)
    await world.link(chat, user_id=ident)
    return ident


async def test_nobody_but_a_linked_chat_is_heard_and_a_stranger_is_told_once(world: World) -> None:
    async with world.start():
        await world.ready()
        for text in ("hello", "/scan bees", "https://example.org/a.mp4", "/start " + "x" * 32):
            await world.api.write(world.bot, BOB, text)
        await world.seen(BOB, lambda shown: "This code is not good" in shown.text)
        assert len(world.bot.said(BOB)) == 2
        assert await world.commands() == []
        group = {"id": -5, "type": "group", "title": "g"}
        await world.api.write(world.bot, BOB, "/scan bees", chat=group)
        await world.until(lambda: emptied(world))
        assert await world.commands() == []


async def test_a_code_links_one_chat_once(world: World) -> None:
    async with world.start():
        await world.ready()
        code = (await world.bus.ask(asks.TELEGRAM_CODE, asks.WhichUser())).code
        await world.api.write(world.bot, ADA, f"/start {code}")
        offered = await world.seen(ADA, lambda shown: "Link this chat" in shown.text)
        await world.api.write(world.bot, BOB, f"/start {code}")
        await world.seen(BOB, lambda shown: "This code is not good" in shown.text)
        data = offered.buttons[0][0]["callback_data"]
        await world.api.press_data(world.bot, BOB, offered, data)
        await world.until(lambda: emptied(world))
        assert (await world.bus.ask(asks.TELEGRAM_SHOWN, asks.WhichUser())).chats == ()
        await world.api.press_data(world.bot, ADA, offered, data)
        await world.seen(ADA, lambda shown: "Linked to" in shown.text)
        (chat,) = (await world.bus.ask(asks.TELEGRAM_SHOWN, asks.WhichUser())).chats
        assert (chat.chat_id, chat.person) == (ADA, f"Person {ADA}")


async def test_a_user_hears_of_their_own_things_and_what_they_order_is_theirs(world: World) -> None:
    async with world.start():
        await world.ready()
        ada, bob = await linked(world, ADA, "ada", "creator"), await linked(world, BOB, "bob", "creator")
        render = await make_render(world.media)
        await world.say(s.APPROVAL_ASKED, asked(render), owner=ada)
        short = await world.seen(ADA, lambda shown: bool(shown.video))
        await world.say(s.WORK_FAILED, failure(), owner=bob)
        await world.seen(BOB, lambda shown: "the video is gone" in shown.text)
        assert not [shown for shown in world.bot.said(BOB) if shown.video]
        # The button of another's message does nothing.
        await world.api.press_data(world.bot, BOB, short, short.buttons[0][0]["callback_data"])
        await world.until(lambda: emptied(world))
        assert await world.commands() == []
        await world.api.press(world.bot, ADA, short, "Publish now")
        (event,) = await world.until(world.commands)
        assert (event.owner, event.data.requested_by) == (ada, "ada")


async def test_what_a_user_orders_is_in_their_own_channel_and_not_in_the_operators(world: World) -> None:
    async with world.start():
        await world.ready()
        ada = await linked(world, ADA, "ada", "creator")
        await world.api.write(world.bot, ADA, "/clip https://example.org/a.mp4")
        (event,) = await world.until(world.commands)
        assert (event.owner, event.data.channel_id) == (ada, ada)


async def test_a_viewer_may_look_and_not_act(world: World) -> None:
    async with world.start():
        await world.ready()
        ada = await linked(world, ADA, "ada", "viewer")
        render = await make_render(world.media)
        await world.say(s.APPROVAL_ASKED, asked(render), owner=ada)
        short = await world.seen(ADA, lambda shown: bool(shown.video))
        await world.api.press(world.bot, ADA, short, "Publish now")
        await world.api.write(world.bot, ADA, "/scan bees")
        await world.seen(ADA, lambda shown: "may look, not act" in shown.text)
        await world.api.write(world.bot, ADA, "19:30", reply_to=short)
        await world.until(lambda: emptied(world))
        assert await world.commands() == []
        assert "may look, not act" in world.bot.popups[-1]


async def test_an_admin_hears_of_the_operators_things_and_leaves_them_the_operators(world: World) -> None:
    async with world.start():
        await world.ready()
        await linked(world, ADA, "ada", "admin")
        await linked(world, BOB, "bob", "creator")
        render = await make_render(world.media)
        await world.say(s.APPROVAL_ASKED, asked(render))
        short = await world.seen(ADA, lambda shown: bool(shown.video))
        await world.api.press(world.bot, ADA, short, "Reject")
        (event,) = await world.until(world.commands)
        assert event.owner is None
        assert event.data == e.RenderRejected(render_id=render.render_id, rejected_by="ada")
        assert not [shown for shown in world.bot.said(BOB) if shown.video]


async def test_a_user_who_is_locked_is_not_heard_any_more(world: World) -> None:
    async with world.start():
        await world.ready()
        await linked(world, ADA, "ada", "creator")
        await world.pool.execute("UPDATE users.users SET disabled_at = now()")
        await world.api.write(world.bot, ADA, "/clip https://example.org/a.mp4")
        await world.seen(ADA, lambda shown: "is there no more, or is locked" in shown.text)
        assert await world.commands() == []


async def test_a_chat_is_unlinked_from_the_chat_and_from_the_api(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        await world.api.write(world.bot, ADA, "/unlink")
        await world.seen(ADA, lambda shown: "This chat is unlinked" in shown.text)
        await world.until(lambda: emptied(world))
        assert (await world.bus.ask(asks.TELEGRAM_SHOWN, asks.WhichUser())).chats == ()
        await world.link(BOB)
        (chat,) = (await world.bus.ask(asks.TELEGRAM_SHOWN, asks.WhichUser())).chats
        which = asks.WhichChat(bot_id=chat.bot_id, chat_id=chat.chat_id)
        with pytest.raises(Reject):
            await world.bus.ask(asks.TELEGRAM_UNLINK, which.model_copy(update={"user_id": "u_somebody"}))
        await world.bus.ask(asks.TELEGRAM_UNLINK, which)
        assert (await world.bus.ask(asks.TELEGRAM_SHOWN, asks.WhichUser())).chats == ()


async def test_a_bot_of_a_user_is_linked_by_its_owner_alone_and_its_token_is_sealed(world: World) -> None:
    second = world.api.add("4300:AAtoken-of-the-second-bot", "second_bot")
    async with world.start(telegram_own_bots=True):
        await world.ready()
        ada, bob = await user(world, "ada", "creator"), await user(world, "bob", "creator")
        brought = asks.BringBot.model_validate({"user_id": ada, "token": "4300:AAtoken-of-the-second-bot"})
        told = await world.bus.ask(asks.TELEGRAM_BRING, brought)
        assert (told.bot_id, told.username, told.state) == (4300, "second_bot", "active")
        await world.api.until(lambda: second.polls > 0)
        sealed = await world.pool.fetchval("SELECT token FROM telegram.bots WHERE bot_id = 4300")
        assert b"second-bot" not in sealed
        with pytest.raises(Reject, match="belongs to somebody else"):
            await world.bus.ask(asks.TELEGRAM_BRING, brought.model_copy(update={"user_id": bob}))
        code = (await world.bus.ask(asks.TELEGRAM_CODE, asks.WhichUser(user_id=bob))).code
        await world.api.write(second, BOB, f"/start {code}")
        await world.api.until(lambda: any("not the owner" in shown.text for shown in second.said(BOB)))
        code = (await world.bus.ask(asks.TELEGRAM_CODE, asks.WhichUser(user_id=ada))).code
        await world.api.write(second, ADA, f"/start {code}")
        offered = await world.api.until(lambda: [shown for shown in second.said(ADA) if shown.buttons])
        await world.api.press(second, ADA, offered[0], "🔗")
        await world.api.until(lambda: any("Linked to ada" in shown.text for shown in second.said(ADA)))
        await world.bus.ask(asks.TELEGRAM_REMOVE, asks.WhichBot(user_id=ada, bot_id=4300))
        assert (await world.bus.ask(asks.TELEGRAM_SHOWN, asks.WhichUser(user_id=ada))).bots == ()


async def test_a_bot_that_was_brought_runs_again_after_a_restart(world: World) -> None:
    second = world.api.add("4300:AAtoken-of-the-second-bot", "second_bot")
    async with world.start(telegram_own_bots=True):
        await world.ready()
        brought = asks.BringBot.model_validate({"token": "4300:AAtoken-of-the-second-bot"})
        await world.bus.ask(asks.TELEGRAM_BRING, brought)
        await world.api.until(lambda: second.polls > 0)
    polls = second.polls
    async with world.start(telegram_own_bots=True):
        await world.api.until(lambda: second.polls > polls)


async def test_nothing_that_looks_like_a_token_is_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async with world.start(telegram_own_bots=True):
        await world.ready()
        await world.link()
        world.api.add("4300:AAtoken-of-the-second-bot", "second_bot").revoked = True
        await world.api.write(world.bot, ADA, "/bot 4300:AAtoken-of-the-second-bot")
        await world.seen(ADA, lambda shown: "does not take this token" in shown.text)
    assert "AAt" not in caplog.text


async def test_a_bot_whose_token_does_not_open_is_shown_as_locked_until_it_is_brought_again(world: World) -> None:
    second = world.api.add("4300:AAtoken-of-the-second-bot", "second_bot")
    brought = asks.BringBot.model_validate({"token": "4300:AAtoken-of-the-second-bot"})

    async def shown() -> asks.TelegramBot:
        bots = (await world.bus.ask(asks.TELEGRAM_SHOWN, asks.WhichUser())).bots
        return next(bot for bot in bots if bot.bot_id == 4300)

    async with world.start(telegram_own_bots=True):
        await world.ready()
        await world.bus.ask(asks.TELEGRAM_BRING, brought)
        assert (await shown()).state == "active"
    async with world.start(telegram_own_bots=True, telegram_secret_key=SecretStr("another-" * 5)):
        await world.ready()
        locked = await shown()
        assert (locked.state, "does not open with the key" in (locked.reason or "")) == ("locked", True)
        assert "bring the token again" in (locked.reason or "")
        polls = second.polls
        assert (await world.bus.ask(asks.TELEGRAM_BRING, brought)).state == "active"
        assert ((await shown()).state, (await shown()).reason) == ("active", None)
        await world.api.until(lambda: second.polls > polls)
