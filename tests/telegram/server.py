"""A Bot API server on 127.0.0.1 that is as strict as the real one, with people on its other side."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import aiohttp
from aiohttp import web

__all__ = ["Api", "BotState", "Shown", "bot_api", "checked_buttons", "parsed"]

_TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote"}
_VIDEO = 50 * 1000 * 1000
Fault = Callable[[str, dict[str, Any]], Awaitable[web.Response | None]]


@dataclass
class Shown:
    """One message of a chat."""

    message_id: int
    chat_id: int
    text: str
    ours: bool
    buttons: list[list[dict[str, str]]] = field(default_factory=list)
    video: str | None = None
    bytes: int = 0
    html: str = ""
    edits: int = 0
    reply_to: int | None = None
    deleted: bool = False

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.buttons for button in row]


@dataclass
class BotState:
    """What the server knows of one bot."""

    token: str
    username: str
    revoked: bool = False
    webhook: dict[str, str] | None = None
    updates: list[dict[str, Any]] = field(default_factory=list)
    next_update: int = 1000
    messages: dict[int, Shown] = field(default_factory=dict)
    last_message: int = 0
    blocked: set[int] = field(default_factory=set)
    started: set[int] = field(default_factory=set)
    queries: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    polls: int = 0
    commands: dict[str, list[str]] = field(default_factory=dict)
    popups: list[str] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.token.partition(":")[0])

    def chat(self, user: int) -> list[Shown]:
        """What somebody sees, oldest first."""
        return [shown for shown in self.messages.values() if shown.chat_id == user and not shown.deleted]

    def said(self, user: int) -> list[Shown]:
        """What the bot said to somebody."""
        return [shown for shown in self.chat(user) if shown.ours]


class _Markup(HTMLParser):
    """Telegram's HTML: known tags, closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.plain = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in _TAGS:
            raise ApiError(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ApiError(400, "Bad Request: can't parse entities: Unmatched end tag")

    def handle_data(self, data: str) -> None:
        self.plain += data


class ApiError(Exception):
    """An answer that is no."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters

    def response(self) -> web.Response:
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return web.json_response(body, status=self.code)


def parsed(html: str, limit: int, empty: str) -> str:
    if re.search(r"&(?!(lt|gt|amp|quot|#\d+|#x[0-9a-f]+);)", html):
        raise ApiError(400, "Bad Request: can't parse entities: a bare ampersand")
    parser = _Markup()
    parser.feed(html)
    parser.close()
    if parser.open:
        raise ApiError(400, "Bad Request: can't parse entities: Can't find end tag")
    plain = parser.plain.strip()
    if not plain:
        raise ApiError(400, empty)
    if len(plain.encode("utf-16-le")) // 2 > limit:
        raise ApiError(
            400, "Bad Request: message is too long" if limit > 1024 else "Bad Request: message caption is too long"
        )
    return plain


def checked_buttons(markup: str | None) -> list[list[dict[str, str]]]:
    if not markup:
        return []
    rows: list[list[dict[str, str]]] = json.loads(markup)["inline_keyboard"]
    for button in (button for row in rows for button in row):
        if not button.get("text", "").strip():
            raise ApiError(400, "Bad Request: text buttons are unallowed in the inline keyboard")
        data, url = button.get("callback_data"), button.get("url")
        if (data is None) == (url is None):
            raise ApiError(400, "Bad Request: can't parse inline keyboard button: one of url and callback_data")
        if data is not None and not 1 <= len(data.encode()) <= 64:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
        if url is not None and not re.fullmatch(r"(https?|tg)://[^\s/.]+\.[^\s]+", url):
            raise ApiError(400, f"Bad Request: inline keyboard button URL '{url}' is invalid")
    return rows


class Api:
    """The server. `faults`: asked before each call, may answer in its place; `after`: told when one was done."""

    def __init__(self) -> None:
        self.bots: dict[str, BotState] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: list[Fault] = []
        self.after: list[Fault] = []
        self.news = asyncio.Condition()
        self.base = ""
        self.session: aiohttp.ClientSession | None = None
        self.limit = _VIDEO
        self.clients: set[web.Request] = set()

    def add(self, token: str, username: str) -> BotState:
        """A bot that @BotFather has made."""
        self.bots[token] = BotState(token, username)
        return self.bots[token]

    # -- the people

    async def write(self, bot: BotState, user: int, text: str, *, reply_to: Shown | None = None, **more: Any) -> Shown:
        """Somebody writes to a bot."""
        bot.started.add(user)
        bot.last_message += 1
        shown = Shown(bot.last_message, user, text, ours=False)
        bot.messages[shown.message_id] = shown
        message = self._message(bot, shown) | more | ({"text": text} if text else {})
        message["from"] = {
            "id": user,
            "is_bot": False,
            "first_name": f"Person {user}",
            "language_code": more.get("language", "en"),
        }
        message.pop("language", None)
        if reply_to is not None:
            message["reply_to_message"] = self._message(bot, reply_to)
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
        await self._update(bot, {"message": message})
        return shown

    async def press(self, bot: BotState, user: int, shown: Shown, label: str, *, language: str = "en") -> None:
        """Somebody presses a button, by a part of its label."""
        button = next(
            (
                button
                for row in shown.buttons
                for button in row
                if label in button["text"] and "callback_data" in button
            ),
            None,
        )
        assert button is not None, f"no button {label!r} in {shown.labels}"
        await self.press_data(bot, user, shown, button["callback_data"], language=language)

    async def press_data(self, bot: BotState, user: int, shown: Shown, data: str, *, language: str = "en") -> None:
        """A button's data comes back, whatever it is."""
        ident = f"q{bot.next_update}"
        bot.queries[ident] = "open"
        person = {"id": user, "is_bot": False, "first_name": f"Person {user}", "language_code": language}
        query = {"id": ident, "from": person, "chat_instance": "1", "data": data, "message": self._message(bot, shown)}
        await self._update(bot, {"callback_query": query})

    async def block(self, bot: BotState, user: int, *, blocked: bool = True) -> None:
        """Somebody blocks a bot, or lets it write again."""
        (bot.blocked.add if blocked else bot.blocked.discard)(user)
        person = {"id": user, "is_bot": False, "first_name": f"Person {user}"}
        robot = {"id": bot.id, "is_bot": True, "first_name": "b", "username": bot.username}
        statuses = ("member", "kicked") if blocked else ("kicked", "member")
        members = [
            {"status": status, "user": robot, **({"until_date": 0} if status == "kicked" else {})}
            for status in statuses
        ]
        change = {"chat": {"id": user, "type": "private", "first_name": "P"}, "from": person, "date": 1790000000}
        await self._update(
            bot, {"my_chat_member": {**change, "old_chat_member": members[0], "new_chat_member": members[1]}}
        )

    def _message(self, bot: BotState, shown: Shown) -> dict[str, Any]:
        chat = {"id": shown.chat_id, "type": "private", "first_name": f"Person {shown.chat_id}"}
        told: dict[str, Any] = {"message_id": shown.message_id, "date": 1790000000 + shown.message_id, "chat": chat}
        if shown.ours:
            told["from"] = {"id": bot.id, "is_bot": True, "first_name": "b", "username": bot.username}
        if shown.video:
            told["caption"] = shown.text
            told["video"] = {
                "file_id": shown.video, "file_unique_id": shown.video, "width": 1, "height": 1, "duration": 1,
            }  # fmt: skip
        elif shown.text:
            told["text"] = shown.text
        return told

    async def _update(self, bot: BotState, body: dict[str, Any]) -> None:
        update = {"update_id": bot.next_update, **body}
        bot.next_update += 1
        bot.updates.append(update)
        async with self.news:
            self.news.notify_all()
        if bot.webhook is not None:
            await self.deliver(bot)

    async def deliver(self, bot: BotState) -> list[int]:
        """Hand out updates by the webhook, in order, until one is not taken; the statuses."""
        assert bot.webhook is not None and self.session is not None
        statuses = []
        while bot.updates:
            headers = {"X-Telegram-Bot-Api-Secret-Token": bot.webhook["secret_token"]}
            async with self.session.post(bot.webhook["url"], json=bot.updates[0], headers=headers) as answer:
                statuses.append(answer.status)
                if answer.status != 200:
                    break
                bot.updates.pop(0)
        return statuses

    # -- the bots

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        method = request.match_info["method"]
        fields, files = await _fields(request)
        bot = self.bots.get(request.match_info["token"])
        told = {**fields, **{name: len(body) for name, body in files.items()}, "token": request.match_info["token"]}
        self.calls.append((method, told))
        try:
            for fault in list(self.faults):
                if (answer := await fault(method, told)) is not None:
                    return answer
            known, call = self._call(bot, method)
            result = await call(known, fields, files)
        except ApiError as error:
            return error.response()
        for fault in list(self.after):
            if (answer := await fault(method, told)) is not None:
                return answer
        return web.json_response({"ok": True, "result": result})

    def _call(self, bot: BotState | None, method: str) -> tuple[BotState, Callable[..., Awaitable[Any]]]:
        if bot is None:
            raise ApiError(404, "Not Found")
        if bot.revoked:
            raise ApiError(401, "Unauthorized")
        call = getattr(self, f"on_{method}", None)
        if call is None:
            raise ApiError(404, f"Not Found: method {method}")
        return bot, call

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
        async with self.news:
            self.news.notify_all()
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
        async with self.news:
            self.news.notify_all()
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
        async with self.news:
            self.news.notify_all()
        return self._message(bot, shown)

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
        async with self.news:
            self.news.notify_all()
        return self._message(bot, shown)

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

    async def file(self, request: web.Request) -> web.Response:
        """The content of a file."""
        bot = self.bots[request.match_info["token"]]
        return web.Response(body=bot.files[request.match_info["name"].removeprefix("videos/").removesuffix(".mp4")])

    async def until(self, condition: Callable[[], Any], within: float = 60.0) -> Any:
        """Wait until something is seen; what the condition gave."""

        async def wait() -> Any:
            async with self.news:
                await self.news.wait_for(condition)

        await asyncio.wait_for(wait(), within)
        return condition()


async def _fields(request: web.Request) -> tuple[dict[str, str], dict[str, bytes]]:
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    if request.content_type.startswith("multipart/"):
        reader = await request.multipart()
        async for part in reader:
            assert isinstance(part, aiohttp.BodyPartReader) and part.name
            if part.filename:
                files[part.name] = bytes(await part.read())
            else:
                fields[part.name] = await part.text()
    else:
        fields = {str(name): str(value) for name, value in (await request.post()).items()}
    return fields, files


@asynccontextmanager
async def bot_api() -> AsyncIterator[Api]:
    """The server, running."""
    api = Api()
    app = web.Application(client_max_size=1 << 30)
    app.router.add_post("/bot{token}/{method}", api.handle)
    app.router.add_get("/file/bot{token}/{name:.+}", api.file)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        api.session = session
        try:
            yield api
        finally:
            await runner.cleanup()
