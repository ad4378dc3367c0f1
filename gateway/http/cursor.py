"""Cursors of lists: opaque to the client, a place in the order of the stream to us."""

from __future__ import annotations

import base64
import binascii

from gateway.http.problems import ProblemError

__all__ = ["decode_cursor", "encode_cursor"]

_MARK = "v1:"


def encode_cursor(place: int) -> str:
    """The cursor of the page behind the row at `place`."""
    return base64.urlsafe_b64encode(f"{_MARK}{place}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> int | None:
    """The place in a cursor. Raises a 422 problem for what is none."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        place = int(text.removeprefix(_MARK)) if text.startswith(_MARK) and text[len(_MARK) :].isdigit() else None
    except (binascii.Error, ValueError):
        place = None
    if place is None or not 0 < place < 2**63:
        raise ProblemError(
            422, "cursor: this is no cursor of ours", advice="Use `next` of the page before", field="cursor"
        )
    return place
