"""What the header of an MP4 or QuickTime file claims; FFmpeg silently corrects it, so that a lie is not seen there.

Source: ISO/IEC 14496-12, 4.2 (boxes) and 8.2.2 (`mvhd`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["claimed_duration"]

_MOST_BOXES = 1000


def claimed_duration(path: Path) -> float | None:
    """Seconds that the movie header names; none where there is no such header, or it leaves them open."""
    with path.open("rb") as file:
        end = path.stat().st_size
        for kind, start, stop in _boxes(file, 0, end):
            if kind == b"moov":
                for inner, begin, _ in _boxes(file, start, stop):
                    if inner == b"mvhd":
                        return _mvhd(file, begin)
    return None


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of the content of each box between two offsets."""
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8 or at >= end:
            return
        size, kind = struct.unpack(">I4s", head)
        start = at + 8
        if size == 1:
            large = file.read(8)
            if len(large) < 8:
                return
            size, start = struct.unpack(">Q", large)[0], at + 16
        elif size == 0:  # to the end of the file
            size = end - at
        if size < start - at:
            return
        yield kind, start, at + size
        at += size


def _mvhd(file: BinaryIO, at: int) -> float | None:
    file.seek(at)
    body = file.read(32)
    form, unknown = (">4xQQIQ", 2**64 - 1) if body[:1] == b"\x01" else (">4xIIII", 2**32 - 1)
    if len(body) < struct.calcsize(form):
        return None
    _, _, scale, duration = struct.unpack_from(form, body)
    return duration / scale if scale and duration not in {0, unknown} else None
