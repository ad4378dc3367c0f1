"""What Telegram refuses: markup that it cannot read, texts that are too long, buttons that cannot be."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

from aiohttp import web

__all__ = ["ApiError", "checked_buttons", "parsed"]

_TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote"}


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
    """The text that people see of `html`. `limit`: UTF-16 code units; `empty`: the refusal of a text without any."""
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
    """The rows of buttons of a `reply_markup`."""
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
