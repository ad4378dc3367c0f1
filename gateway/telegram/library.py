"""What the bot needs of aiogram, imported from here alone, because so it starts at a quarter of the cost.

Whoever imports aiogram builds the validators of all its types, each with whatever it may contain: seconds of a core and
100 MB. Left to pydantic, a type gets its own when it is first used, and a bot uses few (ADR 0027).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

__all__ = [
    "AiohttpSession",
    "BaseSession",
    "Bot",
    "BotCommand",
    "CallbackData",
    "CallbackQuery",
    "ChatMemberUpdated",
    "FSInputFile",
    "InlineKeyboardButton",
    "InlineKeyboardMarkup",
    "LinkPreviewOptions",
    "Message",
    "TelegramAPIServer",
    "TokenValidationError",
    "Update",
    "exceptions",
]


@contextmanager
def _built_when_used() -> Iterator[None]:
    """Its types are declared to be built late; then its package asks each to build itself at once."""
    at_once = vars(BaseModel)["model_rebuild"]
    later = classmethod(lambda cls, **options: None)
    type.__setattr__(BaseModel, "model_rebuild", later)
    try:
        yield
    finally:
        type.__setattr__(BaseModel, "model_rebuild", at_once)


with _built_when_used():
    from aiogram import Bot, exceptions, types
    from aiogram.client.default import Default
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.session.base import BaseSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.filters.callback_data import CallbackData
    from aiogram.types import (
        BotCommand,
        CallbackQuery,
        ChatMemberUpdated,
        FSInputFile,
        InlineKeyboardButton,
        InlineKeyboardMarkup,
        LinkPreviewOptions,
        Message,
        Update,
    )
    from aiogram.utils.token import TokenValidationError


def _name_each_other() -> None:
    """Tell the module of each type the others that its fields name: for itself it knows them only to a type checker."""
    known: dict[str, Any] = {"Default": Default, **{name: getattr(types, name) for name in types.__all__}}
    for entity in known.values():
        module = vars(sys.modules[entity.__module__])
        for base in getattr(entity, "__mro__", ()):
            for annotation in vars(base).get("__annotations__", {}).values():
                for name in re.findall(r"\w+", str(annotation)):
                    if name in known:
                        module.setdefault(name, known[name])


_name_each_other()
