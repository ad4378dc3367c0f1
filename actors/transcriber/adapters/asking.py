"""Asks a transcription service for one part of a recording: which model, what its refusals mean, when to ask again."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from actors.transcriber.core.answer import NoAnswerError, part_of
from actors.transcriber.core.heard import HeardPart
from actors.transcriber.core.stitch import Part
from actors.transcriber.ports import CannotHear
from runtime.errors import Retry, Unavailable
from runtime.replies import fault_of, retry_after, seconds_of

__all__ = ["Asking", "BadReplyError", "Reply", "Service", "TooLargeError", "wait_of", "wrong_key"]

_UNAVAILABLE_S = 30.0
_RATE_LIMIT_S = 60.0
_LONGEST_S = 6 * 3600.0  # whoever asks for more is asked again then
_KEY = re.compile(r"[\x21-\x7e]+")
_IN_WORDS = re.compile(r"try again in ((?:\d+h)?(?:\d+m(?!s))?(?:[\d.]+s)?(?:[\d.]+ms)?)")


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
    key: SecretStr | None

    def missing(self) -> CannotHear | None:
        """What is missing to ask it."""
        ...

    async def ask(self, model: str, sound: Path) -> Reply:
        """Send a file, and wait for the answer, whatever its status.

        Raises `OSError` where none comes (`ConnectionRefusedError` where nothing was sent), `BadReplyError`.
        """
        ...


class BadReplyError(Exception):
    """An answer that is not read; says how it is, as the end of a sentence."""


class TooLargeError(Exception):
    """The service takes less at a time."""


class _AtOnceError(Unavailable):
    """Nothing was heard, and nothing is paid for it: it may be asked for again at once."""


def wrong_key(service: Service) -> CannotHear | None:
    """Whether the key has characters that HTTP does not carry (RFC 9110, 5.5), a line break at its end for example."""
    if service.key is None or _KEY.fullmatch(service.key.get_secret_value()):
        return None
    return CannotHear(
        f"The key of {service.title} has a space, a line break or another character that no key has",
        advice=f"Set {service.settings}_API_KEY again, exactly as it was given",
    )


class Asking:
    """Asks one service. A model that is gone is not asked for again until all of them are."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._offered = 0  # place of the first model that was not refused yet

    async def hear(self, sound: Path, part: Part) -> HeardPart:
        """What the service hears in a FLAC file. Raises `CannotHear`, `Retry`, `TooLargeError`.

        An error of the server (5xx) and a refused connection are tried once more at once. What may have been heard and
        billed without an answer that came whole waits on the bus, as rate limits do.
        """
        try:
            return await self._answered(sound, part)
        except _AtOnceError:
            return await self._answered(sound, part)

    async def _answered(self, sound: Path, part: Part) -> HeardPart:
        """Ask the models in order until one is offered."""
        service = self._service
        while self._offered < len(service.models):
            model = service.models[self._offered]
            try:
                reply = await service.ask(model, sound)
            except OSError as error:
                kind = _AtOnceError if isinstance(error, ConnectionRefusedError) else Unavailable
                raise kind(
                    f"{service.title} {error}", after=_UNAVAILABLE_S, advice=f"Check {service.settings}_BASE_URL"
                ) from None
            except BadReplyError as error:
                raise CannotHear(
                    f"The answer of {service.title} {error}", advice=f"Check {service.settings}_BASE_URL"
                ) from None
            if reply.status == 200:
                return self._read(reply.body, part, model)
            refused = self._without_key(reply)
            if not _is_the_models(refused):
                raise self._refusal(refused)
            self._offered += 1
        self._offered = 0  # they may be offered again when the next clip comes
        raise CannotHear(
            f"{service.title} offers none of the speech models {', '.join(service.models)} with times",
            advice=f"Name one that it has in {service.settings}_TRANSCRIBE_MODELS",
        )

    def _without_key(self, reply: Reply) -> Reply:
        """Some servers repeat the key in what they say."""
        key = self._service.key
        return replace(reply, body=reply.body.replace(key.get_secret_value(), "(key)")) if key else reply

    def _read(self, body: str, part: Part, model: str) -> HeardPart:
        try:
            return part_of(body, part, f"{self._service.name}:{model}")
        except NoAnswerError as error:
            what = f"The answer of {self._service.title} {error}"
        advice = f"Check {self._service.settings}_BASE_URL and {self._service.settings}_TRANSCRIBE_MODELS"
        if body.lstrip().startswith("{") and not _whole(body):
            raise Unavailable(what, after=_UNAVAILABLE_S, advice=advice)
        raise CannotHear(what, advice=advice)

    def _refusal(self, reply: Reply) -> Exception:
        title, settings = self._service.title, self._service.settings
        code, text = _fault(reply)
        if reply.status in {401, 403}:
            return CannotHear(f"{title} refuses the key ({reply.status})", advice=f"Check {settings}_API_KEY")
        if reply.status == 413:
            return TooLargeError()
        if reply.status == 429 and code == "insufficient_quota":
            return CannotHear(f"The quota of {title} is used up", advice="Look at its billing page")
        if reply.status == 429:
            wait = wait_of(reply) or _RATE_LIMIT_S
            return Retry(f"{title} asks to wait {math.ceil(wait)} s (its rate limit)", after=wait)
        if reply.status >= 500 or reply.status in {408, 409, 498}:
            after = wait_of(reply) or _UNAVAILABLE_S
            kind = _AtOnceError if reply.status >= 500 else Unavailable
            return kind(f"{title} answers {reply.status}: {text}", after=after)
        return CannotHear(
            f"{title} refuses the sound ({reply.status}: {text})",
            advice=f"Check {settings}_BASE_URL and {settings}_TRANSCRIBE_MODELS",
        )


def wait_of(reply: Reply) -> float | None:
    """Seconds until the next request, at most six hours; None where the service does not tell.

    Groq and OpenAI write it into the error's text, too ("try again in 7m12s").
    """
    seconds = retry_after(reply.headers)
    if seconds is None and (found := _IN_WORDS.search(reply.body)):
        seconds = seconds_of(found[1])
    return None if seconds is None else min(seconds, _LONGEST_S)


def _is_the_models(reply: Reply) -> bool:
    """Whether another model may do: this one is gone, or cannot tell times."""
    code, text = _fault(reply)
    gone = code in {"model_decommissioned", "model_not_found"} or (reply.status == 404 and "model" in text.lower())
    return reply.status in {400, 404} and (gone or (reply.status == 400 and "verbose_json" in text))


def _fault(reply: Reply) -> tuple[str, str]:
    """Code and text of the error; all of the body where it holds none."""
    fault = fault_of(reply.body) or {"message": reply.body}
    text = " ".join(str(fault.get("message") or "").split())
    return str(fault.get("code") or ""), text[:200] or "without a word"


def _whole(body: str) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
