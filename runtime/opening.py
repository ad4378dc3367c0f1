"""How FFmpeg opens a file that others made: as one of these formats, and reading nothing that the file names."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["CONTAINERS", "SOUNDS", "this_file_alone"]

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
