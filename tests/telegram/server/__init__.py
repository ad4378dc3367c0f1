"""A Bot API server on 127.0.0.1 that is as strict as the real one, with people on its other side."""

from __future__ import annotations

from tests.telegram.server.api import Api, bot_api
from tests.telegram.server.state import BotState, Shown, message_of
from tests.telegram.server.strict import ApiError, checked_buttons, parsed

__all__ = ["Api", "ApiError", "BotState", "Shown", "bot_api", "checked_buttons", "message_of", "parsed"]
