"""Makes the chats of one bot show what the cards say: new messages, edits in place, each said once.

The Bot API knows no idempotency keys. So it is written down before a message is sent behind which message id it will
be; private chats of a bot count theirs together (MTProto's common message box). Where the outcome is not known, because
the answer was lost or this process ended, the next few ids are asked for by an edit to the very same content: it
succeeds, or is refused as `not modified`, for our message alone. Found nowhere, it was not sent, and is.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiohttp import ClientConnectorError
from asyncpg import PostgresError

from gateway.telegram.content import CAPTION, TEXT, Content
from gateway.telegram.faces import Reader, face
from gateway.telegram.files import Files
from gateway.telegram.library import Bot, FSInputFile, LinkPreviewOptions, Message
from gateway.telegram.library import exceptions as telegram
from gateway.telegram.masking import masked
from gateway.telegram.rows import Due, Said
from gateway.telegram.store import Store
from gateway.telegram.words import words_in
from runtime.database import DatabaseErrors
from runtime.errors import ClipwireError
from runtime.tasks import end

__all__ = ["Pace", "Speaker"]

log = structlog.get_logger(__name__)

_AT_A_TIME = 8
_LOOK_BEHIND = 12
_UPLOAD_S = 900
_UPLOADING_S = 0.2
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "there is no text", "no caption")
_NO_CHAT = ("chat not found", "user is deactivated", "peer_id_invalid", "have no rights")


@dataclass(frozen=True)
class Pace:
    """How often one chat is spoken to, in seconds between two messages, and between two edits."""

    message: float
    edit: float


class Speaker:
    """Speaks for one bot. `lost`: called once its token is taken no more. `bugs`: counts what nobody foresaw."""

    def __init__(
        self,
        bot: Bot,
        store: Store,
        files: Files,
        *,
        zone: str,
        lost: Callable[[str], Awaitable[None]],
        pace: Pace,
        bugs: Counter[str],
    ) -> None:
        self.bot = bot
        self.store = store
        self.files = files
        self.news = asyncio.Event()
        self._zone = zone
        self._lost = lost
        self._pace = pace
        self._bugs = bugs
        self._send_at: dict[int, float] = {}
        self._edit_at: dict[int, float] = {}
        self._silent_until = 0.0
        self._failures: dict[int, int] = {}
        self._saying: dict[int, asyncio.Task[None]] = {}
        self._uploading: set[str] = set()

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                self.news.clear()
                try:
                    pause = await self._begin()
                except (*DatabaseErrors, PostgresError) as error:
                    log.warning("telegram.database_away", error=type(error).__name__)
                    pause = 1.0
                try:
                    async with asyncio.timeout(pause):
                        await self.news.wait()
                except TimeoutError:
                    continue
        finally:
            await end(*self._saying.values())

    async def _begin(self) -> float | None:
        """Begin to say what may be said now; seconds until there may be more."""
        now = self._now()
        if now < self._silent_until:
            return self._silent_until - now
        resting = {chat: at for chat, at in self._send_at.items() if at > now}
        self._send_at = resting
        waits = list(resting.values())
        for due in await self.store.due(self.bot.id, {*self._saying, *resting}):
            at = self._edit_at.get(due.chat_id, 0.0)
            if due.message_id is not None and at > now:
                waits.append(at)
            elif len(self._saying) < _AT_A_TIME:
                self._saying[due.chat_id] = asyncio.create_task(self._say(due))
        return max(0.02, min(waits) - now) if waits else 60.0

    async def _say(self, due: Due) -> None:
        chat = due.chat_id
        try:
            if due.message_id is None:
                await self._send(due)
            else:
                await self._edit(due, due.message_id)
            self._failures.pop(chat, None)
            self._send_at.setdefault(chat, self._now() + self._pace.message)
        except telegram.TelegramAPIError as error:
            await self._refused(due, error)
        except (telegram.ClientDecodeError, *DatabaseErrors, PostgresError, ClipwireError) as error:
            self._later(chat, error)
        except Exception as error:
            # A text of another version, or a bug: not set aside, it is tried for ever, and what is behind it never.
            self._bugs["message"] += 1
            log.exception("telegram.bug", card=due.card_id, so_far=self._bugs.total())
            await self.store.broken(due.card_id, type(error).__name__)
        finally:
            self._saying.pop(chat, None)
            self.news.set()

    async def _send(self, due: Due) -> None:
        content = self._content(due)
        if content.video is None:
            await self._send_once(due, content)
        elif (sha := content.video.file.sha256) in self._uploading:  # then it has an id, and takes no time
            self._send_at[due.chat_id] = self._now() + max(_UPLOADING_S, self._pace.message)
        else:
            self._uploading.add(sha)
            try:
                await self._send_once(due, content)
            finally:
                self._uploading.discard(sha)

    async def _send_once(self, due: Due, content: Content) -> None:
        video = await self.files.video(self.bot.id, content.video) if content.video else None
        form = "video" if video is not None else "text"
        if due.beginning is not None and (found := await self._found(due, content, form, due.beginning)):
            await self.store.said(due, Said(found, due.revision, content.digest(), form))
            return
        await self.store.begin_saying(due.card_id)
        sent = await (self._send_video(due, content, video) if video else self._send_text(due, content))
        await self.store.said(due, Said(sent.message_id, due.revision, content.digest(), form))
        if content.video and sent.video and isinstance(video, FSInputFile):
            await self.store.put_file(self.bot.id, content.video.file.sha256, sent.video.file_id)
            await self.files.sent(content.video)

    async def _send_text(self, due: Due, content: Content) -> Message:
        return await self.bot.send_message(
            due.chat_id,
            content.text(TEXT),
            parse_mode="HTML",
            reply_markup=content.markup(due.card_id),
            link_preview_options=_preview(content),
            disable_notification=content.silent,
        )

    async def _send_video(self, due: Due, content: Content, video: FSInputFile | str) -> Message:
        shape = content.video
        return await self.bot.send_video(
            due.chat_id,
            video,
            caption=content.text(CAPTION),
            parse_mode="HTML",
            width=shape.width if shape else None,
            height=shape.height if shape else None,
            duration=round(shape.duration) if shape else None,
            supports_streaming=True,
            reply_markup=content.markup(due.card_id),
            disable_notification=content.silent,
            request_timeout=_UPLOAD_S,
        )

    async def _edit(self, due: Due, message_id: int) -> None:
        content = self._content(due)
        if content.digest() != due.seen:
            try:
                await self._show(due, content, due.form, message_id)
            except telegram.TelegramBadRequest as error:
                if "not modified" not in error.message:
                    raise
            self._edit_at[due.chat_id] = self._now() + self._pace.edit
        await self.store.said(due, Said(message_id, due.revision, content.digest(), due.form))

    async def _show(self, due: Due, content: Content, form: str, message_id: int) -> None:
        markup: Any = content.markup(due.card_id)
        if form == "video":
            await self.bot.edit_message_caption(
                chat_id=due.chat_id,
                message_id=message_id,
                caption=content.text(CAPTION),
                parse_mode="HTML",
                reply_markup=markup,
            )
        else:
            await self.bot.edit_message_text(
                content.text(TEXT),
                chat_id=due.chat_id,
                message_id=message_id,
                parse_mode="HTML",
                reply_markup=markup,
                link_preview_options=_preview(content),
            )

    async def _found(self, due: Due, content: Content, form: str, beginning: int) -> int | None:
        """The message that was sent without our knowing, if it was."""
        taken = await self.store.taken_messages(self.bot.id, beginning)
        for message_id in range(beginning + 1, beginning + 1 + _LOOK_BEHIND):
            if message_id in taken:
                continue
            try:
                await self._show(due, content, form, message_id)
            except telegram.TelegramBadRequest as error:
                if "not modified" not in error.message:
                    continue
            log.info("telegram.found_again", card=due.card_id, message=message_id)
            return message_id
        return None

    def _content(self, due: Due) -> Content:
        zone = ZoneInfo(due.timezone or getattr(due.card, "zone", "") or self._zone)
        return face(due.card, Reader(words_in(due.language), zone, datetime.now(UTC)))

    async def _refused(self, due: Due, error: telegram.TelegramAPIError) -> None:
        """What Telegram did not do, or may have done. Only what was certainly not sent is noted as that."""
        words = error.message.lower()
        if isinstance(error, telegram.TelegramRetryAfter):
            self._silent_until = max(self._silent_until, self._now() + error.retry_after)
            log.info("telegram.told_to_wait", bot=self.bot.id, seconds=error.retry_after)
        elif isinstance(error, telegram.TelegramEntityTooLarge):  # which aiogram takes for a fault of the network
            await self._mend(due, error)
        elif isinstance(error, telegram.TelegramNetworkError | telegram.TelegramServerError):
            self._later(due.chat_id, error)
            if not isinstance(error.__cause__, ClientConnectorError):
                return
        elif isinstance(error, telegram.TelegramUnauthorizedError | telegram.TelegramNotFound):
            await self._lost(masked(error))
        elif isinstance(error, telegram.TelegramForbiddenError) or any(part in words for part in _NO_CHAT):
            await self.store.link_active(due.bot_id, due.chat_id, active=False)
            log.info("telegram.not_wanted", bot=due.bot_id, why=masked(error))
        elif due.message_id is not None and any(part in words for part in _GONE):
            await self.store.lost_message(due.card_id)
        else:
            await self._mend(due, error)
        if due.beginning is None:  # else this may have been the answer to the question where it is
            await self.store.not_said(due.card_id)

    async def _mend(self, due: Due, error: telegram.TelegramAPIError) -> None:
        """What is refused for what is in it: the file can be sent otherwise, the rest cannot be said."""
        video = self._content(due).video
        if video is not None and due.message_id is None:
            known = await self.store.file(due.bot_id, video.file.sha256)
            if known is not None:
                await self.store.forget_file(due.bot_id, video.file.sha256)
                return
            if isinstance(error, telegram.TelegramEntityTooLarge) and self.files.smaller(video):
                return
            if self.files.without(video):
                return
        log.warning("telegram.refused", card=due.card_id, why=masked(error))
        await self.store.broken(due.card_id, masked(error))

    def _later(self, chat: int, error: BaseException) -> None:
        """Try again after a growing pause, in which a request that was cut off may still arrive there."""
        failures = self._failures[chat] = self._failures.get(chat, 0) + 1
        pause = min(60.0, self._pace.edit * 2 ** (failures - 1))
        self._send_at[chat] = self._now() + pause
        log.warning("telegram.later", bot=self.bot.id, why=masked(error), again_in_s=round(pause, 1))

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _preview(content: Content) -> LinkPreviewOptions:
    if content.preview is None:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(url=content.preview, prefer_large_media=True)
