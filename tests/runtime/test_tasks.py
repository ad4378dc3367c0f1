"""Tasks that are ended have ended."""

from __future__ import annotations

import asyncio

import pytest

from runtime.tasks import end


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
