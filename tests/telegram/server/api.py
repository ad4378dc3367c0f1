"""The server itself: its people, its faults, and the calls of bots."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tests.telegram.server.methods import Methods
from tests.telegram.server.state import BotState, News, Shown, message_of
from tests.telegram.server.strict import ApiError

__all__ = ["Api", "Fault", "bot_api"]

Fault = Callable[[str, dict[str, Any]], Awaitable[web.Response | None]]


class Api:
    """The server. `faults`: asked before each call, may answer in its place; `after`: told when one was done."""

    def __init__(self) -> None:
        self.bots: dict[str, BotState] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: list[Fault] = []
        self.after: list[Fault] = []
        self.news = News()
        self.methods = Methods(self.news)
        self.base = ""
        self.session: aiohttp.ClientSession | None = None

    def add(self, token: str, username: str) -> BotState:
        """A bot that @BotFather has made."""
        self.bots[token] = BotState(token, username)
        return self.bots[token]

    def renew(self, bot: BotState, token: str) -> None:
        """@BotFather gives a bot another token; everything else of it stays."""
        self.bots[token] = self.bots.pop(bot.token)
        bot.token, bot.revoked = token, False

    # -- the people

    async def write(self, bot: BotState, user: int, text: str, *, reply_to: Shown | None = None, **more: Any) -> Shown:
        """Somebody writes to a bot."""
        bot.started.add(user)
        bot.last_message += 1
        shown = Shown(bot.last_message, user, text, ours=False)
        bot.messages[shown.message_id] = shown
        message = message_of(bot, shown) | more | ({"text": text} if text else {})
        message["from"] = {
            "id": user,
            "is_bot": False,
            "first_name": f"Person {user}",
            "language_code": more.get("language", "en"),
        }
        message.pop("language", None)
        if reply_to is not None:
            message["reply_to_message"] = message_of(bot, reply_to)
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
        await self.update(bot, {"message": message})
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
        query = {"id": ident, "from": person, "chat_instance": "1", "data": data, "message": message_of(bot, shown)}
        await self.update(bot, {"callback_query": query})

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
        await self.update(
            bot, {"my_chat_member": {**change, "old_chat_member": members[0], "new_chat_member": members[1]}}
        )

    async def update(self, bot: BotState, body: dict[str, Any]) -> None:
        """Something that the bot is to hear of."""
        update = {"update_id": bot.next_update, **body}
        bot.next_update += 1
        bot.updates.append(update)
        await self.news.tell()
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
        call = getattr(self.methods, f"on_{method}", None)
        if call is None:
            raise ApiError(404, f"Not Found: method {method}")
        return bot, call

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
