"""Files and folders written whole or not at all, and locks that fall with their process, however that ends."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["flush_folder", "own_folder", "sweep_folders", "try_lock", "write_atomically"]


def write_atomically(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write `text` to `path` by a temporary name and a rename; `mode` is in force from the first byte."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def flush_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    if os.name == "nt":  # Windows has no fsync of a folder; its rename is journaled
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def try_lock(handle: int, *, shared: bool = False) -> bool:
    """Lock an open file or folder until it is closed or its process ends; False if another one has it locked.

    Raises `OSError` where the disk knows no such locks, as some network disks for folders.
    """
    import fcntl  # only POSIX systems have it

    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def own_folder(root: Path, prefix: str, *, mode: int = 0o777) -> Iterator[Path]:
    """A new folder in `root`, locked for as long as this process lives. In the end it is deleted, unless renamed.

    On a disk without such locks it is not, and a sweep leaves it alone.
    """
    folder, lock = _locked_folder(root, prefix, mode)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def sweep_folders(root: Path, prefix: str) -> None:
    """Delete what dead processes left of their own folders."""
    for folder in root.glob(f"{prefix}*"):
        with suppress(OSError):  # its process has just ended it, or nobody can tell whether it lives
            lock = os.open(folder, os.O_RDONLY)
            try:
                if try_lock(lock):
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _locked_folder(root: Path, prefix: str, mode: int) -> tuple[Path, int]:
    """A folder and its lock. Between the two a sweep may have taken it for a dead one: then another."""
    root.mkdir(parents=True, exist_ok=True, mode=mode)
    while True:
        folder = root / f"{prefix}{secrets.token_hex(8)}"
        folder.mkdir(mode=mode)
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            try:
                locked = try_lock(lock)
            except OSError:
                return folder, lock
            if locked and folder.exists():
                return folder, lock
            os.close(lock)
