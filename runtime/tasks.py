"""Running the event loop, several things at once, and ending tasks for sure."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

__all__ = ["end", "run", "until_one_ends"]


def run(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop, which handles about a seventh more events a second, wherever it is to be had."""
    if sys.platform == "win32":
        asyncio.run(main)
    else:
        import uvloop

        uvloop.run(main)


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they are done; what they raised is left to whoever asks them.

    Once is not always enough: in Python 3.11 `asyncio.wait_for`, which the NATS client waits with, loses a cancellation
    that comes together with the result (python/cpython#86296). Nothing is raised, because this is called on the way
    out, where an error would take the place of the cancellation or the failure that led there.
    """
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=1.0)
    await asyncio.gather(*tasks, return_exceptions=True)


async def until_one_ends(*work: Coroutine[Any, Any, object]) -> None:
    """Do all of it until some of it ends, and then the rest is ended, too. What it raised is raised."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await end(*tasks)
