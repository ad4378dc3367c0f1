"""Any server with OpenAI's transcription: OpenAI itself, and speaches, LocalAI, vLLM, whisper.cpp and others at home.

Source: OpenAI's API reference, `POST /audio/transcriptions`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from actors.transcriber.adapters.asking import Reply, wrong_key
from actors.transcriber.ports import CannotHear
from actors.transcriber.settings import TranscriberSettings, listed
from runtime.once import Once

if TYPE_CHECKING:
    import httpx

__all__ = ["OpenAI"]


class OpenAI:
    """See `Service`."""

    name = "openai"
    settings = "CLIPWIRE_OPENAI"

    def __init__(self, settings: TranscriberSettings) -> None:
        self.models = listed(settings.openai_transcribe_models)
        self._own = settings.openai_base_url != TranscriberSettings.model_fields["openai_base_url"].default
        self.title = f"the server at {urlsplit(settings.openai_base_url).hostname}" if self._own else "OpenAI"
        self.key = settings.openai_api_key
        self._base_url = settings.openai_base_url.rstrip("/")
        self._timeout_s = settings.openai_transcribe_timeout_s
        self._client = Once(_new)

    def missing(self) -> CannotHear | None:
        """See `Service.missing`. A server of one's own may do without a key."""
        if self.key is not None or self._own:
            return wrong_key(self)
        return CannotHear(
            "OpenAI is not asked without a key",
            advice="Set CLIPWIRE_OPENAI_API_KEY, or CLIPWIRE_OPENAI_BASE_URL for a server of your own",
        )

    async def ask(self, model: str, sound: Path) -> Reply:
        """See `Service.ask`."""
        client = await self._client.get()
        from actors.transcriber.adapters.http import sent

        body = await asyncio.to_thread(sound.read_bytes)
        posted = client.post(
            f"{self._base_url}/audio/transcriptions",
            headers={"authorization": f"Bearer {self.key.get_secret_value()}"} if self.key else {},
            files={"file": (sound.name, body, "audio/flac")},
            data={
                "model": model,
                "response_format": "verbose_json",
                "timestamp_granularities[]": ["word", "segment"],
                "temperature": "0",
            },
        )
        answer = await sent(posted, self._timeout_s)
        return Reply(answer.status_code, answer.text, {name.lower(): value for name, value in answer.headers.items()})


def _new() -> httpx.AsyncClient:
    from actors.transcriber.adapters.http import new_client

    return new_client()
