"""Folders of uploads under way. What a killed process left behind is removed by the next door that opens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from runtime.files import own_folder, sweep_folders

__all__ = ["part_folder", "sweep"]

_PREFIX = ".part-"


@asynccontextmanager
async def part_folder(uploads: Path) -> AsyncIterator[Path]:
    """A new folder, locked for as long as this process lives. In the end it is deleted, unless it was renamed."""
    own = own_folder(uploads, _PREFIX, mode=0o700)
    part = own.__enter__()
    try:
        yield part
    finally:
        await asyncio.to_thread(own.__exit__, None, None, None)


def sweep(uploads: Path) -> None:
    """Delete what dead processes left; other users see nothing of the uploads."""
    uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
    uploads.chmod(0o700)  # it may have been made by an earlier version
    sweep_folders(uploads, _PREFIX)
