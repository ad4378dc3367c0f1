"""The platform `outbox`: a folder per account on this machine, with feeds of what is in it.

`<folder>/<account>/<publication_id>/` appears whole, by one rename, or not at all. That name is the marker: a
publication is there or is not, and cannot be there twice.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from actors.publisher.adapters.platforms.outbox_feeds import (
    CAPTIONS,
    THUMBNAIL,
    VIDEO,
    Entry,
    FileFacts,
    Metadata,
    Place,
    entry,
    feeds,
    listed,
)
from actors.publisher.adapters.platforms.outbox_files import copy, explained, full, locked, rename
from actors.publisher.core.limits import Chapters, Hashtags, Limits, Text
from actors.publisher.ports import Api, Call, Grant, Owner, Post, Posted, Session, Steps, Tokens
from actors.publisher.settings import PublisherSettings
from contracts.media import MediaRef
from contracts.publishing import Account, Metrics
from contracts.renders import Render
from runtime.errors import Reject, Unavailable
from runtime.files import flush_folder, own_folder, sweep_folders, write_atomically
from runtime.media import MediaStore

__all__ = ["Outbox", "open_platform"]

R = TypeVar("R")
_SPARE = 4 << 20
_PUBLICATION = re.compile(r"^p_[0-9a-f]{20}$")


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> Outbox:
    """The outbox, as the settings place it. Touches nothing yet."""
    folder = (settings.outbox_dir or home / "outbox").expanduser().absolute()
    return Outbox(folder, media=media, base_url=settings.outbox_base_url)


class Outbox:
    """See `Platform`. Any name is an account."""

    name: ClassVar[str] = "outbox"
    limits = Limits(
        source="a folder of this machine",
        description=Text(5000),
        title=Text(300),
        hashtags=Hashtags(100, "field"),
        chapters=Chapters(),
    )
    grant: Grant | None = None

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
        self._entries: dict[Path, tuple[int, Entry]] = {}

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`. Nobody logs in here."""
        return ()

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`. The one limit is the room on the disk."""
        need = sum(ref.bytes for _, ref in _files(post.render)) + _SPARE
        await asyncio.to_thread(self._check_room, need)

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`. It is one step that cannot happen twice, so that nothing has to be noted."""
        sources = [(name, ref, await self._media.local(ref.uri)) for name, ref in _files(post.render)]
        return await _in_thread(lambda stop: self._publish(post, sources, stop))

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`. What is found is in the feeds afterwards."""
        return await _in_thread(lambda stop: self._find(post))

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`. The feeds leave it out as soon as they are made again."""
        if not _PUBLICATION.fullmatch(platform_id):
            raise Reject(
                f"{platform_id!r} is no publication of the outbox", advice="Give the id that `publish.done` has"
            )
        folder = self._folder / session.account.account_id.partition(":")[2] / platform_id
        with explained(folder):
            await asyncio.to_thread(shutil.rmtree, folder)

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`. Nobody counts who opens a file."""
        return {}

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`. Files are copied, nothing is requested."""
        return ()

    def _account(self, post: Post) -> Path:
        return self._folder / post.account

    def _place(self, post: Post) -> Place:
        folder = self._account(post)
        address = f"{self._base_url}/{quote(post.account)}" if self._base_url else folder.as_uri()
        return Place(post.account, address)

    def _check_room(self, need: int) -> None:
        with explained(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self._folder).free
        if free < need:
            raise full(self._folder, f"{free >> 20} MiB are free and {(need >> 20) + 1} MiB are needed")

    def _find(self, post: Post) -> Posted | None:
        folder = self._account(post)
        with explained(folder):
            if not (folder / post.publication_id).is_dir():
                return None
            metadata = _read(folder / post.publication_id)
            self._refresh(post)
        return self._posted(post, metadata)

    def _publish(self, post: Post, sources: list[tuple[str, MediaRef, Path]], stop: threading.Event) -> Posted:
        folder = self._account(post)
        with explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            metadata = self._assemble(post, sources, stop)
            self._refresh(post)
        return self._posted(post, metadata)

    def _assemble(self, post: Post, sources: list[tuple[str, MediaRef, Path]], stop: threading.Event) -> Metadata:
        """Copy, verify, describe, flush; then one rename. What is there already stays as it is."""
        folder = self._account(post)
        target = folder / post.publication_id
        if not target.is_dir():
            sweep_folders(folder, ".p_")  # what killed workers left
            with own_folder(folder, f".{post.publication_id}.") as part:
                for name, ref, source in sources:
                    copy(source, part / name, ref, stop)
                metadata = _metadata(post, self._clock())
                write_atomically(part / "metadata.json", metadata.model_dump_json(indent=1, exclude_none=True) + "\n")
                flush_folder(part)
                rename(part, target)
                flush_folder(folder)
        return _read(target)

    def _refresh(self, post: Post) -> None:
        """Bring the feeds up to date with the folder.

        The lock makes reading the folder and writing the feeds one step among all processes: who comes last has seen
        every rename before. It falls with its process. Who finds itself listed by then has nothing left to do.
        """
        folder = self._account(post)
        with locked(folder / ".lock"):
            feed = folder / "feed.json"
            if feed.is_file() and post.publication_id in listed(feed.read_text(encoding="utf-8")):
                return
            for left in folder.glob(".*.part"):
                left.unlink(missing_ok=True)  # of a worker that was killed while it wrote a feed
            place = self._place(post)
            there = [path for path in folder.iterdir() if _PUBLICATION.match(path.name)]
            for name, text in feeds(place, [self._entry(place, path) for path in there]).items():
                write_atomically(folder / name, text)
            flush_folder(folder)

    def _entry(self, place: Place, folder: Path) -> Entry:
        """The entry of a publication, made again only if its metadata was touched."""
        try:
            touched = (folder / "metadata.json").stat().st_mtime_ns
        except FileNotFoundError:
            touched = -1
        known = self._entries.get(folder)
        if known is None or known[0] != touched:
            known = self._entries[folder] = (touched, entry(place, _read(folder)))
        return known[1]

    def _posted(self, post: Post, metadata: Metadata) -> Posted:
        url = self._place(post).url(post.publication_id, VIDEO)
        return Posted(platform_id=post.publication_id, url=url, published_at=metadata.published_at)


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


def _read(folder: Path) -> Metadata:
    path = folder / "metadata.json"
    try:
        return Metadata.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        raise Unavailable(
            f"{path} is missing or written wrong, so the feeds of its account cannot be made ({type(error).__name__})",
            advice="Put the file back, or remove its folder",
        ) from error
