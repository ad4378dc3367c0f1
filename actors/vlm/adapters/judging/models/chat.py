"""A request and its answer in the form that OpenAI's chat protocol has and many servers speak."""

from __future__ import annotations

import base64
import json
from typing import Any

from actors.vlm.ports import Ask, Reply

__all__ = ["messages", "reply_of", "system_text", "tokens_of"]


def system_text(ask: Ask, *, schema_in_words: bool) -> str:
    """The instruction; with the schema where the server does not hold the model to it."""
    if not schema_in_words:
        return ask.system
    return f"{ask.system}\n\nThe JSON object must fit this JSON schema:\n{json.dumps(ask.schema)}"


def messages(ask: Ask, *, schema_in_words: bool) -> list[dict[str, Any]]:
    """System, user, and where an answer has to be repaired, that answer and what is wrong with it."""
    content: str | list[dict[str, Any]] = ask.text
    if ask.pictures:
        shown = [f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}" for picture in ask.pictures]
        content = [{"type": "text", "text": ask.text}]
        content += [{"type": "image_url", "image_url": {"url": url}} for url in shown]
    out: list[dict[str, Any]] = [
        {"role": "system", "content": system_text(ask, schema_in_words=schema_in_words)},
        {"role": "user", "content": content},
    ]
    if ask.fault:
        out += [{"role": "assistant", "content": ask.answered}, {"role": "user", "content": ask.fault}]
    return out


def reply_of(body: Any) -> Reply:
    """The first choice of an answer and its count of tokens. For `reading`: another shape raises whatever it does."""
    choice = body["choices"][0]
    text = choice["message"].get("content") or ""
    usage = body.get("usage") or {}
    why = "" if text else f"it ended with {choice.get('finish_reason')}"
    return Reply(str(text), tokens_of(usage, "prompt_tokens"), tokens_of(usage, "completion_tokens"), why)


def tokens_of(usage: Any, name: str) -> int | None:
    """A count of tokens; none where the server does not tell it, which is not the same as 0."""
    told = usage.get(name)
    return None if told is None else int(told)
