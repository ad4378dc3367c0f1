"""Any server that speaks OpenAI's chat protocol, over plain HTTP: its own, vLLM, llama.cpp, LM Studio, OpenRouter."""

from __future__ import annotations

from actors.vlm.adapters.judging.models.chat import messages, reply_of
from actors.vlm.adapters.judging.models.http import reading
from actors.vlm.adapters.judging.models.provider import Provider
from actors.vlm.ports import Ask, Reply

__all__ = ["OpenAiChat"]

_PATH = "/chat/completions"
_TOO_NEW = frozenset({400, 422})
"""What a server answers to a field that it does not know."""


class OpenAiChat(Provider):
    """See `ChatModel`. The schema is sent in words, too: not every server holds its model to it."""

    provider = "openai"
    title = "the OpenAI-compatible server"

    async def answer(self, model: str, ask: Ask) -> Reply:
        """See `ChatModel.answer`. Servers that know no schemas get a second request in the older form."""
        schema = {"name": ask.name, "strict": True, "schema": ask.schema}
        newer = {"response_format": {"type": "json_schema", "json_schema": schema}}
        older = {"response_format": {"type": "json_object"}}
        body = {"model": model, "messages": messages(ask, schema_in_words=True)}
        response = await self.posted(_PATH, {**body, **newer, "max_completion_tokens": ask.most_tokens})
        if response.status_code in _TOO_NEW:
            response = await self.posted(_PATH, {**body, **older, "max_tokens": ask.most_tokens})
        if response.status_code != 200:
            raise self.refused(response)
        with reading(self.title):
            return reply_of(response.json())
