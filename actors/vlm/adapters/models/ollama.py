"""Ollama, on this machine or another one of yours. A model that is not loaded yet takes minutes to answer first.

Source: ollama-python 0.6, `/api/chat`. Its default context of 4096 tokens would cut the material silently, so the size
that is needed is sent.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import httpx

from actors.vlm.adapters.models.chat import system_text, tokens_of
from actors.vlm.adapters.models.http import LOST, failed, fault_of, reading, refusal, seconds_of
from actors.vlm.ports import Ask, ModelError, Reply

__all__ = ["OllamaChat"]

_NAME = "Ollama"
_CONTEXT_STEP = 4096
_BYTES_PER_TOKEN = 3
_PICTURE_TOKENS = 2048


class OllamaChat:
    """See `ChatModel`."""

    provider = "ollama"
    watches = False

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        key: str,
        base_url: str,
        models: Sequence[str],
        pictures: int,
        patience_s: float,
    ) -> None:
        self._http, self._key, self._base_url = http, key, base_url.rstrip("/")
        self._models, self._pictures = models, pictures
        self.patience_s = patience_s

    def offers(self, pictures: int) -> Sequence[tuple[str, int]]:
        """See `ChatModel.offers`."""
        return [(name, min(pictures, self._pictures)) for name in self._models]

    async def answer(self, model: str, ask: Ask) -> Reply:
        """See `ChatModel.answer`."""
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            response = await self._http.post(f"{self._base_url}/api/chat", json=_request(model, ask), headers=headers)
        except LOST as error:
            raise failed(_NAME, error) from None
        if response.status_code != 200:
            raise _refused(response, self._key)
        with reading(_NAME):
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
        "options": {
            "num_ctx": -(-needed // _CONTEXT_STEP) * _CONTEXT_STEP,
            "num_predict": ask.most_tokens,
            "temperature": 0,
        },
    }


def _refused(response: httpx.Response, key: str) -> ModelError:
    """503 is a full queue: it may be asked again soon."""
    after = seconds_of(response.headers.get("retry-after")) or (2.0 if response.status_code == 503 else None)
    return refusal(_NAME, response.status_code, fault_of(response), key=key, after=after)


def _reply(body: Any) -> Reply:
    text = body["message"].get("content") or ""
    why = "" if text else f"it ended with {body.get('done_reason')}"
    return Reply(str(text), tokens_of(body, "prompt_eval_count"), tokens_of(body, "eval_count"), why)
