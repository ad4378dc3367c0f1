"""HTTP requests as they are sent and as a dry run shows them, and a way to send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Answer", "Api", "Call", "Part", "Piece"]


@dataclass(frozen=True)
class Piece:
    """Bytes of a file, from `start` on; they are streamed, never held in memory as a whole."""

    path: Path
    start: int
    size: int


@dataclass(frozen=True)
class Part:
    """One field of a `multipart/form-data` body."""

    name: str
    value: str | bytes | Piece
    filename: str | None = None
    content_type: str | None = None


@dataclass(frozen=True)
class Call:
    """One HTTP request, as it is sent and as a dry run shows it.

    At most one of `json`, `form`, `parts`, `body` is given. `authorize`: add the account's token as
    `Authorization: Bearer`; what a platform wants otherwise it puts into `headers` itself.
    `answer_s`: seconds without a byte after which the answer counts as lost, where a platform is slow to give it.
    """

    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    parts: Sequence[Part] = ()
    body: bytes | Piece | None = None
    authorize: bool = True
    answer_s: float | None = None


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole. Names of `headers` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The JSON object in it; empty where there is none."""
        import json

        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


class Api(Protocol):
    """Sends requests without an account. Redirects are not followed."""

    async def send(self, call: Call) -> Answer:
        """The answer, whatever its status. Raises `NotSentError` or `LostError`."""
        ...

    async def ask(self, call: Call) -> Answer:
        """For what may be repeated: an answer that is neither a 5xx nor a 429. Raises `Retry` and `Unavailable`."""
        ...

    async def make(self, call: Call) -> Answer:
        """For what creates something: as `ask`, but an outcome that is not known raises `LostError`."""
        ...
