"""Opens media files so that a file can only be what it is: no other files, no addresses, no exotic formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer

__all__ = ["CONTAINERS", "open_media"]

# Containers of video. Playlists (hls, concat, dash) name further files, and pictures are no video: neither is in here.
CONTAINERS = (
    "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "mpegts", "mpeg", "avi", "flv", "ogg",
    "asf", "mxf", "rm", "dv",
)  # fmt: skip


def open_media(path: Path) -> InputContainer:
    """Open a local regular file for reading. Raises PyAV's errors, and `IsADirectoryError` for anything but a file."""
    import av

    if not path.is_file():
        raise IsADirectoryError(f"{path} is not a regular file")
    # The `file:` prefix keeps a colon in a name from being read as a protocol.
    options = {"protocol_whitelist": "file", "format_whitelist": ",".join(CONTAINERS)}
    return av.open(f"file:{path.absolute()}", options=options, metadata_errors="replace")
