"""Groq's transcription, by its own client. Source: groq 1.7 and console.groq.com (speech to text, errors)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from actors.transcriber.adapters.asking import Reply, wrong_key
from actors.transcriber.ports import CannotHear
from actors.transcriber.settings import TranscriberSettings, listed
from runtime.once import Once

if TYPE_CHECKING:
    import groq

__all__ = ["Groq"]


class Groq:
    """See `Service`."""

    name = "groq"
    title = "Groq"
    settings = "CLIPWIRE_GROQ"

    def __init__(self, settings: TranscriberSettings) -> None:
        self.models = listed(settings.groq_transcribe_models)
        self.key = settings.groq_api_key
        self._base_url = settings.groq_base_url
        self._timeout_s = settings.groq_transcribe_timeout_s
        self._client = Once(self._new)

    def missing(self) -> CannotHear | None:
        """See `Service.missing`."""
        if self.key is not None:
            return wrong_key(self)
        return CannotHear("Groq is not asked without a key", advice="Set CLIPWIRE_GROQ_API_KEY to have it listen")

    async def ask(self, model: str, sound: Path) -> Reply:
        """See `Service.ask`. The client does not try again itself: what waits, waits on the bus."""
        client = await self._client.get()
        from actors.transcriber.adapters.http import sent

        return await sent(_asked(client, model, sound), self._timeout_s)

    def _new(self) -> groq.AsyncGroq:
        import groq

        from actors.transcriber.adapters.http import new_client

        key = self.key.get_secret_value() if self.key else ""
        return groq.AsyncGroq(api_key=key, base_url=self._base_url, max_retries=0, http_client=new_client())


async def _asked(client: groq.AsyncGroq, model: str, sound: Path) -> Reply:
    import groq

    body = await asyncio.to_thread(sound.read_bytes)
    try:
        answer = await client.audio.transcriptions.with_raw_response.create(
            file=(sound.name, body),
            model=model,
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
            temperature=0,
        )
        return Reply(answer.status_code, await answer.text(), dict(answer.headers))
    except groq.APIStatusError as error:
        return Reply(error.status_code, error.response.text, dict(error.response.headers))
    except groq.APIConnectionError as error:
        raise (error.__cause__ or ConnectionError("broke off")) from None
