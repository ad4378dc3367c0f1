"""Stands in for a Telegram Bot API server: one bot, one channel, and errors in its words."""

from __future__ import annotations

from typing import Any

from actors.publisher.adapters.platforms.telegram import Telegram, TelegramSettings
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply
from tests.publisher.support import START

__all__ = ["CHAT", "TELEGRAM", "TOKEN", "TelegramServer", "error", "open_telegram"]

TOKEN = "42:AAbb-cc_DD"
CHAT = -1001234567890


def ok(result: Any) -> Reply:
    return json_reply({"ok": True, "result": result})


def error(code: int, words: str, **parameters: int) -> Reply:
    told = {"ok": False, "error_code": code, "description": words}
    return json_reply({**told, "parameters": parameters} if parameters else told, code)


class TelegramServer(PlatformServer):
    """`chat`: what the channel is. `member`: what the bot is in it. `refuses`: the next answers, by method."""

    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN
        self.chat: dict[str, Any] = {"id": CHAT, "type": "channel", "title": "Shorts", "username": "my_shorts"}
        self.member: dict[str, Any] = {"status": "administrator", "can_post_messages": True}
        self.refuses: dict[str, Reply] = {}
        self.messages: dict[int, dict[str, str]] = {}
        self.on("POST", r"/bot([^/]+)/(\w+)", self.called)

    def called(self, request: Request, token: str, method: str) -> Reply:
        if token != self.token:
            return error(401, "Unauthorized")
        if "authorization" in request.headers:
            return error(400, "Bad Request: unexpected header")
        if method in self.refuses:
            return self.refuses.pop(method)
        match method:
            case "getMe":
                return ok({"id": 42, "is_bot": True, "first_name": "b", "username": "bbot"})
            case "sendVideo":
                return self.send(request.parts())
            case "getChat" | "getChatMember" | "deleteMessage":
                return self.about(method, request.form())
        return error(404, "Not Found")

    def about(self, method: str, form: dict[str, str]) -> Reply:
        if form["chat_id"] not in {str(CHAT), f"@{self.chat.get('username')}"}:
            return error(400, "Bad Request: chat not found")
        if method == "getChat":
            return ok(self.chat)
        if method == "getChatMember":
            return ok(self.member) if form["user_id"] == "42" else error(400, "Bad Request: user not found")
        if self.messages.pop(int(form["message_id"]), None) is None:
            return error(400, "Bad Request: message to delete not found")
        self.posted.pop()
        return ok(True)

    def send(self, parts: dict[str, bytes]) -> Reply:
        fields = {name: value.decode() for name, value in parts.items() if name not in {"video", "cover_file"}}
        if fields.get("chat_id") != str(CHAT):
            return error(400, "Bad Request: chat not found")
        if fields["cover"] != "attach://cover_file" or not parts["cover_file"]:
            return error(400, "Bad Request: wrong file identifier/HTTP URL specified")
        if len(fields["caption"].encode("utf-16-le")) // 2 > 1024:
            return error(400, "Bad Request: message caption is too long")
        if not self.member.get("can_post_messages"):
            return error(400, "Bad Request: need administrator rights in the channel chat")
        ident = len(self.messages) + 7
        self.messages[ident] = fields
        self.posted.append(parts["video"])
        return ok({"message_id": ident, "date": int(START.timestamp()) + 5, "chat": self.chat})


def open_telegram(url: str) -> Telegram:
    return Telegram(TelegramSettings(_env_file=None, telegram_base_url=url))


TELEGRAM = Case(
    server=TelegramServer,
    open=open_telegram,
    tokens=Tokens(access=TOKEN, more={"chat": "@my_shorts", "bot_id": "42"}),
    account="my_shorts",
    details={"chat_id": str(CHAT), "type": "channel", "bot_id": "42", "username": "my_shorts"},
)
