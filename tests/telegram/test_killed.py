"""The bot's process is killed between any two requests: nothing is lost, and nothing is said or done twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from contracts import asks
from contracts import events as e
from contracts import subjects as s
from tests.telegram.conftest import ADA, TOKEN, World, having, shows
from tests.telegram.film import asked, make_render

_KILLS = 8
ROOT = Path(__file__).resolve().parents[2]
_LOUD = ("sendMessage", "sendVideo", "editMessageText", "editMessageCaption", "getUpdates", "answerCallbackQuery")


@pytest.mark.parametrize(("when", "every"), [("before", 2), ("after", 2), ("after", 3)])
async def test_a_kill_between_two_requests_changes_nothing(world: World, when: str, every: int) -> None:
    """`before`: the request did not arrive; `after`: it was done, and the answer is lost."""
    bot, api = world.bot, world.api
    async with _process(world) as pid:
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
        await world.until(lambda: _calm(world), within=120)
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
            await asyncio.sleep(3600)  # no answer comes; the handler ends with its connection


@asynccontextmanager
async def _process(world: World) -> AsyncIterator[Callable[[], int]]:
    """The bot as a process that starts again when it is killed; its process id."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CLIPWIRE_")}
    ours = {
        "CLIPWIRE_HOME": str(world.home),
        "CLIPWIRE_NATS_URL": world.nats_url,
        "CLIPWIRE_DATABASE_URL": world.database_url,
        "CLIPWIRE_MEDIA_URL": world.media.root.as_uri(),
        "CLIPWIRE_TELEGRAM_API_KEY": TOKEN,
        "CLIPWIRE_TELEGRAM_BASE_URL": world.api.base,
        "CLIPWIRE_TELEGRAM_MESSAGE_S": "0.01",
        "CLIPWIRE_TELEGRAM_EDIT_S": "0.02",
        "CLIPWIRE_ENV_FILE": os.devnull,
        "PYTHONPATH": str(ROOT),
    }
    place = world.home.parent / "pid"
    log = (world.home.parent / "telegram.log").open("wb")
    forker = subprocess.Popen(
        [sys.executable, "-m", "tests.telegram.forker", str(place)], env={**plain, **ours}, stdout=log, stderr=log
    )

    def pid() -> int:
        return int(place.read_text())

    try:
        yield pid
    finally:
        with suppress(ProcessLookupError, FileNotFoundError):  # it has ended, or never began
            os.kill(pid(), signal.SIGTERM)
            await asyncio.to_thread(forker.wait, 60)
        forker.kill()
        await asyncio.to_thread(forker.wait)
        log.close()


async def _code(world: World) -> str:
    """Asked again where the bot was just killed."""
    while True:
        try:
            return (await world.bus.ask(asks.TELEGRAM_CODE, asks.WhichUser(), within=2)).code
        except Exception:  # noqa: BLE001  # nobody answers while the process starts again
            await asyncio.sleep(0.1)


async def _calm(world: World) -> bool:
    """Nothing is left to say, and no update waits."""
    said = len(world.api.calls)
    await asyncio.sleep(2.5)
    news = [method for method, _ in world.api.calls[said:] if method != "getUpdates"]
    return not world.bot.updates and not news
