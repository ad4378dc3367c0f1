"""Transcription services: a recording is sent in parts that each fit into one request."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from actors.transcriber.adapters.waiting import wait_of
from actors.transcriber.core.answer import NoAnswerError, part_of
from actors.transcriber.core.heard import HeardPart
from actors.transcriber.core.stitch import Part, parted
from actors.transcriber.ports import CannotHear, Kept, Recording, Tell
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["Reply", "Service", "ServiceRecognizer"]

_APART_S = 60.0  # of silence: not sent, because it is paid for
_LONGEST_S = 600.0
_SHORTEST_S = 30.0
_BYTES_PER_S = 2 * 16000  # of samples; FLAC never needs more, but for its heads
_TRIES = 2  # of each part, before the message waits
_UNAVAILABLE_S = 30.0
_RATE_LIMIT_S = 60.0


@dataclass(frozen=True)
class Reply:
    """An answer to one request."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


class Service(Protocol):
    """A server with OpenAI's `POST /audio/transcriptions`."""

    name: str
    title: str
    models: tuple[str, ...]
    settings: str
    """How the names of its settings begin, for example `CLIPWIRE_GROQ`."""

    def missing(self) -> CannotHear | None:
        """What is missing to ask it."""
        ...

    async def ask(self, model: str, sound: Path) -> Reply:
        """Send a file, and wait for the answer, whatever its status. Raises `OSError` where none comes."""
        ...


class _TooLargeError(Exception):
    """The service takes less at a time."""


