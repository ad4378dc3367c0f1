"""The media store: `media://` keys to files. Writes are atomic: a temporary name, then a rename."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from pydantic import BaseModel, TypeAdapter

from contracts.base import MediaUri
from contracts.media import MediaRef
from runtime.errors import ConfigurationError, MediaMissing, Reject
from runtime.files import flush_folder

__all__ = ["Draft", "FileMediaStore", "MediaStore", "open_media_store"]

M = TypeVar("M", bound=BaseModel)
_URI = TypeAdapter(MediaUri)
_CHUNK = 1 << 20
_PART_S = 24 * 3600.0


@dataclass
class Draft:
    """A file being written. Write to `path`; after the block, `ref` describes what was stored."""

    path: Path
    _ref: MediaRef | None = field(default=None, repr=False)

    @property
    def ref(self) -> MediaRef:
        """The stored file; only there after the block has ended without an error."""
        if self._ref is None:
            raise RuntimeError("the draft has not been stored yet: read `ref` after the `async with` block")
        return self._ref


class MediaStore(Protocol):
    """Port of the media store. Every method may raise `Reject` for a key that is not a `media://` key."""

    def writing(self, uri: str, content_type: str) -> AbstractAsyncContextManager[Draft]:
        """Write a file: it appears under `uri` whole when the block ends, or not at all when the block raises."""
        ...

    async def local(self, uri: str) -> Path:
        """A local file with the content of `uri`, for reading. Raises `MediaMissing`."""
        ...

    async def exists(self, uri: str) -> bool:
        """Whether a whole file is stored under `uri`."""
        ...

    async def describe(self, uri: str, content_type: str) -> MediaRef:
        """Size and checksum, read from the file itself. Raises `MediaMissing`."""
        ...

    async def read(self, uri: str, model: type[M]) -> M:
        """A JSON document. Raises `MediaMissing`."""
        ...

    async def write(self, uri: str, document: BaseModel) -> MediaRef:
        """Store a JSON document."""
        ...

    async def list(self, prefix: str) -> list[str]:
        """The keys of all files below `prefix` (a `media://` folder), sorted."""
        ...

    async def delete(self, uri: str) -> int:
        """Delete a file; the bytes that were freed, 0 where there was none."""
        ...


def open_media_store(location: str) -> MediaStore:
    """The media store at `location` (`file:///absolute/folder`). Raises `ConfigurationError`."""
    parts = urlsplit(location)
    if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
        return FileMediaStore(Path(unquote(parts.path)))
    raise ConfigurationError(
        f"CLIPWIRE_MEDIA_URL is {location!r}",
        advice="Use file:///absolute/folder; other stores are not supported yet",
    )


class FileMediaStore:
    """A folder of this machine, or one that every machine mounts; one file system, so that a rename moves no bytes.

    Files are written in its folder `.parts`. A writer that is killed leaves its part there, where the next one sees
    by its age that nobody writes it any more.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, uri: str) -> Path:
        try:
            key = _URI.validate_python(uri)
        except ValueError:
            raise Reject(
                f"{uri!r} is not a media:// key", advice="Use a key from an event, as it stands there"
            ) from None
        return self.root / key.removeprefix("media://")

    @asynccontextmanager
    async def writing(self, uri: str, content_type: str) -> AsyncIterator[Draft]:
        """See `MediaStore.writing`."""
        target = self._path(uri)
        parts = self.root / ".parts"  # the leading dot makes it no key
        await asyncio.to_thread(_sweep, parts)
        # The suffix stays because libraries choose a container by it.
        part = parts / f"{uuid4().hex}{target.suffix}"
        draft = Draft(part)
        try:
            yield draft
            ref = await asyncio.to_thread(_seal, part, uri, content_type)
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
            await asyncio.to_thread(flush_folder, target.parent)
            draft._ref = ref
        finally:
            part.unlink(missing_ok=True)

    async def local(self, uri: str) -> Path:
        """See `MediaStore.local`."""
        path = self._path(uri)
        if not path.is_file():
            raise MediaMissing(f"{uri} is not in the media store", advice="Drive its clip again from `download`")
        return path

    async def exists(self, uri: str) -> bool:
        """See `MediaStore.exists`."""
        return self._path(uri).is_file()

    async def describe(self, uri: str, content_type: str) -> MediaRef:
        """See `MediaStore.describe`."""
        return await asyncio.to_thread(_describe, await self.local(uri), uri, content_type)

    async def read(self, uri: str, model: type[M]) -> M:
        """See `MediaStore.read`."""
        return model.model_validate_json(await asyncio.to_thread((await self.local(uri)).read_bytes))

    async def write(self, uri: str, document: BaseModel) -> MediaRef:
        """See `MediaStore.write`."""
        async with self.writing(uri, "application/json") as draft:
            body = document.model_dump_json(indent=1).encode()
            await asyncio.to_thread(draft.path.write_bytes, body)
        return draft.ref

    async def list(self, prefix: str) -> list[str]:
        """See `MediaStore.list`."""
        folder = self._path(prefix)
        found = await asyncio.to_thread(lambda: [path for path in folder.rglob("*") if path.is_file()])
        keys = (path.relative_to(self.root).as_posix() for path in found if not path.name.startswith("."))
        return sorted(f"media://{key}" for key in keys)

    async def delete(self, uri: str) -> int:
        """See `MediaStore.delete`."""
        path = self._path(uri)
        try:
            freed = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        return freed


def _sweep(parts: Path) -> None:
    """Make the folder of parts; delete those that nobody has written to for a day."""
    parts.mkdir(parents=True, exist_ok=True)
    for left in parts.iterdir():
        with suppress(FileNotFoundError):  # finished, or swept by another process, since the folder was listed
            if time.time() - left.stat().st_mtime > _PART_S:
                left.unlink()


def _seal(part: Path, uri: str, content_type: str) -> MediaRef:
    """Flush the finished file to the disk before it gets its name, and measure it."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    return _describe(part, uri, content_type)


def _describe(path: Path, uri: str, content_type: str) -> MediaRef:
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha.update(chunk)
    return MediaRef(uri=uri, bytes=path.stat().st_size, sha256=sha.hexdigest(), content_type=content_type)
