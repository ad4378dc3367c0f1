"""The providers of models. A new one is one file here, one line in `PROVIDERS`, and its settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter

import httpx

from actors.vlm.adapters.judging.models.gemini import GeminiChat
from actors.vlm.adapters.judging.models.groq import GroqChat
from actors.vlm.adapters.judging.models.ollama import OllamaChat
from actors.vlm.adapters.judging.models.openai import OpenAiChat
from actors.vlm.adapters.judging.models.provider import Access
from actors.vlm.ports import ChatModel
from actors.vlm.settings import VlmSettings

__all__ = ["PROVIDERS", "open_models"]

PROVIDERS: dict[str, Callable[[Access], ChatModel]] = {
    "gemini": GeminiChat,
    "groq": GroqChat,
    "openai": OpenAiChat,
    "ollama": OllamaChat,
}


def open_models(settings: VlmSettings, http: httpx.AsyncClient) -> Sequence[ChatModel]:
    """The providers that `vlm_models` names and that are set up, in its order: each with its models in a row."""
    rows = groupby(settings.models(), key=itemgetter(0))
    return [_open(provider, [model for _, model in row], settings, http) for provider, row in rows]


def _open(provider: str, models: Sequence[str], settings: VlmSettings, http: httpx.AsyncClient) -> ChatModel:
    key = getattr(settings, f"{provider}_api_key", None)
    access = Access(
        http,
        key=key.get_secret_value() if key else "",
        base_url=getattr(settings, f"{provider}_base_url"),
        models=models,
        pictures=getattr(settings, f"{provider}_frames"),
        patience_s=settings.ollama_timeout_s if provider == "ollama" else settings.vlm_model_timeout_s,
        watches=provider == "gemini" and settings.gemini_video,
    )
    return PROVIDERS[provider](access)
