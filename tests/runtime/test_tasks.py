"""Tasks that are ended have ended, and so has what was done beside them."""

from __future__ import annotations

import asyncio

import pytest

from runtime.tasks import end, until_one_ends


async def test_a_task_that_loses_a_cancellation_is_cancelled_again() -> None:
    lost = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            lost.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await end(task)
    assert lost.is_set()
    assert task.cancelled()


async def test_it_waits_for_what_a_task_does_on_its_way_out() -> None:
    left = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            left.append("closed")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await end(task)
    assert left == ["closed"]


async def test_what_a_task_raised_is_left_to_whoever_asks_it() -> None:
    async def fail() -> None:
        raise ValueError("it broke")

    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    await end(task)
    with pytest.raises(ValueError, match="it broke"):
        task.result()


@pytest.fixture
def ended() -> list[str]:
    return []


async def for_ever(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        ended.append("for ever")


async def test_when_one_of_several_ends_the_others_have_ended_too(ended: list[str]) -> None:
    async def soon() -> None:
        await asyncio.sleep(0)

    await until_one_ends(for_ever(ended), soon(), for_ever(ended))
    assert ended == ["for ever"] * 2


async def test_what_the_first_of_several_raised_is_raised_when_the_others_have_ended(ended: list[str]) -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("it broke")

    with pytest.raises(ValueError, match="it broke"):
        await until_one_ends(for_ever(ended), fail())
    assert ended == ["for ever"]


async def test_several_are_cancelled_with_whoever_waits_for_them(ended: list[str]) -> None:
    task = asyncio.create_task(until_one_ends(for_ever(ended), for_ever(ended)))
    for _ in range(2):
        await asyncio.sleep(0)
    await end(task)
    assert task.cancelled()
    assert ended == ["for ever"] * 2
