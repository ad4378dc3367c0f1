"""A local server that stands in for a platform: routes, what was asked, and the faults that networks have."""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from tests.support.http import Handler, answering

__all__ = ["Fault", "PlatformServer", "Reply", "Request", "json_reply"]

Fault = Literal["before", "cut", "after", "after 500", "500", "503", "429", "429 silent", "slow"]
"""`before`: the connection breaks and nothing was done. `cut`: half of the body arrives, then it breaks. `after`: it is
done and the answer is lost, in `after 500` it is a 500. `503` and `429` come with `Retry-After: 0`, `429 silent`
without. `slow`: not before the server's `over` is set."""
EVERY: tuple[Fault, ...] = ("before", "cut", "after", "after 500", "500", "503", "429", "429 silent")


@dataclass(frozen=True)
class Request:
    """What was asked. Names of `headers` are in small letters. `whole`: false if the body broke off."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    whole: bool = True

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def parts(self) -> dict[str, bytes]:
        """Fields of a multipart body, by name; in the order sent."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        fields = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            fields[str(name)] = bytes(part.get_payload(decode=True) or b"")
        return fields


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Route = Callable[..., Reply]


def json_reply(value: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(value).encode(), {name.replace("_", "-"): text for name, text in headers.items()})


class PlatformServer:
    """Derive from it: add routes in `__init__` with `self.on("POST", r"/v2/init/(\\w+)", self.init)`.

    A route gets the `Request` and what its pattern's groups caught, and answers with a `Reply`; it is called by one
    thread at a time. `requests` keeps what was asked, oldest first.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.posted: list[bytes] = []
        """The bytes of every video that can be seen."""
        self.url = ""
        self.over = threading.Event()
        """What is slow may go on."""
        self._behind = self
        self._count = 0
        self._routes: list[tuple[str, re.Pattern[str], Route, bool]] = []
        self._planned: list[tuple[re.Pattern[str], Fault | None]] = []
        self._chaos: tuple[random.Random, float] | None = None
        self._lock = threading.Lock()

    def on(self, method: str, pattern: str, route: Route, *, partial: bool = False) -> None:
        """Answer a method and a path (a whole regular expression) with a route.

        `partial`: it takes bodies that broke off too, and keeps what came; others are as if never asked.
        """
        self._routes.append((method, re.compile(pattern), route, partial))

    def fail(self, where: str, *faults: Fault | None, times: int = 1) -> None:
        """Let the next requests whose `METHOD /path` begins as the regular expression `where` meet these faults, all of
        them so many times; None spares one."""
        self._planned += [(re.compile(where), fault) for fault in faults * times]

    def fail_at(self, place: int, fault: Fault) -> None:
        """Let the request after `place` others meet this fault."""
        self._planned += [(re.compile(f"#{place} "), fault)]

    def chaos(self, seed: int, share: float) -> None:
        """Let a share of all requests meet some fault."""
        self._chaos = (random.Random(seed), share)

    def asked(self, where: str) -> list[Request]:
        """The requests whose `METHOD /path` begins as the regular expression `where`."""
        return [each for each in self.requests if re.match(where, f"{each.method} {each.path}")]

    @contextmanager
    def running(self) -> Iterator[str]:
        """Its address, until the block ends."""
        outer = self

        class Platform(Handler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer, written in two, waits for an acknowledgement: 40 ms

            def _do(self) -> None:
                outer._behind._serve(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _do

        with answering(Platform) as url:
            self.url = url
            try:
                yield url
            finally:
                self.over.set()

    def hand_over(self, other: PlatformServer) -> None:
        """Let another server answer at this one's address from now on; what it takes to listen is not done again."""
        self._behind, other.url = other, self.url

    def _serve(self, handler: Handler) -> None:
        parts = urlsplit(handler.path)
        where = f"{handler.command} {parts.path}"
        fault = self._fault(where)
        size = int(handler.headers.get("Content-Length") or 0)
        if fault == "before":
            return self._break(handler)
        body = _read(handler, size if fault != "cut" else size // 2)
        request = Request(
            method=handler.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in handler.headers.items()},
            body=body,
            whole=len(body) == size,
        )
        if fault == "slow":
            self.over.wait()
        if fault in {"500", "503", "429", "429 silent"}:
            headers = {"Retry-After": "0"} if fault in {"503", "429"} else {}
            return handler.tell(b"{}", int(fault[:3]), headers)
        with self._lock:
            self.requests.append(request)
            reply = self._answer(request)
        if fault in {"cut", "after"}:
            return self._break(handler)
        if fault == "after 500":
            return handler.tell(b"{}", 500)
        return handler.tell(reply.body, reply.status, reply.headers)

    def _answer(self, request: Request) -> Reply:
        for method, pattern, route, partial in self._routes:
            caught = pattern.fullmatch(request.path)
            if method == request.method and caught:
                return route(request, *caught.groups()) if request.whole or partial else Reply()
        return json_reply({"error": f"no route {request.method} {request.path}"}, 404)

    def _fault(self, where: str) -> Fault | None:
        with self._lock:
            self._count += 1
            for place, (pattern, fault) in enumerate(self._planned):
                if pattern.match(where) or pattern.match(f"#{self._count - 1} "):
                    del self._planned[place]
                    return fault
            if self._chaos and self._chaos[0].random() < self._chaos[1]:
                return self._chaos[0].choice(EVERY)
        return None

    @staticmethod
    def _break(handler: Handler) -> None:
        handler.close_connection = True
        handler.connection.shutdown(2)


def _read(handler: Handler, size: int) -> bytes:
    if handler.headers.get("Transfer-Encoding", "").lower() == "chunked":
        body = b""
        while length := int(handler.rfile.readline(), 16):
            body += handler.rfile.read(length)
            handler.rfile.readline()
        handler.rfile.readline()
        return body
    return handler.rfile.read(size)
