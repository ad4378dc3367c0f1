"""HTTP as the platforms need it: streamed bodies, bounded answers, and “not sent” told from “not known”."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from actors.publisher.ports import Answer, Call, LostError, NotSentError, Part, Piece
from runtime.errors import Retry, Unavailable
from runtime.guard import guarded
from runtime.http import CONNECT_S, UnreadAnswer, bounded_client
from runtime.replies import retry_after

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["HttpApi", "open_client", "resets_in", "said"]

LARGEST = 8 << 20
"""Bytes of an answer."""
ANSWER_S = 60.0
"""Seconds without a byte after which an answer counts as lost."""
_CHUNK = 1 << 20
_RESETS = ("x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset")
_DAY_S = 86_400.0
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


@asynccontextmanager
async def open_client(private_hosts: Collection[str]) -> AsyncIterator[httpx.AsyncClient]:
    """The client that all platforms share. Redirects are not followed: 308 means something else to an upload.

    `private_hosts`: those that may be asked without https, and at addresses that are not public.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, in which some platforms expect a token
    client = await asyncio.to_thread(bounded_client, LARGEST)
    guarded(client, private_hosts, setting="CLIPWIRE_PUBLISHER_PRIVATE_HOSTS")
    client.timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
    async with client:
        yield client


class HttpApi:
    """See `Api`. `service`: the platform's name in messages."""

    def __init__(self, client: httpx.AsyncClient, service: str) -> None:
        self._client = client
        self._service = service

    async def send(self, call: Call) -> Answer:
        """See `Api.send`."""
        try:
            async with AsyncExitStack() as files:  # httpx leaves a body open where the connection breaks
                request = self._client.stream(call.method, call.url, **_options(call, files))
                response = await files.enter_async_context(request)
                body = await response.aread()
                return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
        except _NOT_SENT as error:
            raise NotSentError(
                f"{self._service} cannot be reached ({type(error).__name__})",
                advice="Check the network and the platform's address in the settings; it is tried again",
            ) from None
        except UnreadAnswer as error:
            raise LostError(f"the answer of {self._service} {error}") from None
        except httpx.HTTPError as error:
            # The error's own words may hold an address with a token in it.
            raise LostError(f"{self._service} gave no whole answer ({type(error).__name__})") from None

    async def ask(self, call: Call) -> Answer:
        """See `Api.ask`."""
        try:
            return self._settled(await self.send(call))
        except LostError as error:
            raise Unavailable(str(error), advice="It is tried again by itself") from error

    async def make(self, call: Call) -> Answer:
        """See `Api.make`."""
        return self._settled(await self.send(call))

    def _settled(self, answer: Answer) -> Answer:
        if answer.status == 429:
            raise Retry(
                f"{self._service} takes no more requests for now{said(answer)}",
                after=resets_in(answer.headers),
                advice="It is tried again by itself",
            )
        if answer.status >= 500:
            raise LostError(f"{self._service} answered HTTP {answer.status}{said(answer)}")
        return answer


def resets_in(headers: Mapping[str, str]) -> float | None:
    """Seconds until a limit is over: of `Retry-After`, else of what platforms send in its place, at most a day.

    That is a date (Mastodon), seconds since 1970 (X, Bluesky), or seconds from now (Pinterest). None without any.
    """
    if (told := retry_after(headers)) is not None:
        return told
    text = next((headers[name].strip() for name in _RESETS if headers.get(name)), "")
    try:
        seconds = float(text) if text[:1].isdigit() and "-" not in text else datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None
    left = seconds - datetime.now(UTC).timestamp() if seconds > _DAY_S else seconds
    return min(max(left, 1.0), _DAY_S)


def said(answer: Answer) -> str:
    """` (what the platform wrote)`, in one short line, or nothing."""
    text = " ".join(answer.body[:2000].decode(errors="replace").split())
    return f" ({text[:300]})" if text else ""


def _options(call: Call, files: AsyncExitStack) -> dict[str, Any]:
    """What httpx sends a call with. `files` closes those that are read for it."""
    headers = dict(call.headers)
    options: dict[str, Any] = {"params": dict(call.params) or None, "headers": headers}
    if call.answer_s is not None:
        options["timeout"] = httpx.Timeout(call.answer_s, connect=CONNECT_S)
    if call.json is not None:
        options["content"] = json.dumps(call.json, ensure_ascii=False).encode()
        headers.setdefault("Content-Type", "application/json; charset=UTF-8")
    elif call.form is not None:
        options["data"] = dict(call.form)
    elif call.parts:
        # httpx writes the plain fields first, then the files, each in the order given.
        options["data"] = {part.name: part.value for part in call.parts if isinstance(part.value, str)}
        options["files"] = [_file(part, files) for part in call.parts if not isinstance(part.value, str)]
    elif isinstance(call.body, Piece):
        headers.setdefault("Content-Length", str(call.body.size))
        options["content"] = content = _bytes_of(call.body)
        files.push_async_callback(content.aclose)
    elif call.body is not None:
        options["content"] = call.body
    return options


async def _bytes_of(piece: Piece) -> AsyncGenerator[bytes, None]:
    """Read in a thread, but for what the system has in memory: that costs less than the thread does."""
    with piece.path.open("rb", buffering=0) as file:
        at, end = piece.start, piece.start + piece.size
        while at < end:
            size = min(_CHUNK, end - at)
            if _at_hand(file.fileno(), at) and _at_hand(file.fileno(), at + size - 1):
                chunk = os.pread(file.fileno(), size, at)
            else:
                chunk = await asyncio.to_thread(os.pread, file.fileno(), size, at)
            if not chunk:
                return
            at += len(chunk)
            yield chunk


def _at_hand(descriptor: int, at: int) -> bool:
    """Whether a byte of a file can be read without waiting for a disk; false where the system does not tell."""
    try:
        return os.preadv(descriptor, [bytearray(1)], at, os.RWF_NOWAIT) == 1
    except (OSError, AttributeError):  # not in memory; no such flag on this system, or for its file systems
        return False


def _file(part: Part, files: AsyncExitStack) -> tuple[str, tuple[str | None, io.RawIOBase | bytes, str]]:
    value = part.value.encode() if isinstance(part.value, str) else part.value
    content = files.enter_context(_Window(value)) if isinstance(value, Piece) else value
    return part.name, (part.filename, content, part.content_type or "application/octet-stream")


class _Window(io.RawIOBase):
    """A piece of a file as a file of its own."""

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self._file = piece.path.open("rb")
        self.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: self._piece.size}[whence]
        return self._file.seek(self._piece.start + base + offset) - self._piece.start

    def tell(self) -> int:
        return self._file.tell() - self._piece.start

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        return self._file.readinto(view[: max(0, self._piece.size - self.tell())])

    def close(self) -> None:
        self._file.close()
        super().close()
