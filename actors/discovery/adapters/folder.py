"""A folder that is looked through: every video in it is a candidate, whatever the niche; its files say the rest.

Looking is blocking work and runs in a thread, which ends at the next file when nobody waits for it any more.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from typing import Literal

from pydantic import ValidationError

from actors.discovery.adapters.sidecar import Captions, captions_by_stem, read_sidecar
from actors.discovery.ports import Findings, Query, SourceError
from contracts.ids import digest
from contracts.media import Candidate, Rights
from contracts.sidecar import Sidecar, SidecarError, rights_beside

__all__ = ["Folder", "Listing", "Video"]

_VIDEOS = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m2v", ".ts", ".mts", ".m2ts"}
_VIDEOS |= {".wmv", ".flv", ".ogv", ".3gp", ".3g2", ".mxf"}
_PARTIAL = {".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".ytdl"}


@dataclass(frozen=True)
class Video:
    """A video file as it lies there. `beside`: size and time of what lies beside it."""

    path: Path
    relative: str
    size: int
    mtime_ns: int
    json: Path | None
    captions: Path | None
    captions_language: str | None
    beside: tuple[tuple[str, int, int], ...] = ()

    @property
    def candidate_id(self) -> str:
        """Made from path, size and time: a file that is replaced is another candidate."""
        return f"folder:{digest(self.relative, self.size, self.mtime_ns)}"


@dataclass
class Listing:
    """The videos of a folder, newest first, and what was left out."""

    videos: list[Video] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


class Folder:
    """Finds the videos in a folder of this machine."""

    def __init__(self, path: Path, *, rights: Literal["owned", "licensed", "permission", "unknown"]) -> None:
        self.path = path
        self._rights = rights

    async def search(self, query: Query, found: Findings) -> None:
        """See `Source.search`. Where no `.json` tells when a video was published, it counts from the file's time."""
        stop = Flag()
        try:
            await asyncio.to_thread(self._search, query, found, stop)
        finally:
            stop.set()

    async def look(self) -> Listing:
        """The videos that are there now. Raises `SourceError`."""
        stop = Flag()
        try:
            return await asyncio.to_thread(self._look, stop)
        finally:
            stop.set()

    def _search(self, query: Query, found: Findings, stop: Flag) -> None:
        listing = self._look(stop)
        wanted = [video for video in listing.videos if query.only is None or video.candidate_id in query.only]
        left = 0
        for video in wanted:
            if stop.is_set():
                return
            if found.room <= 0:
                left += 1
                continue
            candidate = self._describe(video, found)
            published = candidate.published_at or datetime.fromtimestamp(video.mtime_ns / 1e9, UTC)
            if query.since is None or published >= query.since:
                found.add(candidate)
        if left:
            found.note(f"{left} older files were left out: the limit is {found.limit}")
        if listing.outside:
            found.note(
                f"links that lead out of the folder were skipped, copy the files instead: {_some(listing.outside)}"
            )
        if listing.unreadable:
            found.note(f"not readable, check their permissions: {_some(listing.unreadable)}")

    def _look(self, stop: Flag) -> Listing:
        try:
            root = self.path.resolve(strict=True)
            os.scandir(root).close()
        except (OSError, RuntimeError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "it links to itself"
            raise SourceError(
                f"the folder {self.path} cannot be read ({why})",
                advice="Create it, or set CLIPWIRE_FOLDER_PATH to the folder with your videos",
            ) from None
        listing = Listing()
        for folder, names in _folders(root, listing, stop):
            captions = captions_by_stem(names)
            for name in filter(_is_video, names):
                _take(root, folder / name, names, captions, listing)
        listing.videos.sort(key=lambda video: (-video.mtime_ns, video.relative))
        return listing

    def _describe(self, video: Video, found: Findings) -> Candidate:
        """The candidate of a file. A `.json` that cannot be used may have restricted the rights: they are unknown."""
        try:
            sidecar = read_sidecar(video.json) if video.json else Sidecar()
            if sidecar.model_extra:
                found.note(f"{video.relative}: its .json has unknown fields: {_some(sorted(sidecar.model_extra))}")
            return self._candidate(video, sidecar, None)
        except (SidecarError, ValidationError, OSError) as error:
            why = error.strerror or "unreadable" if isinstance(error, OSError) else str(error).splitlines()[0]
            found.note(
                f"{_shown(video.relative)}: its .json cannot be used ({why}), so its rights are unknown: correct it"
            )
            return self._candidate(video, Sidecar(), Rights())

    def _candidate(self, video: Video, sidecar: Sidecar, rights: Rights | None) -> Candidate:
        title = sidecar.title or _shown(video.path.stem).replace("_", " ").strip() or "Untitled"
        told = sidecar.told()
        return Candidate(
            candidate_id=video.candidate_id,
            url=video.path.as_uri(),
            title=title[:1000],
            source="folder",
            **{**told, "language": sidecar.language or video.captions_language},
            captions_url=video.captions.as_uri() if video.captions else None,
            rights=rights or rights_beside(sidecar, title=title, default=self._rights),
        )


def _folders(root: Path, listing: Listing, stop: Flag) -> Iterator[tuple[Path, set[str]]]:
    """The folder and those in it, with the names of their visible files. Links to folders are not followed."""

    def unreadable(error: OSError) -> None:
        listing.unreadable.append(_shown(os.path.relpath(error.filename, root)))

    for folder, inner, names in os.walk(root, onerror=unreadable):
        if stop.is_set():
            return
        here = Path(folder)
        linked = [name for name in inner if (here / name).is_symlink()]
        listing.outside += [_shown(os.path.relpath(here / name, root)) for name in linked]
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name not in linked)
        yield here, {name for name in names if not name.startswith(".")}


def _is_video(name: str) -> bool:
    suffixes = {suffix.lower() for suffix in Path(name).suffixes}
    return Path(name).suffix.lower() in _VIDEOS and not suffixes & _PARTIAL and not name.startswith("~")


def _take(root: Path, path: Path, names: set[str], captions: dict[str, Captions], listing: Listing) -> None:
    relative = path.relative_to(root).as_posix()
    if not _inside(path, root):
        listing.outside.append(_shown(relative))
        return
    if path.is_symlink():
        return  # what it points at is in the folder too and is found there
    with suppress(FileNotFoundError):  # taken away since the folder was listed
        status = path.stat()
        json = path.with_suffix(".json") if f"{path.stem}.json" in names else None
        json = json if json and _inside(json, root) else None
        said = captions.get(path.stem)
        said = said if said and _inside(path.with_name(said.name), root) else None
        beside = [file for file in (json, path.with_name(said.name) if said else None) if file]
        listing.videos.append(
            Video(
                path=path,
                relative=relative,
                size=status.st_size,
                mtime_ns=status.st_mtime_ns,
                json=json,
                captions=path.with_name(said.name) if said else None,
                captions_language=said.language if said else None,
                beside=tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in beside),
            )
        )


def _inside(path: Path, root: Path) -> bool:
    """Whether a path leads to a file in the folder. Only a link can lead elsewhere: linked folders are not entered."""
    if not path.is_symlink():
        return path.is_file()
    try:
        return path.resolve(strict=True).is_relative_to(root) and path.is_file()
    except (OSError, RuntimeError):  # a broken link, or one that links to itself
        return False


def _shown(text: str) -> str:
    """A file name that is no UTF-8, made printable."""
    return os.fsencode(text).decode("utf-8", "replace")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(_shown(name) for name in names[:3]) + more
