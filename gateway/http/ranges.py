"""Byte ranges of RFC 9110, section 14: which part of a file a `Range` header asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Span", "UnsatisfiableError", "parse_range"]

_RANGE = re.compile(r"^bytes=[ \t]*(\d*)-(\d*)[ \t]*$", re.IGNORECASE | re.ASCII)


class UnsatisfiableError(Exception):
    """The range lies outside of the file: 416."""


@dataclass(frozen=True)
class Span:
    """Bytes `first` to `last` of a file, inclusive."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """Number of bytes."""
        return self.last - self.first + 1


def parse_range(header: str | None, size: int) -> Span | None:
    """The part of a file of `size` bytes that is asked for; None: the whole.

    A header that is malformed, in another unit or asks for several ranges is ignored, as section 14.2 allows.
    Raises `UnsatisfiableError`.
    """
    match = _RANGE.match(header or "")
    if match is None:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        wanted = _number(last)
        if wanted == 0 or size == 0:
            raise UnsatisfiableError
        return Span(max(0, size - wanted), size - 1)
    begin = _number(first)
    if last and _number(last) < begin:
        return None
    if begin >= size:
        raise UnsatisfiableError
    return Span(begin, min(_number(last), size - 1) if last else size - 1)


def _number(digits: str) -> int:
    """Numbers beyond every file are one number, however long they are."""
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= 18 else 10**18
