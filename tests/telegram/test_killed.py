"""The bot's process is killed between any two requests: nothing is lost, and nothing is said or done twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from contracts import asks
from contracts import events as e
from contracts import subjects as s
from runtime.errors import Unavailable
from tests.telegram.conftest import ADA, TOKEN, World, having, settled, shows
from tests.telegram.film import asked, make_render

_KILLS = 8
ROOT = Path(__file__).resolve().parents[2]
_LOUD = ("sendMessage", "sendVideo", "editMessageText", "editMessageCaption", "getUpdates", "answerCallbackQuery")


@pytest.mark.parametrize(("when", "every"), [("before", 2), ("after", 2), ("after", 3)])
async def test_a_kill_between_two_requests_changes_nothing(
    world: World, forker: subprocess.Popen[str], when: str, every: int
) -> None:
    """`before`: the request did not arrive; `after`: it was done, and the answer is lost."""
    bot, api = world.bot, world.api
    async with _process(world, forker) as pid:
        await world.ready(within=180)
        kills: list[str] = []
        hook = _Killer(pid, kills, every=every)
        (api.faults if when == "before" else api.after).append(hook)
        code = await _code(world)
        await api.write(bot, ADA, f"/start {code}")
        ask = await world.seen(ADA, lambda shown: len(shown.labels) == 2 and "🔗" in shown.labels[0], within=120)
        await api.press(bot, ADA, ask, "🔗")
        await world.seen(ADA, lambda shown: "/help" in shown.text, within=120)
        await api.write(bot, ADA, "/clip https://example.org/talk.mp4")
        await world.seen(ADA, lambda shown: "Approved by" in shown.text, within=120)
        for start in (10.0, 60.0):
            render = await make_render(world.media, f"Short {start}", start=start)
            await world.say(s.APPROVAL_ASKED, asked(render))
            short = await world.seen(ADA, having(render.title), within=120)
            await api.press(bot, ADA, short, "Publish now")
            await world.until(partial(shows, short, "publishing"), within=120)
        await api.write(bot, ADA, "/help")
        await world.seen(ADA, lambda shown: "/metrics" in shown.text, within=120)
        hook.armed = False
        await world.until(lambda: settled(world), within=120)
    assert len(kills) >= 4, kills
    texts = Counter(shown.text.splitlines()[0] for shown in bot.said(ADA))
    assert all(times == 1 for times in texts.values()), texts
    commands = Counter(event.data.key for event in await world.commands())
    assert sorted(commands.values()) == [1, 1, 1], commands
    assert {type(event.data) for event in await world.commands()} == {e.CandidateApproved, e.PublishRequested}


class _Killer:
    """Kills the process at every n-th request that matters."""

    def __init__(self, pid: Callable[[], int], kills: list[str], *, every: int) -> None:
        self.pid, self.kills, self.every = pid, kills, every
        self.count, self.armed = 0, True

    async def __call__(self, method: str, fields: dict[str, Any]) -> None:
        if not self.armed or method not in _LOUD:
            return
        self.count += 1
        if self.count % self.every == 0 and len(self.kills) < _KILLS:
            self.kills.append(method)
            os.kill(self.pid(), signal.SIGKILL)
            await asyncio.Event().wait()  # no answer comes; the handler ends with its connection


@pytest.fixture(scope="module")
def forker() -> Iterator[subprocess.Popen[str]]:
    """What the bot's processes are forked from."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CLIPWIRE_")}
    env = {**bare, "CLIPWIRE_ENV_FILE": os.devnull, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.telegram.forker"]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@asynccontextmanager
async def _process(world: World, forker: subprocess.Popen[str]) -> AsyncIterator[Callable[[], int]]:
    """The bot as a process that starts again when it is killed; its process id."""
    settings = {
        "CLIPWIRE_HOME": str(world.home),
        "CLIPWIRE_NATS_URL": world.nats_url,
        "CLIPWIRE_DATABASE_URL": world.database_url,
        "CLIPWIRE_MEDIA_URL": world.media.root.as_uri(),
        "CLIPWIRE_TELEGRAM_API_KEY": TOKEN,
        "CLIPWIRE_TELEGRAM_BASE_URL": world.api.base,
        "CLIPWIRE_TELEGRAM_MESSAGE_S": "0.01",
        "CLIPWIRE_TELEGRAM_EDIT_S": "0.02",
    }
    place = world.home.parent / "pid"
    order = {"settings": settings, "pid": str(place), "log": str(world.home.parent / "telegram.log")}
    assert forker.stdin is not None and forker.stdout is not None
    print(json.dumps(order), file=forker.stdin, flush=True)

    def pid() -> int:
        return int(place.read_text())

    try:
        yield pid
    finally:
        os.kill(pid(), signal.SIGTERM)
        async with asyncio.timeout(60):
            assert await asyncio.to_thread(forker.stdout.readline) == "ended\n"


async def _code(world: World) -> str:
    """Asked again by the process that comes after one that was killed."""
    while True:
        polls = world.bot.polls
        try:
            return (await world.bus.ask(asks.TELEGRAM_CODE, asks.WhichUser(), within=2)).code
        except Unavailable:
            await world.api.until(partial(_polls_more, world, polls))


def _polls_more(world: World, than: int) -> bool:
    return world.bot.polls > than
