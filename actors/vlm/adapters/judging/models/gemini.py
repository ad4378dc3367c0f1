"""Gemini, by its maker's client, on the Developer API (v1).

Sources: google-genai 3.4; ai.google.dev. Temperature is deprecated there and not sent. The client is given our own HTTP
client, so that answers are bounded and nothing else retries.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx

from actors.vlm.adapters.judging.models.chat import tokens_of
from actors.vlm.adapters.judging.models.http import LOST, failed, reading, refusal
from actors.vlm.adapters.judging.models.provider import Access, Provider
from actors.vlm.ports import Ask, ModelError, Reply
from runtime.once import Once
from runtime.replies import retry_after, seconds_of

if TYPE_CHECKING:
    from google.genai import Client, types
    from google.genai.errors import APIError

__all__ = ["GeminiChat"]

_POLL_S, _UPLOAD_S, _FORGET_S = 0.2, 900.0, 10.0
"""Seconds: the first pause while a video is made ready; to send it and to be answered; to have it deleted."""
_CARELESS = (AttributeError, LookupError, ValueError, RecursionError)
"""What the client raises for errors and uploads that are answered in another shape than it expects."""


class GeminiChat(Provider):
    """See `ChatModel`."""

    provider = "gemini"
    title = "Gemini"

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.patience_s = max(access.patience_s, _UPLOAD_S) if self.watches else access.patience_s
        self._client = Once(self._open)

    async def answer(self, model: str, ask: Ask) -> Reply:
        """See `ChatModel.answer`."""
        client = await self._client.get()
        from google.genai.errors import APIError

        models, config = client.aio.models, _config(model, ask)
        try:
            async with self._uploaded(client, ask) as film:
                said = await models.generate_content(model=model, contents=_contents(ask, film), config=config)
        except APIError as error:
            raise refusal(self.title, error.code, _fault(error), key=self.access.key, after=_delay(error)) from None
        except (*LOST, *_CARELESS) as error:
            raise failed(self.title, error) from None
        answer = said.sdk_http_response
        with reading(self.title):
            return _reply(json.loads((answer and answer.body) or ""))

    @asynccontextmanager
    async def _uploaded(self, client: Client, ask: Ask) -> AsyncIterator[types.File | None]:
        """The whole video, for as long as it is asked about; a repair is about the form of an answer and needs none."""
        if not (self.watches and ask.video) or ask.fault:
            yield None
            return
        from google.genai import types
        from google.genai.errors import APIError

        config = types.UploadFileConfig(mime_type=ask.video.content_type)
        film = await client.aio.files.upload(file=str(ask.video.path), config=config)
        name, pause = film.name or "", _POLL_S
        try:
            while film.state == types.FileState.PROCESSING:
                await asyncio.sleep(pause)
                pause = min(5.0, pause * 2)
                film = await client.aio.files.get(name=name)
            if film.state != types.FileState.ACTIVE:
                raise ModelError("Gemini could not read the video", "refused")
            yield film
        finally:
            with suppress(APIError, TimeoutError, *LOST, *_CARELESS):  # it is forgotten there after two days
                async with asyncio.timeout(_FORGET_S):
                    await client.aio.files.delete(name=name)

    def _open(self) -> Client:
        from google.genai import Client, types

        options = types.HttpOptions(
            base_url=self.access.base_url,
            api_version="v1",
            httpx_async_client=self.access.http,
            httpx_client=httpx.Client(transport=httpx.BaseTransport()),  # never used; else it makes one of its own
        )
        return Client(vertexai=False, api_key=self.access.key, http_options=options)


def _contents(ask: Ask, film: types.File | None) -> list[types.Content]:
    from google.genai import types

    pictures = [types.Part(file_data=types.FileData(file_uri=film.uri, mime_type=film.mime_type))] if film else []
    pictures += [types.Part.from_bytes(data=picture, mime_type="image/jpeg") for picture in ask.pictures]
    contents = [types.Content(role="user", parts=[*pictures, types.Part.from_text(text=ask.text)])]
    if ask.fault:
        contents += [
            types.Content(role="model", parts=[types.Part.from_text(text=ask.answered)]),
            types.Content(role="user", parts=[types.Part.from_text(text=ask.fault)]),
        ]
    return contents


def _config(model: str, ask: Ask) -> types.GenerateContentConfig:
    from google.genai import types

    return types.GenerateContentConfig(
        media_resolution=types.MediaResolution.MEDIA_RESOLUTION_LOW if ask.video else None,
        system_instruction=ask.system,
        response_mime_type="application/json",
        response_json_schema=ask.schema,
        max_output_tokens=ask.most_tokens,
        should_return_http_response=True,  # an answer of another shape is told from a mistake of ours
        # The 2.x models count their thinking otherwise, and refuse this.
        thinking_config=None
        if model.startswith("gemini-2")
        else types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW),
    )


def _reply(body: Any) -> Reply:
    """For `reading`. Thinking is charged as output. Nothing is said where an answer was held back or none was begun."""
    first = (body.get("candidates") or [{}])[0]
    parts = (first.get("content") or {}).get("parts") or ()
    text = "".join(part.get("text") or "" for part in parts if not part.get("thought"))
    usage = body.get("usageMetadata") or {}
    asked, said = tokens_of(usage, "promptTokenCount"), tokens_of(usage, "candidatesTokenCount")
    if said is None and asked is not None and not text:
        said = 0  # a count of nothing is left out
    thought = tokens_of(usage, "thoughtsTokenCount") or 0
    return Reply(text, asked, None if said is None else said + thought, "" if text else _why(body, first))


def _why(body: Any, first: Any) -> str:
    blocked = (body.get("promptFeedback") or {}).get("blockReason")
    if blocked:
        return f"it refused the question ({blocked})"
    reason = first.get("finishReason")
    return f"it ended with {reason}" if reason else "it gave no reason"


def _fault(error: APIError) -> dict[str, Any]:
    return {"message": error.message or error.status or ""}


def _delay(error: APIError) -> float | None:
    """Seconds of `google.rpc.RetryInfo`, else of the header `retry-after`."""
    details = error.details if isinstance(error.details, dict) else {}
    fault = details.get("error", details)
    entries = fault.get("details") if isinstance(fault, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and str(entry.get("@type", "")).endswith("RetryInfo"):
            return seconds_of(str(entry.get("retryDelay") or ""))
    return retry_after(getattr(error.response, "headers", None) or {})
