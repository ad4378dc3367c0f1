"""What the server knows of its bots: what people see in their chats, and what a test asks about."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

__all__ = ["BotState", "News", "Shown", "message_of"]


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


class News(asyncio.Condition):
    """Something has changed: whoever waits looks again."""

    async def tell(self) -> None:
        """It has."""
        async with self:
            self.notify_all()


def message_of(bot: BotState, shown: Shown) -> dict[str, Any]:
    """A message as the Bot API tells it."""
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
