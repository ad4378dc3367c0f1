"""Ollama, on this machine or another one of yours. A model that is not loaded yet takes minutes to answer first.

Source: ollama-python 0.6, `/api/chat`. Its default context of 4096 tokens would cut the material silently, so the size
that is needed is sent. Models that think do it unasked, and held to a schema they may say nothing else; told not to,
some forget the schema, which is sent in words, too (ollama/ollama, issues 14645 and 15260).
"""

from __future__ import annotations

import base64
from typing import Any

from actors.vlm.adapters.judging.models.chat import system_text, tokens_of
from actors.vlm.adapters.judging.models.http import reading
from actors.vlm.adapters.judging.models.provider import Provider
from actors.vlm.ports import Ask, Reply

__all__ = ["OllamaChat"]

_ALWAYS_THINKS = "gpt-oss"
"""In the names of models that can only be told how much."""
_CONTEXT_STEP = 4096
_BYTES_PER_TOKEN = 3
_PICTURE_TOKENS = 2048


class OllamaChat(Provider):
    """See `ChatModel`."""

    provider = "ollama"
    title = "Ollama"

    async def answer(self, model: str, ask: Ask) -> Reply:
        """See `ChatModel.answer`."""
        response = await self.posted("/api/chat", _request(model, ask))
        if response.status_code != 200:
            raise self.refused(response)
        with reading(self.title):
            return _reply(response.json())


def _request(model: str, ask: Ask) -> dict[str, Any]:
    user: dict[str, Any] = {"role": "user", "content": ask.text}
    if ask.pictures:
        user["images"] = [base64.b64encode(picture).decode() for picture in ask.pictures]
    messages = [{"role": "system", "content": system_text(ask, schema_in_words=True)}, user]
    if ask.fault:
        messages += [{"role": "assistant", "content": ask.answered}, {"role": "user", "content": ask.fault}]
    written = sum(len(message["content"].encode()) for message in messages)
    needed = written // _BYTES_PER_TOKEN + len(ask.pictures) * _PICTURE_TOKENS + ask.most_tokens
    return {
        "model": model,
        "messages": messages,
        "stream": False,
        "format": ask.schema,
        "think": "low" if _ALWAYS_THINKS in model else False,
        "options": {
            "num_ctx": -(-needed // _CONTEXT_STEP) * _CONTEXT_STEP,
            "num_predict": ask.most_tokens,
            "temperature": 0,
        },
    }


def _reply(body: Any) -> Reply:
    text = body["message"].get("content") or ""
    why = "" if text else f"it ended with {body.get('done_reason')}"
    return Reply(str(text), tokens_of(body, "prompt_eval_count"), tokens_of(body, "eval_count"), why)
