"""Plain language, read by a model: one small JSON object by schema, of any server that speaks OpenAI's protocol."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.telegram.settings import TelegramSettings
from runtime.errors import Unavailable
from runtime.http import bounded_client

__all__ = ["Model", "Understood", "open_model"]

_PATIENCE_S = 20.0
_LARGEST = 1 << 18
_PROMPT = Path(__file__).parent / "prompts" / "plain.md"


class Understood(BaseModel):
    """What a person wants. `topic`: what to look for, for `scan`."""

    model_config = ConfigDict(extra="forbid")

    wants: Literal["scan", "clip", "queue", "status", "channels", "metrics", "retry", "help", "nothing"]
    topic: str = Field(default="", max_length=200)


class Model:
    """Asks a model at `url`. `key`: none, where the server wants none."""

    def __init__(self, client: httpx.AsyncClient, url: str, model: str, key: str | None) -> None:
        self._client = client
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._model = model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def read(self, text: str) -> Understood:
        """What the text asks for. Raises `Unavailable` where the model does not answer, or not what was asked."""
        schema = {"name": "understood", "schema": Understood.model_json_schema(), "strict": False}
        body: dict[str, Any] = {
            "model": self._model,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": _PROMPT.read_text(encoding="utf-8")},
                {"role": "user", "content": text},
            ],
            "response_format": {"type": "json_schema", "json_schema": schema},
        }
        try:
            answer = await self._client.post(self._url, json=body, headers=self._headers, timeout=_PATIENCE_S)
            if answer.status_code == httpx.codes.BAD_REQUEST:  # a server that knows no schemas
                body["response_format"] = {"type": "json_object"}
                answer = await self._client.post(self._url, json=body, headers=self._headers, timeout=_PATIENCE_S)
            answer.raise_for_status()
            return Understood.model_validate_json(answer.json()["choices"][0]["message"]["content"])
        except httpx.HTTPStatusError as error:
            raise Unavailable(f"the model answered {error.response.status_code}") from None
        except httpx.HTTPError as error:
            raise Unavailable(f"the model does not answer ({type(error).__name__})") from None
        except (ValidationError, json.JSONDecodeError, KeyError, IndexError, TypeError):
            raise Unavailable("the model did not answer as it was asked to") from None


@asynccontextmanager
async def open_model(settings: TelegramSettings) -> AsyncIterator[Model | None]:
    """The model that the settings name, if they name one whose key is there."""
    provider, _, name = (settings.telegram_model or "").partition(":")
    openai, groq = settings.openai_api_key, settings.groq_api_key
    servers = {
        "groq": (f"{settings.groq_base_url.rstrip('/')}/openai/v1", groq),
        "openai": (settings.openai_base_url, openai),
        "ollama": (f"{settings.ollama_base_url.rstrip('/')}/v1", None),
    }
    if provider not in servers or (provider == "groq" and groq is None):
        yield None
        return
    url, key = servers[provider]
    async with bounded_client(_LARGEST) as client:
        yield Model(client, url, name, key.get_secret_value() if key is not None else None)
