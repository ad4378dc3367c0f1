"""Clips in the media store: found again, or taken in. `clip.json` is written last: where it is, the clip is whole."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import url2pathname
from weakref import WeakValueDictionary

from pydantic import BaseModel

from actors.downloader.adapters.local import copy_file, neighbours
from actors.downloader.core import (
    caption_format,
    completed,
    container_suffix,
    described,
    with_sidecar,
    without_secrets,
)
from actors.downloader.ports import CaptionFile, Fetched, Fetcher, Probe, Tell, Unreachable
from contracts.events import CandidateApproved
from contracts.ids import digest
from contracts.keys import candidate_uri, clip_prefix, clip_uri
from contracts.media import Candidate, CaptionTrack, Clip, MediaRef
from runtime.errors import Reject, Retry
from runtime.files import own_folder
from runtime.media import MediaStore

__all__ = ["SCRATCH", "Clips", "FileState"]

SCRATCH = "job-"
"""What the names of folders for downloads under way begin with."""

M = TypeVar("M", bound=BaseModel)

_HEAD = 65536
_CONTENT_TYPES = {"srt": "application/x-subrip", "vtt": "text/vtt", "json3": "application/json"}


class FileState(BaseModel):
    """Which state of a local file a clip was made of; kept beside it as `origin.json`.

    `media_sha256`: the media of that clip, for it is written before `clip.json`. `beside`: name, size and time of each
    file next to it that says something about it (captions, `NAME.json`).
    """

    url: str
    bytes: int
    mtime_ns: int
    beside: tuple[tuple[str, int, int], ...] = ()
    media_sha256: str | None = None


class Clips:
    """Gives the clip of an approved candidate, downloading it if it is not there."""

    def __init__(self, media: MediaStore, fetcher: Fetcher, scratch: Path) -> None:
        self._media = media
        self._fetcher = fetcher
        self._scratch = scratch
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def clip_of(self, approved: CandidateApproved, tell: Tell) -> Clip:
        """The clip, whole and in the media store. Raises `Reject`, `Retry`, `Unavailable`."""
        # Two approvals of one video in one process: the second waits and finds what the first has fetched.
        async with self._locks.setdefault(approved.key, asyncio.Lock()):
            stored = await self._read(clip_uri(approved.key), Clip)
            url = approved.url or (stored.source_url if stored else None)
            if stored is not None and await self._still_fits(stored, url or ""):
                return await self._extended(stored, approved)
            found = await self._read(candidate_uri(approved.key), Candidate)
            url = approved.url or (found.url if found else url)
            if url is None:
                raise Reject(
                    f"Nothing is known about {approved.key}",
                    advice="Give its address as `url`, or find it with a discovery first",
                    field="candidate_id",
                )
            return await self._taken_in(approved, url, found, stored, tell)

    async def _read(self, uri: str, model: type[M]) -> M | None:
        return await self._media.read(uri, model) if await self._media.exists(uri) else None

    async def _still_fits(self, clip: Clip, url: str) -> bool:
        """Whether the stored media is there, and is what the address means today."""
        if not await self._media.exists(clip.media.uri):
            return False
        now = _file_state(url)
        if now is None:
            return True
        origin = await self._read(f"{clip_prefix(clip.clip_id)}/origin.json", FileState)
        return origin == now.model_copy(update={"media_sha256": clip.media.sha256})

    async def _same_video(self, clip_id: str, state: FileState | None) -> bool:
        """Whether the stored clip was made of this very file, and only what lies beside it is another."""
        origin = await self._read(f"{clip_prefix(clip_id)}/origin.json", FileState)
        if origin is None or state is None:
            return False
        return origin == state.model_copy(update={"beside": origin.beside, "media_sha256": origin.media_sha256})

    async def _extended(self, clip: Clip, approved: CandidateApproved) -> Clip:
        """A stored clip with what a later approval adds: captions, or somebody who vouches for the rights."""
        changed = clip.model_copy(update={"candidate": _vouched(clip.candidate, approved)})
        if approved.captions_url is not None:
            with own_folder(self._scratch, SCRATCH, mode=0o700) as folder:
                file = await self._fetcher.captions(approved.captions_url, folder, "given")
                track = await self._track(clip.clip_id, file)
            others = tuple(t for t in clip.captions if t.origin != "given")
            changed = changed.model_copy(update={"captions": (track, *others)})
        if changed != clip:
            await self._media.write(clip_uri(clip.clip_id), changed)
        return changed

    async def _taken_in(
        self, approved: CandidateApproved, url: str, found: Candidate | None, old: Clip | None, tell: Tell
    ) -> Clip:
        clip_id = approved.key
        state = _file_state(url)
        with own_folder(self._scratch, SCRATCH, mode=0o700) as folder:
            fetched = await self._fetcher.fetch(url, folder, _part(tell, 0.0, 0.7))
            probe = await self._fetcher.probe(fetched.path, _name(url), _part(tell, 0.7, 0.9))
            warnings = [*probe.warnings, *fetched.warnings]
            files = await self._caption_files(approved, found, fetched, folder, warnings)
            # Under a name of its own: the old clip stays whole for those who work with it until the new one is there.
            name = f"source.{digest(url, state.model_dump(mode='json') if state else None)[:12]}"
            media = await self._keep(f"{clip_prefix(clip_id)}/{name}", fetched, probe, _part(tell, 0.9, 1.0))
            tracks = await self._tracks(clip_id, files, warnings)
        if state != _file_state(url):
            raise Retry(f"{url} changed while it was taken in", after=30, advice="Send it again when it is finished")
        told = described(fetched.told, candidate_id=clip_id, url=url)
        told = with_sidecar(told, fetched.sidecar) if fetched.sidecar else told
        candidate = _vouched(completed(found, told) if found else told, approved)
        if old is not None and await self._same_video(clip_id, state):
            candidate, tracks = _kept(old, candidate, tracks)
        clip = _clip(candidate, url, media, probe, tracks, warnings)
        if state is not None:
            state = state.model_copy(update={"media_sha256": media.sha256})
            await self._media.write(f"{clip_prefix(clip_id)}/origin.json", state)
        await self._media.write(clip_uri(clip_id), clip)
        await self._tidy(clip)
        return clip

    async def _caption_files(
        self, approved: CandidateApproved, found: Candidate | None, fetched: Fetched, folder: Path, warnings: list[str]
    ) -> list[CaptionFile]:
        """Best first. Captions that came with the order must be there; what a source only promised need not."""
        files = list(fetched.captions)
        if found is not None and found.captions_url is not None:
            try:
                files.insert(0, await self._fetcher.captions(found.captions_url, folder, "beside"))
            except (Reject, Unreachable) as error:
                warnings.append(f"The captions beside the video are left out: {error.what}")
        if approved.captions_url is not None:
            files.insert(0, await self._fetcher.captions(approved.captions_url, folder, "given"))
        return files

    async def _tracks(
        self, clip_id: str, files: Iterable[CaptionFile], warnings: list[str]
    ) -> tuple[CaptionTrack, ...]:
        tracks: dict[str, CaptionTrack] = {}
        for file in files:
            try:
                track = await self._track(clip_id, file)
            except Reject as error:
                if file.origin == "given":
                    raise
                warnings.append(error.what)
            else:
                tracks.setdefault(track.uri, track)
        return tuple(tracks.values())

    async def _track(self, clip_id: str, file: CaptionFile) -> CaptionTrack:
        """Store a caption file under a name made from its content, so that another one is seen to be another."""
        body = await asyncio.to_thread(file.path.read_bytes)
        kind = caption_format(body[:_HEAD], file.path.name)
        if kind is None:
            raise Reject(
                f"{file.path.name} is no caption file that can be read",
                advice="Give SubRip (.srt), WebVTT (.vtt) or YouTube's json3",
                field="captions_url",
            )
        name = digest(body.hex(), file.language)[:12]
        uri = f"{clip_prefix(clip_id)}/captions.{file.origin}.{name}.{kind}"
        async with self._media.writing(uri, _CONTENT_TYPES[kind]) as draft:
            await asyncio.to_thread(draft.path.write_bytes, body)
        return CaptionTrack(uri=uri, format=kind, language=file.language, origin=file.origin)

    async def _keep(self, stem: str, fetched: Fetched, probe: Probe, tell: Tell) -> MediaRef:
        suffix, content_type = container_suffix(probe.container, probe.video_codec)
        async with self._media.writing(f"{stem}.{suffix}", content_type) as draft:
            if not (fetched.ours and _moved(fetched.path, draft.path)):
                await _copied(fetched.path, draft.path, tell)
        return draft.ref

    async def _tidy(self, clip: Clip) -> None:
        """Delete media and captions that the clip does not name: of the film before it, or of a download cut short."""
        kept = {clip.media.uri, *(track.uri for track in clip.captions)}
        for uri in await self._media.list(clip_prefix(clip.clip_id)):
            if uri.rpartition("/")[2].startswith(("source.", "captions.")) and uri not in kept:
                await self._media.delete(uri)


def _clip(
    candidate: Candidate, url: str, media: MediaRef, probe: Probe, tracks: tuple[CaptionTrack, ...], warnings: list[str]
) -> Clip:
    return Clip(
        clip_id=candidate.candidate_id,
        source_url=url,
        title=candidate.title,
        media=media,
        duration=probe.duration,
        width=probe.width,
        height=probe.height,
        rotation=probe.rotation,
        fps=probe.fps,
        variable_fps=probe.variable_fps,
        video_codec=probe.video_codec,
        audio_codec=probe.audio_codec,
        color=probe.color,
        loudness=probe.loudness,
        captions=tracks,
        candidate=candidate,
        warnings=tuple(warnings),
    )


def _name(url: str) -> str:
    """What a person calls the video at an address."""
    return Path(url2pathname(urlsplit(url).path)).name if url.startswith("file:") else without_secrets(url)


def _vouched(candidate: Candidate, approved: CandidateApproved) -> Candidate:
    if not approved.vouch or candidate.rights.vouched_by is not None:
        return candidate
    rights = candidate.rights.model_copy(update={"vouched_by": approved.approved_by})
    return candidate.model_copy(update={"rights": rights})


def _kept(
    old: Clip, candidate: Candidate, tracks: tuple[CaptionTrack, ...]
) -> tuple[Candidate, tuple[CaptionTrack, ...]]:
    """With what people gave to the same video before: their word for its rights, and captions."""
    if candidate.rights.vouched_by is None:
        rights = candidate.rights.model_copy(update={"vouched_by": old.candidate.rights.vouched_by})
        candidate = candidate.model_copy(update={"rights": rights})
    if not any(track.origin == "given" for track in tracks):
        tracks = (*(track for track in old.captions if track.origin == "given"), *tracks)
    return candidate, tracks


def _part(tell: Tell, first: float, last: float) -> Tell:
    """A part of the work as a part of the whole bar."""

    async def told(done: float | None, note: str, eta_s: float | None) -> None:
        await tell(None if done is None else first + (last - first) * done, note, eta_s)

    return told


def _moved(path: Path, target: Path) -> bool:
    """Whether a rename was possible: on the same disk it costs nothing."""
    try:
        path.replace(target)
    except OSError:
        return False
    return True


async def _copied(path: Path, target: Path, tell: Tell) -> None:
    """Copy in a thread that stops when this is cancelled."""
    loop = asyncio.get_running_loop()
    stop = threading.Event()

    def copied(done: int, of: int) -> None:
        asyncio.run_coroutine_threadsafe(tell(done / of, "copying", None), loop)

    try:
        await asyncio.to_thread(copy_file, path, target, copied, stop)
    finally:
        stop.set()


def _file_state(url: str) -> FileState | None:
    """The present state of the file behind a `file:` address; none for another address, or if it is gone."""
    if not url.startswith("file:"):
        return None
    path = Path(url2pathname(urlsplit(url).path))
    try:
        stat = path.stat()
        return FileState(url=url, bytes=stat.st_size, mtime_ns=stat.st_mtime_ns, beside=neighbours(path))
    except (OSError, ValueError):  # the latter where its text is no path at all
        return None
