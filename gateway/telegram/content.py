"""What one message shows: its text as Telegram's HTML within Telegram's limits, its buttons, its video."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from html import unescape
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.media import MediaRef
from gateway.telegram.library import CallbackData, InlineKeyboardButton, InlineKeyboardMarkup

__all__ = ["CAPTION", "TEXT", "Button", "Content", "Press", "VideoFile", "fitted", "units"]

TEXT = 4096
CAPTION = 1024
"""UTF-16 code units that the text of a message, and that below a video, may have after its tags are taken away."""
_TAG = re.compile(r"</?[a-z]+[^>]*>")
_LONGEST_LABEL = 60


class Press(CallbackData, prefix="c"):
    """What a button brings back, in at most 64 bytes: what to do (`verb`) with which card, and a choice among few."""

    verb: str
    card: Annotated[int, Field(ge=0, lt=2**63)]
    choice: str = ""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Button(_Value):
    """A button that does something (`verb`, `choice`), or one that opens an address."""

    label: str
    verb: str = ""
    choice: str = ""
    url: str | None = None


class VideoFile(_Value):
    """The video of a message: a file of the media store, with what a player shows before it is there."""

    file: MediaRef
    width: int
    height: int
    duration: float


class Content(_Value):
    """One message. `silent`: the phone does not ring. `preview`: an address that is shown as a player or picture."""

    lines: tuple[str, ...]
    rows: tuple[tuple[Button, ...], ...] = ()
    video: VideoFile | None = None
    preview: str | None = None
    silent: bool = False

    def text(self, limit: int) -> str:
        """As HTML, with at most `limit` UTF-16 code units after tags were taken away."""
        return fitted(self.lines, limit)

    def markup(self, card: int) -> InlineKeyboardMarkup | None:
        """The buttons, as those of this card."""
        rows = [
            [
                InlineKeyboardButton(text=_label(button.label), url=button.url)
                if button.url is not None
                else InlineKeyboardButton(
                    text=_label(button.label),
                    callback_data=Press(verb=button.verb, card=card, choice=button.choice).pack(),
                )
                for button in row
            ]
            for row in self.rows
        ]
        return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None

    def digest(self) -> str:
        """The same for two that look the same."""
        return hashlib.sha256(self.model_dump_json(exclude={"silent"}).encode()).hexdigest()


def units(html: str) -> int:
    """How long Telegram takes a text to be."""
    return len(unescape(_TAG.sub("", html)).encode("utf-16-le")) // 2


def fitted(lines: Iterable[str], limit: int) -> str:
    """As many whole lines as there is room for; each is HTML that stands by itself. One that is too long is cut."""
    kept: list[str] = []
    room = limit
    for line in lines:
        size = units(line)
        if size + (1 if kept else 0) > room:
            if not kept:
                kept.append(_cut(line, room))
            break
        room -= size + (1 if kept else 0)
        kept.append(line)
    return "\n".join(kept).strip("\n")


def _cut(line: str, room: int) -> str:
    """Without its tags, because cutting would open or close one."""
    plain = unescape(_TAG.sub("", line))
    while len(plain.encode("utf-16-le")) // 2 > room - 1:
        plain = plain[:-1]
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + "…"


def _label(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"
