"""Any server with OpenAI's transcription: OpenAI itself, and speaches, LocalAI, vLLM, whisper.cpp and others at home.

Source: OpenAI's API reference, `POST /audio/transcriptions`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from actors.transcriber.adapters.asking import Reply
from actors.transcriber.ports import CannotHear
from actors.transcriber.settings import TranscriberSettings, listed

__all__ = ["OpenAI"]

_CONNECT_S = 10.0


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

    def missing(self) -> CannotHear | None:
        """See `Service.missing`. A server of one's own may do without a key."""
        if self.key is not None or self._own:
            return None
        return CannotHear(
            "OpenAI is not asked without a key",
            advice="Set CLIPWIRE_OPENAI_API_KEY, or CLIPWIRE_OPENAI_BASE_URL for a server of your own",
        )

    async def ask(self, model: str, sound: Path) -> Reply:
        """See `Service.ask`."""
        import httpx

        body = await asyncio.to_thread(sound.read_bytes)
        headers = {"authorization": f"Bearer {self.key.get_secret_value()}"} if self.key else {}
        try:
            async with httpx.AsyncClient(
                headers=headers, timeout=httpx.Timeout(self._timeout_s, connect=_CONNECT_S)
            ) as client:
                answer = await client.post(
                    f"{self._base_url}/audio/transcriptions",
                    files={"file": (sound.name, body, "audio/flac")},
                    data={
                        "model": model,
                        "response_format": "verbose_json",
                        "timestamp_granularities[]": ["word", "segment"],
                        "temperature": "0",
                    },
                )
        except httpx.TimeoutException:
            raise TimeoutError(f"did not answer within {self._timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ConnectionError(f"cannot be reached, or broke off ({type(error).__name__})") from None
        return Reply(answer.status_code, answer.text, {name.lower(): value for name, value in answer.headers.items()})
