"""The platform `outbox`: a folder per account on this machine, with feeds of what is in it.

`<folder>/<account>/<publication_id>/` appears whole, by one rename, or not at all. That name is the marker: a
publication is there or is not, and cannot be there twice.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

from pydantic import ValidationError

from actors.publisher.adapters.outbox_feeds import (
    CAPTIONS,
    THUMBNAIL,
    VIDEO,
    FileFacts,
    Metadata,
    Place,
    feeds,
    listed,
)
from actors.publisher.ports import Note, Post, Posted
from actors.publisher.settings import PublisherSettings
from contracts.media import MediaRef, Render
from runtime.errors import Reject, Retry, Unavailable
from runtime.files import write_atomically
from runtime.media import MediaStore

__all__ = ["Outbox", "open_platform"]

R = TypeVar("R")
_CHUNK = 1 << 20
_SPARE = 4 << 20
_PUBLICATION = re.compile(r"^p_[0-9a-f]{20}$")
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG}


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> Outbox:
    """The outbox, as the settings place it. Touches nothing yet."""
    folder = (settings.outbox_dir or home / "outbox").expanduser().absolute()
    return Outbox(folder, media=media, base_url=settings.outbox_base_url)


class Outbox:
    """See `Platform`. Any name is an account."""

    exclusive = True

    def __init__(
        self,
        folder: Path,
        *,
        media: MediaStore,
        base_url: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._media = media
        self._base_url = base_url.rstrip("/") if base_url else None
        self._clock = clock

    async def check(self, post: Post) -> None:
        """See `Platform.check`. The one limit is the room on the disk."""
        need = sum(ref.bytes for _, ref in _files(post.render)) + _SPARE
        await asyncio.to_thread(self._check_room, need)

    async def find(self, post: Post, noted: Mapping[str, Any]) -> Posted | None:
        """See `Platform.find`. What is found is in the feeds afterwards."""
        return await _in_thread(lambda stop: self._find(post))

    async def publish(self, post: Post, noted: Mapping[str, Any], note: Note) -> Posted:
        """See `Platform.publish`."""
        sources = [(name, ref, await self._media.local(ref.uri)) for name, ref in _files(post.render)]
        return await _in_thread(lambda stop: self._publish(post, sources, stop))

    def _account(self, post: Post) -> Path:
        return self._folder / post.account

    def _place(self, post: Post) -> Place:
        folder = self._account(post)
        address = f"{self._base_url}/{quote(post.account)}" if self._base_url else folder.as_uri()
        return Place(post.account, address)

    def _check_room(self, need: int) -> None:
        with _explained(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self._folder).free
        if free < need:
            raise _full(self._folder, f"{free >> 20} MiB are free and {(need >> 20) + 1} MiB are needed")

    def _find(self, post: Post) -> Posted | None:
        folder = self._account(post)
        with _explained(folder):
            if not (folder / post.publication_id).is_dir():
                return None
            metadata = _read(folder / post.publication_id)
            self._refresh(post)
        return self._posted(post, metadata)

    def _publish(self, post: Post, sources: list[tuple[str, MediaRef, Path]], stop: threading.Event) -> Posted:
        folder = self._account(post)
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            metadata = self._assemble(post, sources, stop)
            self._refresh(post)
        return self._posted(post, metadata)

    def _assemble(self, post: Post, sources: list[tuple[str, MediaRef, Path]], stop: threading.Event) -> Metadata:
        """Copy, verify, describe, flush; then one rename. What is there already stays as it is."""
        folder = self._account(post)
        for left in folder.glob(f".{post.publication_id}.*"):
            shutil.rmtree(left, ignore_errors=True)  # of a worker that was killed
        part = folder / f".{post.publication_id}.{uuid4().hex[:8]}"
        part.mkdir()
        try:
            for name, ref, source in sources:
                _copy(source, part / name, ref, stop)
            metadata = _metadata(post, self._clock())
            write_atomically(part / "metadata.json", metadata.model_dump_json(indent=1, exclude_none=True) + "\n")
            _flush_folder(part)
            _rename(part, folder / post.publication_id)
            _flush_folder(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return _read(folder / post.publication_id)

    def _refresh(self, post: Post) -> None:
        """Bring the feeds up to date with the folder.

        The lock makes reading the folder and writing the feeds one step among all processes: who comes last has seen
        every rename before. It falls with its process. Who finds itself listed by then has nothing left to do.
        """
        folder = self._account(post)
        with _locked(folder / ".lock"):
            feed = folder / "feed.json"
            if feed.is_file() and post.publication_id in listed(feed.read_text(encoding="utf-8")):
                return
            for left in folder.glob(".*.part"):
                left.unlink(missing_ok=True)  # of a worker that was killed while it wrote a feed
            there = [_read(path) for path in sorted(folder.iterdir()) if _PUBLICATION.match(path.name)]
            for name, text in feeds(self._place(post), there).items():
                write_atomically(folder / name, text)
            _flush_folder(folder)

    def _posted(self, post: Post, metadata: Metadata) -> Posted:
        url = self._place(post).url(post.publication_id, VIDEO)
        return Posted(platform_id=post.publication_id, url=url, published_at=metadata.published_at)


class _StoppedError(Exception):
    """The handler was cancelled; nobody waits for the result."""


async def _in_thread(do: Callable[[threading.Event], R]) -> R:
    """Run blocking work; a cancelled handler tells it to stop."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(do, stop)
    except asyncio.CancelledError:
        stop.set()
        raise


