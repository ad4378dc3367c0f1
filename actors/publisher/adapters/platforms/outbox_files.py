"""The outbox on the disk: folders that appear whole, locks that fall with their process, errors in words."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.media import MediaRef
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["StoppedError", "copy", "explained", "full", "locked", "rename"]

_CHUNK = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG}


class StoppedError(Exception):
    """The handler was cancelled; nobody waits for the result."""


def copy(source: Path, target: Path, ref: MediaRef, stop: threading.Event) -> None:
    """Copy and flush a file. Raises `Reject` if its bytes are not those that the render was said to have."""
    sha = hashlib.sha256()
    with source.open("rb") as reading, target.open("xb") as writing:
        while chunk := reading.read(_CHUNK):
            if stop.is_set():
                raise StoppedError
            sha.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    if sha.hexdigest() != ref.sha256:
        raise Reject(
            f"{ref.uri} is not what was rendered: its SHA-256 is {sha.hexdigest()}, and was {ref.sha256}",
            advice="It was changed or damaged: render it again, then publish",
        )


def rename(part: Path, target: Path) -> None:
    """Give a finished folder its name, unless a folder has it already: a rename never replaces one with content."""
    try:
        part.rename(target)
    except OSError as error:
        if error.errno not in {errno.EEXIST, errno.ENOTEMPTY}:
            raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of an account's folder, against other processes and other threads of this one."""
    import fcntl  # only POSIX systems have it, and only the outbox needs it

    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """What the operating system says, in words that tell what to do."""
    try:
        yield
    except OSError as error:
        said = error.strerror or type(error).__name__
        if error.errno in _FULL:
            raise full(folder, said) from error
        if error.errno in _FORBIDDEN:
            raise Reject(
                f"the outbox cannot be written: {error.filename or folder}: {said}",
                advice="Let the user that runs the publisher write there, or set CLIPWIRE_OUTBOX_DIR; then retry it",
            ) from error
        raise Unavailable(
            f"the outbox {folder} does not work: {said}", advice="Look at the disk that it is on"
        ) from error


def full(folder: Path, why: str) -> Retry:
    """The error for a disk without room."""
    return Retry(
        f"the disk of the outbox {folder} is full: {why}",
        after=60.0,
        advice="Free some space, or set CLIPWIRE_OUTBOX_DIR to another disk",
    )
