"""Any server that speaks OpenAI's chat protocol, over plain HTTP: its own, vLLM, llama.cpp, LM Studio, OpenRouter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from actors.vlm.adapters.models.chat import messages, reply_of
from actors.vlm.adapters.models.http import LOST, failed, fault_of, reading, refusal, seconds_of
from actors.vlm.ports import Ask, Reply

__all__ = ["OpenAiChat"]

_NAME = "the OpenAI-compatible server"
_TOO_NEW = frozenset({400, 422})
"""What a server answers to a field that it does not know."""


class OpenAiChat:
    """See `ChatModel`. The schema is sent in words, too: not every server holds its model to it."""

    provider = "openai"
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
        """See `ChatModel.answer`. Servers that know no schemas get a second request in the older form."""
        schema = {"name": ask.name, "strict": True, "schema": ask.schema}
        newer = {"response_format": {"type": "json_schema", "json_schema": schema}}
        older = {"response_format": {"type": "json_object"}}
        try:
            response = await self._post(model, ask, {**newer, "max_completion_tokens": ask.most_tokens})
            if response.status_code in _TOO_NEW:
                response = await self._post(model, ask, {**older, "max_tokens": ask.most_tokens})
        except LOST as error:
            raise failed(_NAME, error) from None
        if response.status_code != 200:
            after = seconds_of(response.headers.get("retry-after"))
            raise refusal(_NAME, response.status_code, fault_of(response), key=self._key, after=after)
        with reading(_NAME):
            return reply_of(response.json())

    async def _post(self, model: str, ask: Ask, form: dict[str, Any]) -> httpx.Response:
        body = {"model": model, "messages": messages(ask, schema_in_words=True), **form}
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        return await self._http.post(f"{self._base_url}/chat/completions", json=body, headers=headers)
