"""Folders of uploads under way. What a killed process left behind is removed by the next door that opens."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

__all__ = ["part_folder", "sweep"]


@asynccontextmanager
async def part_folder(uploads: Path) -> AsyncIterator[Path]:
    """A new folder, locked for as long as this process lives. In the end it is deleted, unless it was renamed."""
    part, lock = _new(uploads)
    try:
        yield part
    finally:
        try:
            await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)
        finally:
            os.close(lock)


def sweep(uploads: Path) -> None:
    """Delete what dead processes left; other users see nothing of the uploads."""
    uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
    uploads.chmod(0o700)  # it may have been made by an earlier version
    for part in uploads.glob(".*.part"):
        with suppress(FileNotFoundError):
            lock = os.open(part, os.O_RDONLY)
            try:
                if _locked(lock):
                    shutil.rmtree(part, ignore_errors=True)
            finally:
                os.close(lock)


def _new(uploads: Path) -> tuple[Path, int]:
    """A folder and its lock. Between the two a door that opens may have taken it for a dead one: then another."""
    uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        part = uploads / f".{uuid4().hex}.part"
        part.mkdir(mode=0o700)
        with suppress(FileNotFoundError):
            lock = os.open(part, os.O_RDONLY)
            if _locked(lock) and part.exists():
                return part, lock
            os.close(lock)


def _locked(handle: int) -> bool:
    """Lock it, if nobody has; the lock goes with the process, however that ends."""
    import fcntl  # only POSIX systems have it, and only uploads need it

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
