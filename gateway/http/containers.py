"""What a file is by its first bytes, and whether it is all there; names and media types say nothing.

Sources: ISO/IEC 14496-12, 4.2 (boxes); RFC 8794 (EBML) and 9559 (Matroska); RIFF (Microsoft, 1991); ISO/IEC 13818-1;
the signatures of the other formats are those that FFmpeg and libmagic go by.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

__all__ = ["HEAD", "Container", "container_of", "hidden_in"]

HEAD = 4096
"""Bytes of the beginning that are looked at."""
_TS = 188
_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof", b"mfra", b"sidx", b"styp"})
_PICTURES = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis"})
_MOST_BOXES = 100_000
_SEGMENT = b"\x18\x53\x80\x67"
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|script|svg|\?php|\?xml|body|iframe)|%PDF-|^#!|^#EXTM3U", re.IGNORECASE)
_MARKUP_WITHIN = 1024  # as far as programs look that guess what a file is

Whole = Callable[[BinaryIO, int], bool]


class Container(NamedTuple):
    """A kind of file: the names that FFmpeg has for it, and whether one of so many bytes is all there."""

    formats: tuple[str, ...]
    whole: Whole


def container_of(head: bytes) -> Container | None:
    """The container of sound or moving pictures that begins like this; none, if it is something else."""
    for pattern, container in _BY_START.items():
        if re.match(pattern, head, re.DOTALL):
            return container
    if head[4:8] in _BOXES and not (head[4:8] == b"ftyp" and head[8:12] in _PICTURES):
        return _MOV
    for first in (0, 4):  # a transport stream, and one with a time before each packet
        step = _TS + first
        places = range(first, min(len(head), 5 * step), step)
        if len(places) > 2 and all(head[at] == 0x47 for at in places):
            return _TRANSPORT
    return None


def hidden_in(head: bytes) -> str | None:
    """What else a file claims to be in its first kilobyte; none, if nothing."""
    found = _MARKUP.search(head[:_MARKUP_WITHIN])
    return found[0].decode("latin-1") if found else None


def _unknown(file: BinaryIO, size: int) -> bool:
    """Formats that say nothing about their size end where they end."""
    return True


def _boxes_whole(file: BinaryIO, size: int) -> bool:
    """Whether the movie and its data are there to their ends. What follows them may be anything (cameras add much)."""
    at, seen = 0, set[bytes]()
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8 or (head[4:8] not in _BOXES and seen >= {b"moov", b"mdat"}):
            break
        length, kind = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        elif length == 0:
            length = size - at
        if length < 8 or at + length > size:
            return False
        seen.add(kind)
        at += length
    return b"moov" in seen


def _segment_whole(file: BinaryIO, size: int) -> bool:
    """Whether the segment of Matroska or WebM ends within the file; one of unknown size ends with it."""
    file.seek(0)
    head = file.read(HEAD)
    at = head.find(_SEGMENT)
    if at < 0 or at + 5 > len(head) or head[at + 4] == 0:
        return False
    length = 9 - head[at + 4].bit_length()
    told = int.from_bytes(head[at + 4 : at + 4 + length], "big") & ((1 << 7 * length) - 1)
    return told == (1 << 7 * length) - 1 or at + 4 + length + told <= size


def _riff_whole(file: BinaryIO, size: int) -> bool:
    """Whether the first chunk ends within the file; one that was never closed says 0, or as much as it can."""
    file.seek(4)
    told = int.from_bytes(file.read(4), "little")
    return told in {0, 0xFFFFFFFF} or told + 8 <= size + 1  # the last chunk may lack its padding


_MOV = Container(("mov", "mp4", "m4a", "3gp", "3g2", "mj2"), _boxes_whole)
_TRANSPORT = Container(("mpegts",), _unknown)
_BY_START = {
    rb"\x1aE\xdf\xa3": Container(("matroska", "webm"), _segment_whole),
    rb"RIFF....AVI ": Container(("avi",), _riff_whole),
    rb"(?:RIFF|RF64)....WAVE": Container(("wav",), _riff_whole),
    rb"FLV\x01": Container(("flv",), _unknown),
    rb"OggS": Container(("ogg",), _unknown),
    rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11": Container(("asf",), _unknown),
    rb"\x00\x00\x01\xba": Container(("mpeg",), _unknown),
    rb"\x06\x0e\x2b\x34\x02\x05\x01\x01": Container(("mxf",), _unknown),
    rb"\.RMF": Container(("rm",), _unknown),
    rb"fLaC": Container(("flac",), _unknown),
    rb"ID3|\xff[\xe2\xe3\xf0-\xf3\xf8-\xfd]": Container(("mp3", "aac"), _unknown),
}