class ServiceRecognizer:
    """See `Recognizer`. `upload_mb`: MiB of one request; `memory_mb`, `timeout_s`: of cutting one part out."""

    def __init__(self, service: Service, *, upload_mb: int, memory_mb: int, timeout_s: float) -> None:
        self._service = service
        self._longest = min(_LONGEST_S, 0.95 * upload_mb * 2**20 / _BYTES_PER_S)
        self._memory_mb = memory_mb
        self._timeout_s = timeout_s
        self._offered = 0  # place of the first model that was not refused yet

    @property
    def name(self) -> str:
        """See `Recognizer.name`."""
        return self._service.name

    @property
    def model(self) -> str:
        """See `Recognizer.model`: the settings' choice, whichever of them is still offered."""
        return f"{self.name}:{'|'.join(self._service.models)}"

    async def ready(self) -> None:
        """See `Recognizer.ready`."""
        if missing := self._service.missing():
            raise missing

    async def recognize(self, recording: Recording, kept: Kept, tell: Tell) -> Sequence[HeardPart]:
        """See `Recognizer.recognize`. Parts become smaller where the service says that they are too large."""
        longest = self._longest
        while True:
            parts = parted(recording.speech, recording.duration, longest=longest, apart=_APART_S)
            try:
                return await self._heard(recording, parts, kept, tell)
            except _TooLargeError:
                longest /= 2
            if longest < _SHORTEST_S:
                raise CannotHear(
                    f"{self._service.title} refuses even half a minute of sound as too large",
                    advice=f"Check {self._service.settings}_BASE_URL and the limits of that server",
                )

    async def _heard(self, recording: Recording, parts: Sequence[Part], kept: Kept, tell: Tell) -> list[HeardPart]:
        note = f"listening with {self._service.title}"
        whole = sum(part.end - part.start for part in parts)
        began, done, asked = time.monotonic(), 0.0, 0.0
        heard: list[HeardPart] = []
        for part in parts:
            eta = (time.monotonic() - began) * (whole - done) / asked if asked else None
            await tell(done / whole, note, eta)
            there = await kept.get(part)
            if there is None:
                there = await self._ask(recording.media, part)
                await kept.put(there)
                asked += part.end - part.start
            done += part.end - part.start
            heard.append(there)
        return heard

    async def _ask(self, media: Path, part: Part) -> HeardPart:
        with tempfile.TemporaryDirectory(prefix="clipwire-part-") as folder:
            sound = Path(folder) / "part.flac"
            await self._cut(media, part, sound)
            last: Unavailable | None = None
            for _ in range(_TRIES):
                try:
                    return await self._answered(sound, part)
                except Unavailable as error:
                    last = error
        raise last or RuntimeError("a part is asked for at least once")

    async def _cut(self, media: Path, part: Part, to: Path) -> None:
        request = {"path": str(media), "start": part.start, "end": part.end, "to": str(to)}
        try:
            await run_child(
                "actors.transcriber.adapters.cutting",
                {**request, "memory_mb": self._memory_mb},
                timeout_s=self._timeout_s,
            )
        except ChildTimeoutError:
            raise Reject(
                f"Reading the sound of {media.name} took longer than {self._timeout_s:g} seconds",
                advice="Give the video as MP4 or MKV, or a larger CLIPWIRE_TRANSCRIBER_SOUND_TIMEOUT_S",
            ) from None
        except ChildCrashError as error:
            raise Retry(f"Reading the sound of {media.name} failed: {error.what}", after=60) from None

    async def _answered(self, sound: Path, part: Part) -> HeardPart:
        """Ask the models in order until one is offered."""
        service = self._service
        while self._offered < len(service.models):
            model = service.models[self._offered]
            try:
                reply = await service.ask(model, sound)
            except OSError as error:
                raise Unavailable(
                    f"{service.title} {error}", after=_UNAVAILABLE_S, advice=f"Check {service.settings}_BASE_URL"
                ) from None
            if reply.status == 200:
                return self._read(reply.body, part, model)
            if not _model_is_gone(reply):
                raise self._refusal(reply)
            self._offered += 1
        self._offered = 0  # they may be offered again when the next clip comes
        raise CannotHear(
            f"{service.title} offers none of the speech models {', '.join(service.models)}",
            advice=f"Name one that it has in {service.settings}_TRANSCRIBE_MODELS",
        )

    def _read(self, body: str, part: Part, model: str) -> HeardPart:
        try:
            return part_of(body, part, f"{self.name}:{model}")
        except NoAnswerError as error:
            what = f"The answer of {self._service.title} {error}"
        advice = f"Check {self._service.settings}_BASE_URL and {self._service.settings}_TRANSCRIBE_MODELS"
        if body.lstrip().startswith("{") and not _whole(body):
            raise Unavailable(what, after=_UNAVAILABLE_S, advice=advice)
        raise CannotHear(what, advice=advice)

    def _refusal(self, reply: Reply) -> Exception:
        title, settings = self._service.title, self._service.settings
        code, text = _fault(reply)
        if reply.status in {401, 403}:  # the text of such an answer may repeat the key
            return CannotHear(f"{title} refuses the key ({reply.status})", advice=f"Check {settings}_API_KEY")
        if reply.status == 413:
            return _TooLargeError()
        if reply.status == 429 and code == "insufficient_quota":
            return CannotHear(f"The quota of {title} is used up", advice="Look at its billing page")
        if reply.status == 429:
            wait = wait_of(reply.headers, reply.body) or _RATE_LIMIT_S
            return Retry(f"{title} asks to wait {math.ceil(wait)} s (its rate limit)", after=wait)
        if reply.status >= 500 or reply.status in {408, 409, 498}:
            after = wait_of(reply.headers, reply.body) or _UNAVAILABLE_S
            return Unavailable(f"{title} answers {reply.status}: {text}", after=after)
        return CannotHear(f"{title} refuses the sound ({reply.status}: {text})", advice=f"Check {settings}_BASE_URL")


def _model_is_gone(reply: Reply) -> bool:
    code, text = _fault(reply)
    return reply.status in {400, 404} and (
        code in {"model_decommissioned", "model_not_found"} or (reply.status == 404 and "model" in text.lower())
    )


def _fault(reply: Reply) -> tuple[str, str]:
    """Code and text of `{"error": {"code": …, "message": …}}`, as far as the body is that."""
    try:
        error: Any = json.loads(reply.body)["error"]
    except (ValueError, KeyError, TypeError):
        return "", " ".join(reply.body.split())[:200] or "without a word"
    if not isinstance(error, dict):
        return "", str(error)[:200]
    return str(error.get("code") or ""), str(error.get("message") or "without a word")[:200]


def _whole(body: str) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
