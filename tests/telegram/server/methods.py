"""The methods of the Bot API that are there."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from tests.telegram.server.state import BotState, News, Shown, message_of
from tests.telegram.server.strict import ApiError, checked_buttons, parsed

__all__ = ["Methods"]

_VIDEO = 50 * 1000 * 1000


class Methods:
    """`news`: told whenever something has changed. `limit`: bytes that a video may have."""

    def __init__(self, news: News) -> None:
        self.news = news
        self.limit = _VIDEO

    async def on_getMe(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        return {"id": bot.id, "is_bot": True, "first_name": "The bot", "username": bot.username}

    async def on_setMyCommands(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        commands = json.loads(fields["commands"])
        assert len(commands) <= 100
        assert all(
            re.fullmatch(r"[a-z0-9_]{1,32}", each["command"]) and 1 <= len(each["description"]) <= 256
            for each in commands
        )
        bot.commands[fields.get("language_code", "")] = [each["command"] for each in commands]
        return True

    async def on_setWebhook(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,256}", fields["secret_token"])
        bot.webhook = {"url": fields["url"], "secret_token": fields["secret_token"]}
        await self.news.tell()
        return True

    async def on_deleteWebhook(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        bot.webhook = None
        return True

    async def on_getUpdates(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        if bot.webhook is not None:
            raise ApiError(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first"
            )
        bot.polls += 1
        mine = bot.polls
        await self.news.tell()
        if offset := int(fields.get("offset", 0)):
            bot.updates = [update for update in bot.updates if update["update_id"] >= offset]
        try:
            async with asyncio.timeout(min(float(fields.get("timeout", 0)), 2.0)), self.news:
                await self.news.wait_for(lambda: bool(bot.updates) or bot.polls != mine or bot.revoked)
        except TimeoutError:
            return []
        if bot.polls != mine:
            raise ApiError(409, "Conflict: terminated by other getUpdates request; make sure that only one bot runs")
        if bot.revoked:
            raise ApiError(401, "Unauthorized")
        return bot.updates[:100]

    def _chat(self, bot: BotState, fields: dict[str, str]) -> int:
        chat = int(fields["chat_id"])
        if chat not in bot.started:
            raise ApiError(400, "Bad Request: chat not found")
        if chat in bot.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return chat

    async def on_sendMessage(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        chat = self._chat(bot, fields)
        text = parsed(fields["text"], 4096, "Bad Request: message text is empty")
        return await self._show(
            bot, Shown(0, chat, text, True, checked_buttons(fields.get("reply_markup")), html=fields["text"])
        )

    async def on_sendVideo(self, bot: BotState, fields: dict[str, str], files: dict[str, bytes]) -> Any:
        chat = self._chat(bot, fields)
        text = parsed(fields["caption"], 1024, "Bad Request: caption is empty") if fields.get("caption") else ""
        video = fields["video"]
        if video.startswith("attach://"):
            body = files.get(video.removeprefix("attach://"))
            if body is None:
                raise ApiError(400, "Bad Request: there is no video in the request")
            if len(body) > self.limit:
                raise ApiError(413, "Request Entity Too Large")
            video = f"file{len(bot.files)}-{bot.id}"
            bot.files[video] = body
        elif video not in bot.files:
            raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        shown = Shown(
            0,
            chat,
            text,
            True,
            checked_buttons(fields.get("reply_markup")),
            video,
            len(bot.files[video]),
            fields.get("caption", ""),
        )
        return await self._show(bot, shown)

    async def _show(self, bot: BotState, shown: Shown) -> Any:
        bot.last_message += 1
        shown.message_id = bot.last_message
        bot.messages[shown.message_id] = shown
        await self.news.tell()
        return message_of(bot, shown)

    async def on_editMessageText(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        text = parsed(fields["text"], 4096, "Bad Request: message text is empty")
        return await self._edit(bot, fields, text, fields["text"], video=False)

    async def on_editMessageCaption(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        text = parsed(fields["caption"], 1024, "Bad Request: caption is empty")
        return await self._edit(bot, fields, text, fields["caption"], video=True)

    async def _edit(self, bot: BotState, fields: dict[str, str], text: str, html: str, *, video: bool) -> Any:
        chat, shown = self._chat(bot, fields), bot.messages.get(int(fields["message_id"]))
        if shown is None or shown.chat_id != chat or shown.deleted:
            raise ApiError(400, "Bad Request: message to edit not found")
        if not shown.ours:
            raise ApiError(400, "Bad Request: message can't be edited")
        if bool(shown.video) != video:
            what = "caption" if video else "text"
            raise ApiError(400, f"Bad Request: there is no {what} in the message to edit")
        buttons = checked_buttons(fields.get("reply_markup"))
        if (shown.html, shown.buttons) == (html, buttons):
            raise ApiError(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
                "same as a current content and reply markup of the message",
            )
        shown.text, shown.html, shown.buttons, shown.edits = text, html, buttons, shown.edits + 1
        await self.news.tell()
        return message_of(bot, shown)

    async def on_deleteMessage(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        shown = bot.messages.get(int(fields["message_id"]))
        if shown is None or shown.deleted:
            raise ApiError(400, "Bad Request: message to delete not found")
        shown.deleted = True
        return True

    async def on_answerCallbackQuery(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        if bot.queries.get(fields["callback_query_id"]) != "open":
            raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        assert len(fields.get("text", "")) <= 200
        bot.queries[fields["callback_query_id"]] = "answered"
        bot.popups.append(fields.get("text", ""))
        return True

    async def on_getFile(self, bot: BotState, fields: dict[str, str], _: Any) -> Any:
        body = bot.files.get(fields["file_id"])
        if body is None:
            raise ApiError(400, "Bad Request: invalid file_id")
        if len(body) > 20_000_000:
            raise ApiError(400, "Bad Request: file is too big")
        ident = fields["file_id"]
        return {"file_id": ident, "file_unique_id": ident, "file_size": len(body), "file_path": f"videos/{ident}.mp4"}
