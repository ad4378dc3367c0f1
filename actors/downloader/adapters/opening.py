"""Opens media files so that a file can only be what it is: no other files, no addresses, no exotic formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runtime.opening import this_file_alone

if TYPE_CHECKING:
    from av.container import InputContainer

__all__ = ["open_media"]


def open_media(path: Path) -> InputContainer:
    """Open a local regular file for reading. Raises PyAV's errors, and `IsADirectoryError` for anything but a file."""
    import av

    if not path.is_file():
        raise IsADirectoryError(f"{path} is not a regular file")
    # The `file:` prefix keeps a colon in a name from being read as a protocol.
    return av.open(f"file:{path.absolute()}", options=this_file_alone(), metadata_errors="replace")
