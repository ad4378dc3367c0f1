"""One at a time asks models about a clip, and whoever dies at it holds up nobody for long."""

from __future__ import annotations

import asyncio
import threading

import pytest

from actors.vlm.store import Turns
from runtime.bus import Bus
from runtime.claims import Claims
from runtime.errors import Retry
from runtime.kv import NatsClaims
from runtime.media import FileMediaStore
from tests.support.claims import MemoryClaims
from tests.support.running import until
from tests.vlm.judged import a_case, judging, quiet
from tests.vlm.model_server import Asked, Said, good, serving, settings_for

CLIP = "file:abc"


async def told_until(claims: Claims) -> float:
    claim = await claims.get(f"model-turn/{CLIP}")
    assert claim is not None
    return float(claim.data["until"])


async def test_two_orders_at_once_for_a_clip_pay_for_its_answers_once(media: FileMediaStore) -> None:
    claims, arrived, go_on = MemoryClaims(), threading.Event(), threading.Event()

    def slow(asked: Asked) -> Said:
        arrived.set()
        go_on.wait(20)
        return good(asked)

    with serving(slow) as server:
        settings = settings_for(server, "groq", vlm_model_timeout_s=30.0)
        async with judging(settings, media, claims=claims) as one, judging(settings, media, claims=claims) as other:
            first = asyncio.create_task(one.judge(a_case(), quiet))
            await asyncio.to_thread(arrived.wait, 20)
            with pytest.raises(Retry, match="are being asked about") as caught:
                await other.judge(a_case(), quiet)
            go_on.set()
            judgement = await first
            assert await other.judge(a_case(), quiet) == judgement
    assert caught.value.after
    assert [asked.stage for asked in server.asked] == ["questions", "wording"]


async def test_a_turn_ends_with_its_work_however_that_ends() -> None:
    turns = Turns(MemoryClaims())
    for error in (None, RuntimeError("broken"), asyncio.CancelledError()):
        try:
            async with turns.hold(CLIP):
                if error:
                    raise error
        except (RuntimeError, asyncio.CancelledError) as caught:
            assert caught is error


async def test_the_turn_of_one_that_was_killed_lapses() -> None:
    claims = MemoryClaims()
    killed = await claims.take(f"model-turn/{CLIP}", "killed")
    killed = await claims.advance(killed, "asking", until=1.0)
    async with Turns(claims).hold(CLIP):
        with pytest.raises(Retry):
            await claims.advance(killed, "asking", until=2.0)


async def test_a_turn_is_renewed_for_as_long_as_it_lasts() -> None:
    claims = MemoryClaims()
    async with Turns(claims, lapses_s=0.3).hold(CLIP):
        began = await told_until(claims)

        async def is_renewed() -> bool:
            return await told_until(claims) > began + 0.3

        await until(is_renewed)
        with pytest.raises(Retry):
            async with Turns(claims).hold(CLIP):
                pass


async def test_of_several_processes_one_has_the_turn(bus: Bus) -> None:
    done = asyncio.Event()

    async def holds() -> bool:
        try:
            async with Turns(NatsClaims(bus.js)).hold(CLIP):
                await done.wait()
        except Retry:
            return False
        return True

    tasks = [asyncio.create_task(holds()) for _ in range(4)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    async def only_one_is_left() -> bool:
        return sum(not task.done() for task in tasks) == 1

    await until(only_one_is_left)
    done.set()
    assert sum(await asyncio.gather(*tasks)) == 1
