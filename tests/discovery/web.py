"""A small HTTP server on 127.0.0.1 that answers as a test tells it to, faults included."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.http import Handler, answering

Query = dict[str, list[str]]


@dataclass(frozen=True)
class Reply:
    """An answer. `cut`: the connection ends after so many bytes of the body; `hang`: nothing comes until the end."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json; charset=UTF-8"})
    cut: int | None = None
    hang: bool = False


@dataclass
class Web:
    """The running server: where it is, and what it was asked."""

    url: str
    asked: list[tuple[str, Query]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(json.dumps(value).encode(), status, {"Content-Type": "application/json; charset=UTF-8", **headers})


@contextmanager
def serving(answer: Callable[[str, Query], Reply]) -> Iterator[Web]:
    """Serve `answer(path, query)` until the block ends."""

    class Asked(Handler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            web.asked.append((parts.path, query))
            web.agents.add(self.headers["User-Agent"])
            reply = answer(parts.path, query)
            if reply.hang:
                self.hang()
            else:
                self.tell(reply.body, reply.status, reply.headers, cut=reply.cut)

    with answering(Asked) as url:
        web = Web(url)
        yield web
