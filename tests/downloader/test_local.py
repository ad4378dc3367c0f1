"""Local files, through the whole actor: taken in, kept, and taken in again when they change."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from actors.downloader.actor import build
from actors.downloader.adapters.fetching import RealFetcher
from actors.downloader.settings import DownloaderSettings
from contracts.events import CandidateApproved
from contracts.keys import candidate_uri, clip_uri
from contracts.media import Candidate, Clip, MediaRef, Rights
from contracts.subjects import CANDIDATE_APPROVED, CLIP_DOWNLOADED
from runtime.media import FileMediaStore
from tests.downloader.conftest import SRT, Make, clip_of
from tests.downloader.films import film
from tests.support.channels import MemoryChannels
from tests.support.work import deliver


async def test_a_local_film_is_copied_and_described(downloader: Make, media: FileMediaStore, tmp_path: Path) -> None:
    path = film(tmp_path / "My_first film.mp4")
    approved = CandidateApproved(url=path.as_uri(), niche="cats", clips=3, approved_by="ann", vouch=True)
    work = await deliver(downloader(), CANDIDATE_APPROVED, approved)
    [downloaded] = work.of(CLIP_DOWNLOADED)
    clip = downloaded.clip
    assert (clip.title, clip.width, clip.height, clip.video_codec) == ("My first film", 160, 90, "h264")
    assert downloaded.order == approved.order
    assert clip.candidate.rights == Rights(vouched_by="ann")
    stored = await media.local(clip.media.uri)
    assert stored.read_bytes() == path.read_bytes()
    assert stored.stat().st_nlink == 1
    assert await media.read(clip_uri(clip.clip_id), Clip) == clip
    assert [note for note in work.notes if note[1] == "copying"]
    assert list((tmp_path / "scratch").iterdir()) == []


async def test_a_second_approval_uses_the_stored_clip_with_the_new_order(
    downloader: Make, media: FileMediaStore, tmp_path: Path
) -> None:
    path = film(tmp_path / "a.mp4")
    actor = downloader()
    first = await clip_of(actor, url=path.as_uri())
    before = (await media.local(first.media.uri)).stat().st_mtime_ns
    again = CandidateApproved(url=path.as_uri(), channel_id="other", vouch=True, approved_by="ann")
    [downloaded] = (await deliver(actor, CANDIDATE_APPROVED, again)).of(CLIP_DOWNLOADED)
    assert downloaded.order.channel_id == "other"
    assert downloaded.clip.candidate.rights.vouched_by == "ann"
    assert await media.read(clip_uri(first.clip_id), Clip) == downloaded.clip
    assert (await media.local(first.media.uri)).stat().st_mtime_ns == before


async def test_a_stored_clip_outlives_its_file(downloader: Make, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4")
    actor = downloader()
    first = await clip_of(actor, url=path.as_uri())
    path.unlink()
    assert await clip_of(actor, candidate_id=first.clip_id) == first


async def test_a_file_that_has_changed_is_taken_in_again(
    downloader: Make, media: FileMediaStore, tmp_path: Path
) -> None:
    path = film(tmp_path / "a.mp4")
    path.with_suffix(".srt").write_text(SRT)
    actor = downloader()
    first = await clip_of(actor, url=path.as_uri())
    film(path, seconds=3)
    path.with_suffix(".srt").write_text(SRT.replace("hello", "bye"))
    second = await clip_of(actor, url=path.as_uri())
    assert second.duration > first.duration
    assert not await media.exists(first.captions[0].uri)
    assert await media.exists(second.captions[0].uri)


async def test_a_found_candidate_keeps_what_its_source_said(
    downloader: Make, media: FileMediaStore, tmp_path: Path
) -> None:
    path = film(tmp_path / "a.mp4")
    found = Candidate(
        candidate_id="folder:a",
        url=path.as_uri(),
        title="A title",
        source="folder",
        views=7,
        rights=Rights(status="owned"),
        captions_url=(tmp_path / "gone.srt").as_uri(),
    )
    await media.write(candidate_uri("folder:a"), found)
    clip = await clip_of(downloader(), candidate_id="folder:a")
    assert clip.candidate == found
    assert clip.clip_id == "folder:a"
    assert "gone.srt" in clip.warnings[0]


class Watched(FileMediaStore):
    """Looks, before every change of the store, whether the stored clip is whole."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.seen: list[Clip] = []

    async def look(self) -> None:
        for uri in await self.list("media://clips"):
            if uri.endswith("/clip.json"):
                clip = await super().read(uri, Clip)
                assert await self.describe(clip.media.uri, clip.media.content_type) == clip.media
                assert all([await self.exists(track.uri) for track in clip.captions])
                self.seen.append(clip)

    async def write(self, uri: str, document: BaseModel) -> MediaRef:
        await self.look()
        return await super().write(uri, document)

    async def delete(self, uri: str) -> int:
        assert not uri.endswith("/clip.json")
        await self.look()
        return await super().delete(uri)


async def test_a_clip_is_there_and_whole_at_every_moment_of_its_replacement(tmp_path: Path) -> None:
    media = Watched(tmp_path / "media")
    settings = DownloaderSettings()
    fetcher = RealFetcher(settings)
    actor = build(
        settings=settings, media=media, fetcher=fetcher, scratch=tmp_path / "scratch", channels=MemoryChannels()
    )
    path = film(tmp_path / "a.mp4")
    path.with_suffix(".srt").write_text(SRT)
    first = await clip_of(actor, url=path.as_uri())
    film(path, seconds=3)
    path.with_suffix(".srt").write_text(SRT.replace("hello", "bye"))
    second = await clip_of(actor, url=path.as_uri())
    assert (media.seen[0], media.seen[-1]) == (first, second)
    prefix = f"media://clips/{first.clip_id.replace(':', '/')}"
    kept = {second.media.uri, second.captions[0].uri, f"{prefix}/clip.json", f"{prefix}/origin.json"}
    assert set(await media.list("media://clips")) == kept


async def test_a_clip_whose_replacement_was_killed_before_its_last_write_is_taken_in_again(
    downloader: Make, media: FileMediaStore, tmp_path: Path
) -> None:
    path = film(tmp_path / "a.mp4")
    actor = downloader()
    first = await clip_of(actor, url=path.as_uri())
    film(path, seconds=3)
    second = await clip_of(actor, url=path.as_uri())
    await media.write(clip_uri(first.clip_id), first)  # `origin.json` and the film are the second's already
    assert (await clip_of(actor, url=path.as_uri())).media == second.media
