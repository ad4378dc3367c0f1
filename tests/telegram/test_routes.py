"""`/users/me/telegram`: the HTTP door and the process of the bot together, over a Bot API server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web
from argon2 import PasswordHasher

from gateway.hooks.hooks import open_hooks
from gateway.hooks.settings import HookSettings
from gateway.http.app import create_app
from gateway.http.settings import GatewaySettings
from gateway.projection.projector import Projector
from gateway.projection.reads import ReadModels
from gateway.users.identities import open_identities
from gateway.users.passwords import Passwords
from gateway.users.settings import UserSettings
from gateway.users.statements import SQL as USERS
from runtime.database import migrate
from runtime.kv import NatsChannels
from tests.gateway.answers import problem
from tests.gateway.people import log_in, register
from tests.support.doors import read_once
from tests.telegram.conftest import ADA, World, emptied
from tests.telegram.server import BotState, Shown

OPERATOR = "a-token-for-the-tests-of-the-door"
BOB = 78
FIRST, SECOND = "4300:AAthe-first-token-of-the-bot", "4300:AAthe-second-token-of-the-bot"
HERE = "/users/me/telegram"


@pytest.fixture
async def door(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP door, open to nobody yet."""
    await migrate(world.pool, USERS)
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    app = create_app(
        settings=GatewaySettings(),
        home=world.home,
        identities=open_identities(
            world.pool, UserSettings(), home=world.home, operator_token=OPERATOR, passwords=quick
        ),
        bus=world.bus,
        reads=ReadModels(world.pool),
        channel_store=NatsChannels(world.bus.js),
        media_store=world.media,
        hooks=await open_hooks(world.pool, HookSettings(), home=world.home),
        projector=Projector(world.pool, world.bus),
        actors=(),
    )
    transport = httpx.ASGITransport(read_once(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1") as client:
        yield client


@asynccontextmanager
async def logged_in(door: httpx.AsyncClient, name: str) -> AsyncIterator[httpx.AsyncClient]:
    """A creator of this name, at the door."""
    async with at(door, OPERATOR) as operator:
        await register(operator, name, "creator")
    async with at(door, (await log_in(door, name))["access_token"]) as client:
        yield client


def at(door: httpx.AsyncClient, token: str) -> httpx.AsyncClient:
    """Somebody with a token."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(transport=door._transport, base_url=door.base_url, headers=headers)


@pytest.fixture
async def ada(door: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    async with logged_in(door, "ada") as client:
        yield client


@pytest.fixture
async def bob(door: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    async with logged_in(door, "bob") as client:
        yield client


async def shown(client: httpx.AsyncClient) -> dict[str, Any]:
    """What somebody sees of their chats and bots."""
    answer = await client.get(HERE)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def linked(world: World, client: httpx.AsyncClient, bot: BotState, chat: int) -> None:
    """Link a chat by the address that the door tells."""
    told = (await client.post(HERE)).json()
    address = next(link for link in told["links"] if f"/{bot.username}?" in link)
    await world.api.write(bot, chat, f"/start {address.partition('?start=')[2]}")

    def offered() -> Shown | None:
        return next((each for each in bot.said(chat) if each.buttons), None)

    await world.api.press(bot, chat, await world.api.until(offered), "🔗")
    await world.api.until(lambda: any("Linked to" in each.text for each in bot.said(chat)))


async def audited(world: World) -> list[str]:
    """What was done with Telegram."""
    rows = await world.pool.fetch("SELECT action FROM users.audit WHERE action LIKE 'telegram.%' ORDER BY id")
    return [row["action"] for row in rows]


async def test_a_chat_is_linked_by_the_code_of_the_door_and_unlinked_there(
    world: World, ada: httpx.AsyncClient
) -> None:
    async with world.start():
        await world.ready()
        assert await shown(ada) == {"chats": [], "bots": []}
        answer = await ada.post(HERE)
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        told = answer.json()
        assert told["links"] == [f"https://t.me/clipwire_bot?start={told['code']}"]
        left = datetime.fromisoformat(told["expires_at"]) - datetime.now(UTC)
        assert timedelta(minutes=9) < left <= timedelta(minutes=10)
        await linked(world, ada, world.bot, ADA)
        (chat,) = (await shown(ada))["chats"]
        assert (chat["bot"], chat["chat_id"], chat["person"], chat["active"]) == (
            "clipwire_bot", ADA, f"Person {ADA}", True,
        )  # fmt: skip
        where = f"{HERE}/chats/{chat['bot_id']}/{chat['chat_id']}"
        assert (await ada.delete(where)).status_code == 204
        assert (await shown(ada))["chats"] == []
        said = problem(await ada.delete(where), 404)
        assert said["field"] == "chat_id"
        await world.api.write(world.bot, ADA, "/clip https://example.org/a.mp4")
        await world.until(lambda: emptied(world))
        assert await world.commands() == []
    assert await audited(world) == ["telegram.code", "telegram.code", "telegram.unlinked"]


async def test_a_person_who_has_blocked_the_bot_is_shown_as_that(world: World, ada: httpx.AsyncClient) -> None:
    async with world.start():
        await world.ready()
        await linked(world, ada, world.bot, ADA)
        await world.api.block(world.bot, ADA)

        async def blocked() -> bool:
            return [chat["active"] for chat in (await shown(ada))["chats"]] == [False]

        await world.until(blocked)


async def test_a_bot_is_brought_given_another_token_and_removed(world: World, ada: httpx.AsyncClient) -> None:
    bot = world.api.add(FIRST, "adas_bot")
    async with world.start(telegram_own_bots=True) as fleet:
        await world.ready()
        answer = await ada.post(f"{HERE}/bots", json={"token": f" {FIRST} "})
        assert answer.status_code == 201
        tbot = {"bot_id": 4300, "username": "adas_bot", "state": "active", "reason": None}
        assert {name: answer.json().get(name) for name in tbot} == tbot
        await world.api.until(lambda: bot.polls > 0)
        await linked(world, ada, bot, ADA)

        bot.revoked = True
        await world.api.news.tell()

        async def set_aside() -> bool:
            (tbot,) = (await shown(ada))["bots"]
            return tbot["state"] == "revoked" and "Unauthorized" in tbot["reason"]

        await world.until(set_aside)
        polls = bot.polls
        world.api.renew(bot, SECOND)
        again = await ada.post(f"{HERE}/bots", json={"token": SECOND})
        assert (again.status_code, again.json()["state"]) == (201, "active")
        await world.api.until(lambda: bot.polls > polls)
        assert [each["state"] for each in (await shown(ada))["bots"]] == ["active"]
        await world.api.write(bot, ADA, "/help")
        await world.api.until(lambda: any("/metrics" in each.text for each in bot.said(ADA)))

        gone = fleet.running[4300]
        assert (await ada.delete(f"{HERE}/bots/4300")).status_code == 204
        assert all(task.done() for task in gone.tasks), "nothing of it runs any more"
        assert await shown(ada) == {"chats": [], "bots": []}
        assert problem(await ada.delete(f"{HERE}/bots/4300"), 404)["field"] == "bot_id"
    done = ["telegram.bot_brought", "telegram.code", "telegram.bot_brought", "telegram.bot_removed"]
    assert await audited(world) == done


async def test_the_token_of_a_bot_is_told_to_nobody(world: World, ada: httpx.AsyncClient) -> None:
    world.api.add(FIRST, "adas_bot")
    async with world.start(telegram_own_bots=True):
        await world.ready()
        brought = await ada.post(f"{HERE}/bots", json={"token": FIRST})
        for answer in (brought, await ada.get(HERE)):
            assert answer.status_code < 300
            assert "AAthe-first" not in answer.text


async def test_a_token_that_telegram_does_not_take_is_refused_by_its_field(
    world: World, ada: httpx.AsyncClient
) -> None:
    async with world.start(telegram_own_bots=True):
        await world.ready()
        for token in ("4400:AAunknown", "no token", ""):
            said = problem(await ada.post(f"{HERE}/bots", json={"token": token}), 422)
            assert said["field"] == "token"
            assert "@BotFather" in said["advice"]
        assert problem(await ada.post(f"{HERE}/bots", json={}), 422)["field"] == "token"
        assert (await shown(ada))["bots"] == []
    assert await audited(world) == []


async def test_while_telegram_does_not_answer_a_bot_is_to_be_brought_later(
    world: World, ada: httpx.AsyncClient
) -> None:
    async def away(method: str, fields: dict[str, Any]) -> web.Response | None:
        return web.Response(status=502, text="bad gateway") if str(fields["token"]).startswith("4300") else None

    world.api.add(FIRST, "adas_bot")
    async with world.start(telegram_own_bots=True):
        await world.ready()
        world.api.faults.append(away)
        said = problem(await ada.post(f"{HERE}/bots", json={"token": FIRST}), 503)
        assert "Telegram does not answer" in said["detail"]
        assert FIRST not in str(said)
        world.api.faults.clear()
        assert (await ada.post(f"{HERE}/bots", json={"token": FIRST})).status_code == 201


async def test_where_bots_of_users_are_not_allowed_it_is_said_what_allows_them(
    world: World, ada: httpx.AsyncClient
) -> None:
    world.api.add(FIRST, "adas_bot")
    async with world.start():
        await world.ready()
        said = problem(await ada.post(f"{HERE}/bots", json={"token": FIRST}), 422)
        assert "CLIPWIRE_TELEGRAM_OWN_BOTS" in said["advice"]


async def test_what_is_adas_is_seen_and_touched_by_nobody_else(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    bot = world.api.add(FIRST, "adas_bot")
    async with world.start(telegram_own_bots=True):
        await world.ready()
        assert (await ada.post(f"{HERE}/bots", json={"token": FIRST})).status_code == 201
        await world.api.until(lambda: bot.polls > 0)
        await linked(world, ada, bot, ADA)
        assert await shown(bob) == {"chats": [], "bots": []}
        assert all("adas_bot" not in link for link in (await bob.post(HERE)).json()["links"])
        assert (
            "belongs to somebody else" in problem(await bob.post(f"{HERE}/bots", json={"token": FIRST}), 422)["detail"]
        )
        operators = f"{HERE}/bots", {"token": world.bot.token}
        assert "belongs to somebody else" in problem(await bob.post(operators[0], json=operators[1]), 422)["detail"]
        problem(await bob.delete(f"{HERE}/chats/4300/{ADA}"), 404)
        problem(await bob.delete(f"{HERE}/bots/4300"), 404)
        problem(await bob.delete(f"{HERE}/bots/{world.bot.id}"), 404)
        assert len((await shown(ada))["chats"]) == len((await shown(ada))["bots"]) == 1


async def test_without_a_bot_it_is_said_what_to_do(world: World, ada: httpx.AsyncClient) -> None:
    for answer in (await ada.get(HERE), await ada.post(HERE), await ada.delete(f"{HERE}/bots/1")):
        assert "telegram" in problem(answer, 503)["detail"].lower()
    world.bot.revoked = True
    async with world.start():
        said = problem(await ada.post(HERE), 503)
        assert "CLIPWIRE_TELEGRAM_API_KEY" in said["advice"]


async def test_nobody_comes_here_without_a_login(world: World, door: httpx.AsyncClient) -> None:
    for method, path in (("GET", ""), ("POST", ""), ("POST", "/bots"), ("DELETE", "/bots/1"), ("DELETE", "/chats/1/2")):
        problem(await door.request(method, HERE + path), 401)


async def test_what_can_be_no_id_is_refused_at_the_door(world: World, ada: httpx.AsyncClient) -> None:
    async with world.start():
        await world.ready()
        for path in ("/bots/x", "/chats/1/y", "/chats/x/1", f"/bots/{2**70}", f"/chats/1/{-(2**70)}"):
            assert (await ada.delete(HERE + path)).status_code in {404, 422}, path
