"""Groq, by its maker's client. Only some of its models see pictures, and only some keep strictly to a schema.

Sources: SDK 1.7; console.groq.com, "Images and Vision" (at most 5 pictures, 2048 tokens each) and "Structured Outputs".
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import httpx

from actors.vlm.adapters.models.chat import messages, reply_of
from actors.vlm.adapters.models.http import LOST, failed, fault_of, reading, refusal, seconds_of
from actors.vlm.ports import Ask, Reply

if TYPE_CHECKING:
    from groq import APIStatusError, AsyncGroq

__all__ = ["GroqChat"]

_SEES = "qwen/qwen3"
_STRICT = "openai/gpt-oss"


class GroqChat:
    """See `ChatModel`."""

    provider = "groq"
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
        self._http, self._key, self._base_url = http, key, base_url
        self._models, self._pictures = models, pictures
        self.patience_s = patience_s
        self._client: AsyncGroq | None = None

    def offers(self, pictures: int) -> Sequence[tuple[str, int]]:
        """See `ChatModel.offers`. Those that see come first where there is something to see, and else last."""
        shown = min(pictures, self._pictures)
        seeing = [(name, shown) for name in self._models if name.startswith(_SEES)]
        others = [(name, 0) for name in self._models if not name.startswith(_SEES)]
        return [*seeing, *others] if shown else [*others, *seeing]

    async def answer(self, model: str, ask: Ask) -> Reply:
        """See `ChatModel.answer`."""
        if self._client is None:
            self._client = await asyncio.to_thread(self._open)
        import groq

        request = _request(model, ask)
        try:
            raw = await self._client.chat.completions.with_raw_response.create(**request)
        except groq.APIStatusError as error:
            return self._refused(error)
        except groq.APIConnectionError as error:
            if isinstance(error.__cause__, LOST):
                raise failed("Groq", error.__cause__) from None
            raise
        with reading("Groq"):
            return reply_of(await raw.json())

    def _open(self) -> AsyncGroq:
        from groq import AsyncGroq

        return AsyncGroq(
            api_key=self._key,
            base_url=self._base_url,
            http_client=self._http,
            max_retries=0,
            timeout=self.patience_s,
        )

    def _refused(self, error: APIStatusError) -> Reply:
        """An answer that it found unfit itself is one all the same, and charged, but untold; everything else raises."""
        fault = fault_of(error.response)
        if fault.get("code") == "json_validate_failed":
            return Reply(str(fault.get("failed_generation") or ""), why="it failed to write what fits the schema")
        after = seconds_of(error.response.headers.get("retry-after"))
        raise refusal("Groq", error.status_code, fault, key=self._key, after=after) from None


def _request(model: str, ask: Ask) -> dict[str, Any]:
    strict = model.startswith(_STRICT)
    form: dict[str, Any] = {"type": "json_object"}
    if strict:
        form = {"type": "json_schema", "json_schema": {"name": ask.name, "strict": True, "schema": ask.schema}}
    return {
        "model": model,
        "messages": messages(ask, schema_in_words=not strict),
        "max_completion_tokens": ask.most_tokens,
        "response_format": form,
        # gpt-oss cannot do without; the others can.
        "reasoning_effort": "low" if strict else "none",
        **({"include_reasoning": False} if strict else {}),
    }
