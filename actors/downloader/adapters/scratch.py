"""Folders for downloads under way. What a killed process left behind is cleared by the next one that starts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

__all__ = ["Scratch"]

_LOCK = ".lock"


class Scratch:
    """Gives out folders below `root`, each locked for as long as its process lives, to tell leftovers apart."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A new folder, deleted with all that is in it at the end of the block."""
        self._root.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix="job-", dir=self._root))
        try:
            with (folder / _LOCK).open("wb") as lock:
                _try_lock(lock)
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def clear(self) -> None:
        """Delete what killed processes left."""
        for folder in self._root.glob("job-*"):
            with suppress(FileNotFoundError):
                path = folder / _LOCK
                # A folder without its lock yet belongs to a process that is just making it.
                if path.is_file():
                    with path.open("rb") as lock:
                        abandoned = _try_lock(lock)
                    if abandoned:
                        shutil.rmtree(folder, ignore_errors=True)


def _try_lock(file: IO[bytes]) -> bool:
    """Take the lock if nobody holds it; it goes with the process, however that ends."""
    if os.name == "nt":  # no flock there: leftovers stay until somebody deletes them
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
