"""Upload sessions as Google and PeerTube keep them: bytes in order, 308 with `Range` until the last one is there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.publisher.platforms.server import Reply, Request

__all__ = ["UNIT", "UploadSession"]

UNIT = 262_144
_SPAN = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")


@dataclass
class UploadSession:
    """`about`: what was said of the video. `takes`: bytes of each piece that are kept, all if none is left in it."""

    size: int
    about: dict[str, Any]
    takes: list[int] = field(default_factory=list)
    data: bytes = b""
    none_kept: str | None = None
    """The `Range` where nothing is stored; none: there is no such header."""

    @property
    def whole(self) -> bool:
        return len(self.data) == self.size

    def put(self, request: Request) -> Reply | None:
        """Take a piece, or say how far it is; None: all bytes are there."""
        told = _SPAN.fullmatch(request.headers.get("content-range", ""))
        if told is None or int(told[3]) != self.size:
            return Reply(400, b'{"error": {"message": "Content-Range does not fit"}}')
        if told[1] is None:
            if request.headers["content-length"] != "0":
                return Reply(400, b'{"error": {"message": "a question has no body"}}')
            return None if self.whole else self.state()
        first, last = int(told[1]), int(told[2])
        size = last - first + 1
        if int(request.headers["content-length"]) != size or (size % UNIT and last + 1 != self.size):
            return Reply(400, b'{"error": {"message": "a piece of another size"}}')
        if first != len(self.data):
            return Reply(409, b'{"error": {"message": "not where it goes on"}}')
        kept = request.body[: self.takes.pop(0)] if self.takes else request.body
        if len(kept) < size:
            kept = kept[: len(kept) // UNIT * UNIT]
        self.data += kept
        return None if self.whole else self.state()

    def state(self) -> Reply:
        if self.data:
            return Reply(308, b"", {"Range": f"bytes=0-{len(self.data) - 1}"})
        return Reply(308, b"", {"Range": self.none_kept} if self.none_kept else {})
