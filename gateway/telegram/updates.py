"""Updates of one bot, worked off: those of a chat in their order, those of several chats at once.

What takes long in one chat (a file, a model) holds up no other. Nothing is confirmed to Telegram before it is done: as
long as something is in hand, updates are asked for again from the first that is not, and those that are known are
passed over.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

import structlog

from gateway.telegram.library import Update
from gateway.telegram.masking import masked
from runtime.database import DatabaseErrors
from runtime.errors import Retry
from runtime.tasks import end

__all__ = ["Lanes", "Unconfirmed", "chat_of"]

log = structlog.get_logger(__name__)

_TRIES = 3
_LOOK_S = 1.0


class Lanes:
    """Works updates off, each chat's in a lane of its own.

    `done`: called after each. `bugs`: counts what nobody foresaw.
    """

    def __init__(self, take: Callable[[Update], Awaitable[None]], done: Callable[[], None], bugs: Counter[str]) -> None:
        self._take = take
        self._done = done
        self._bugs = bugs
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._last: dict[int, asyncio.Task[None]] = {}

    def begin(self, update: Update) -> asyncio.Task[None]:
        """Begin with an update, behind those of its chat; one that is in hand is not begun again."""
        if (there := self._in_hand.get(update.update_id)) is not None:
            return there
        chat = chat_of(update)
        task = asyncio.create_task(self._behind(self._last.get(chat), update))
        self._in_hand[update.update_id] = self._last[chat] = task

        def forget(task: asyncio.Task[None]) -> None:
            self._in_hand.pop(update.update_id, None)
            if self._last.get(chat) is task:
                del self._last[chat]

        task.add_done_callback(forget)
        return task

    async def stop(self) -> None:
        """Leave what is in hand: it was not confirmed, so it comes again."""
        await end(*(task for task in self._in_hand.values() if task is not asyncio.current_task()))

    async def _behind(self, before: asyncio.Task[None] | None, update: Update) -> None:
        if before is not None:
            await asyncio.wait([before])
        await self._certainly(update)
        self._done()

    async def _certainly(self, update: Update) -> None:
        """Again and again while something is away; a bug is tried a few times, and then left aside."""
        tries, pause = 0, 0.5
        while True:
            try:
                await self._take(update)
                return
            except (Retry, *DatabaseErrors) as error:
                log.warning("telegram.update_waits", update=update.update_id, why=masked(error))
            except Exception:
                # A bug with what one person sent. Unconfirmed, it would come again for ever and hold up this chat, and
                # in time the updates of everybody else; it may pass (a deadlock), so it is tried again first.
                tries += 1
                self._bugs["update"] += 1
                log.exception("telegram.bug", update=update.update_id, so_far=self._bugs.total())
                if tries >= _TRIES:
                    return
            await asyncio.sleep(pause)
            pause = min(10.0, pause * 2)


class Unconfirmed:
    """Updates that were handed out by polling. `offset`: from where to ask on; None: from where Telegram is."""

    def __init__(self, lanes: Lanes) -> None:
        self.offset: int | None = None
        self._lanes = lanes
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def work_off(self, updates: Iterable[Update]) -> None:
        """Begin what is new. Returns when all is done, or after a second, in which others may have written."""
        for update in updates:
            if update.update_id not in self._tasks:
                self._tasks[update.update_id] = self._lanes.begin(update)
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=_LOOK_S)
        for ident, task in list(self._tasks.items()):
            if not task.done():
                self.offset = ident
                break
            self.offset = ident + 1
            del self._tasks[ident]


def chat_of(update: Update) -> int:
    """The chat that an update comes from; 0 where it comes from none."""
    if update.message is not None:
        return update.message.chat.id
    if update.callback_query is not None:
        return update.callback_query.from_user.id
    return update.my_chat_member.chat.id if update.my_chat_member is not None else 0
