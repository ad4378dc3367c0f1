"""How FFmpeg opens a file that others made: as one of these formats, and reading nothing that the file names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer
    from av.stream import Stream

    S = TypeVar("S", bound=Stream)

__all__ = ["CONTAINERS", "SOUNDS", "packets_of", "this_file_alone"]

# Playlists (hls, concat, dash) name further files, and pictures are no video: neither is in here.
CONTAINERS = (
    "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "mpegts", "mpeg", "avi", "flv", "ogg",
    "asf", "mxf", "rm", "dv",
)  # fmt: skip
"""Containers of video."""
SOUNDS = ("wav", "w64", "mp3", "flac", "aac", "aiff", "caf", "ac3", "eac3", "amr", "wv")
"""Formats of sound alone."""


def this_file_alone(formats: Iterable[str] = CONTAINERS) -> dict[str, str]:
    """Options of `av.open` for a local file."""
    return {"protocol_whitelist": "file", "format_whitelist": ",".join(formats)}


def packets_of(container: InputContainer, streams: Iterable[S]) -> Iterator[Packet[S]]:
    """Everything in these streams, then an empty packet for each. Raises `av.FFmpegError` as the container does.

    A stream that begins in the middle of a file (of a live broadcast, for example) makes PyAV 18 raise an IndexError
    where it should end: it counts the streams anew.
    """
    try:
        yield from cast("Iterator[Packet[S]]", container.demux(*streams))
    except IndexError:
        return