def _files(render: Render) -> list[tuple[str, MediaRef]]:
    named = [(VIDEO, render.video), (THUMBNAIL, render.thumbnail), (CAPTIONS, render.captions)]
    return [(name, ref) for name, ref in named if ref is not None]


def _metadata(post: Post, published_at: datetime) -> Metadata:
    render = post.render
    return Metadata(
        publication_id=post.publication_id,
        account_id=post.account_id,
        render_id=render.render_id,
        clip_id=render.clip_id,
        title=post.title,
        description=post.description,
        tags=render.tags,
        rights=render.rights,
        published_at=published_at,
        duration=render.duration,
        width=render.width,
        height=render.height,
        fps=render.fps,
        files={
            name: FileFacts(bytes=ref.bytes, sha256=ref.sha256, content_type=ref.content_type)
            for name, ref in _files(render)
        },
    )


def _copy(source: Path, target: Path, ref: MediaRef, stop: threading.Event) -> None:
    """Copy and flush a file. Raises `Reject` if its bytes are not those that the render was said to have."""
    sha = hashlib.sha256()
    with source.open("rb") as reading, target.open("xb") as writing:
        while chunk := reading.read(_CHUNK):
            if stop.is_set():
                raise _StoppedError
            sha.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    if sha.hexdigest() != ref.sha256:
        raise Reject(
            f"{ref.uri} is not what was rendered: its SHA-256 is {sha.hexdigest()}, and was {ref.sha256}",
            advice="It was changed or damaged: render it again, then publish",
        )


def _read(folder: Path) -> Metadata:
    path = folder / "metadata.json"
    try:
        return Metadata.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        raise Unavailable(
            f"{path} is missing or written wrong, so the feeds of its account cannot be made ({type(error).__name__})",
            advice="Put the file back, or remove its folder",
        ) from error


def _rename(part: Path, target: Path) -> None:
    """Give a finished folder its name, unless a folder has it already: a rename never replaces one with content."""
    try:
        part.rename(target)
    except OSError as error:
        if error.errno not in {errno.EEXIST, errno.ENOTEMPTY}:
            raise


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of an account's folder, against other processes and other threads of this one."""
    import fcntl  # there on every POSIX system only, and the outbox is the one platform that needs it

    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """What the operating system says, in words that tell what to do."""
    try:
        yield
    except OSError as error:
        said = error.strerror or type(error).__name__
        if error.errno in _FULL:
            raise _full(folder, said) from error
        if error.errno in _FORBIDDEN:
            raise Reject(
                f"the outbox cannot be written: {error.filename or folder}: {said}",
                advice="Let the user that runs the publisher write there, or set CLIPWIRE_OUTBOX_DIR; then retry it",
            ) from error
        raise Unavailable(
            f"the outbox {folder} does not work: {said}", advice="Look at the disk that it is on"
        ) from error


def _full(folder: Path, why: str) -> Retry:
    return Retry(
        f"the disk of the outbox {folder} is full: {why}",
        after=60.0,
        advice="Free some space, or set CLIPWIRE_OUTBOX_DIR to another disk",
    )
