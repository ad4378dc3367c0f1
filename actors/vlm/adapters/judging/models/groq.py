"""Groq, by its maker's client. Only some of its models see pictures, and only some keep strictly to a schema.

Sources: SDK 1.7; console.groq.com, "Images and Vision" (at most 5 pictures, 2048 tokens each) and "Structured Outputs".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import httpx

from actors.vlm.adapters.judging.models.chat import messages, reply_of
from actors.vlm.adapters.judging.models.http import LOST, failed, reading
from actors.vlm.adapters.judging.models.provider import Access, Provider
from actors.vlm.ports import Ask, Reply
from runtime.once import Once
from runtime.replies import fault_of

if TYPE_CHECKING:
    from groq import AsyncGroq

__all__ = ["GroqChat"]

_SEES = "qwen/qwen3"
_STRICT = "openai/gpt-oss"
_THINKS: dict[str, dict[str, Any]] = {
    _STRICT: {"reasoning_effort": "low", "include_reasoning": False},  # cannot do without
    _SEES: {"reasoning_effort": "none"},
}
"""What models that think are told about it; all others refuse to be told."""


class GroqChat(Provider):
    """See `ChatModel`."""

    provider = "groq"
    title = "Groq"

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._client = Once(self._open)

    def offers(self, pictures: int) -> Sequence[tuple[str, int]]:
        """See `ChatModel.offers`. Those that see come first where there is something to see, and else last."""
        offered = [(model, shown if model.startswith(_SEES) else 0) for model, shown in super().offers(pictures)]
        sees_first = bool(min(pictures, self.access.pictures))
        return sorted(offered, key=lambda offer: offer[0].startswith(_SEES) != sees_first)

    async def answer(self, model: str, ask: Ask) -> Reply:
        """See `ChatModel.answer`."""
        client = await self._client.get()
        import groq

        try:
            raw = await client.chat.completions.with_raw_response.create(**_request(model, ask))
        except groq.APIStatusError as error:
            return self._unfit(error.response)
        except groq.APIConnectionError as error:
            if isinstance(error.__cause__, LOST):
                raise failed(self.title, error.__cause__) from None
            raise
        with reading(self.title):
            return reply_of(await raw.json())

    def _open(self) -> AsyncGroq:
        from groq import AsyncGroq

        return AsyncGroq(
            api_key=self.access.key,
            base_url=self.access.base_url,
            http_client=self.access.http,
            max_retries=0,
            timeout=self.patience_s,
        )

    def _unfit(self, answer: httpx.Response) -> Reply:
        """An answer that it found unfit itself is one all the same, and charged, but untold; everything else raises."""
        fault = fault_of(answer.content)
        if fault.get("code") == "json_validate_failed":
            return Reply(str(fault.get("failed_generation") or ""), why="it failed to write what fits the schema")
        raise self.refused(answer) from None


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
        **next((told for begin, told in _THINKS.items() if model.startswith(begin)), {}),
    }
