"""Local files, through the whole actor."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from actors.downloader.actor import build
from actors.downloader.adapters.fetching import RealFetcher
from actors.downloader.settings import DownloaderSettings
from contracts.events import CandidateApproved
from contracts.keys import candidate_uri, clip_uri
from contracts.media import Candidate, Clip, MediaRef, Rights
from contracts.renders import Recipe
from contracts.subjects import CANDIDATE_APPROVED, CLIP_DOWNLOADED
from contracts.work import Channel
from runtime.actor import Actor
from runtime.errors import Reject
from runtime.media import FileMediaStore
from tests.downloader.conftest import Make
from tests.downloader.films import film
from tests.support.channels import MemoryChannels
from tests.support.work import deliver

SRT = "1\n00:00:00,000 --> 00:00:01,000\nhello\n"


async def clip_of(actor: Actor, **approved: object) -> Clip:
    work = await deliver(actor, CANDIDATE_APPROVED, CandidateApproved.model_validate(approved))
    [downloaded] = work.of(CLIP_DOWNLOADED)
    return downloaded.clip


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


async def test_captions_beside_the_file_and_given_ones_come_along(
    downloader: Make, media: FileMediaStore, tmp_path: Path
) -> None:
    path = film(tmp_path / "a.mp4")
    (tmp_path / "a.en-GB.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nhi\n")
    (tmp_path / "a.srt").write_text("no captions at all")
    given = tmp_path / "given.txt"
    given.write_bytes(SRT.encode("utf-16"))
    clip = await clip_of(downloader(), url=path.as_uri(), captions_url=given.as_uri())
    assert [(t.origin, t.format, t.language) for t in clip.captions] == [
        ("given", "srt", None),
        ("beside", "vtt", "en-GB"),
    ]
    assert (await media.local(clip.captions[0].uri)).read_bytes() == given.read_bytes()
    assert clip.warnings == ("a.srt is no caption file that can be read",)


async def test_captions_beside_the_file_come_with_word_times_first(downloader: Make, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4")
    (tmp_path / "a.srt").write_text(SRT)
    (tmp_path / "a.en.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n")
    (tmp_path / "a.json3").write_text('{"events": [{"tStartMs": 0, "dDurationMs": 1000, "segs": [{"utf8": "hello"}]}]}')
    (tmp_path / "ab.srt").write_text(SRT)
    tracks = (await clip_of(downloader(), url=path.as_uri())).captions
    assert [(track.format, track.language) for track in tracks] == [("json3", None), ("vtt", "en"), ("srt", None)]


async def test_captions_that_are_put_beside_the_file_later_are_taken_in(downloader: Make, tmp_path: Path) -> None:
    path, actor, given = film(tmp_path / "a.mp4"), downloader(), tmp_path / "given.srt"
    given.write_text(SRT)
    clip = await clip_of(actor, url=path.as_uri(), captions_url=given.as_uri(), approved_by="ann", vouch=True)
    assert [track.origin for track in clip.captions] == ["given"]
    (tmp_path / "a.srt").write_text(SRT)
    clip = await clip_of(actor, url=path.as_uri())
    assert [track.origin for track in clip.captions] == ["given", "beside"]
    assert clip.candidate.rights.vouched_by == "ann"


LICENSED = {"licence": "CC BY 4.0", "licence_url": "https://creativecommons.org/licenses/by/4.0/"}


@pytest.mark.parametrize("told", [LICENSED, {"rights": LICENSED}])
async def test_the_json_beside_the_file_tells_title_and_rights(
    downloader: Make, tmp_path: Path, told: dict[str, object]
) -> None:
    path = film(tmp_path / "a.mp4")
    about = {"title": "How bees find home", "author": "Ada Example", "tags": ["bees"], "language": "en", **told}
    (tmp_path / "a.json").write_text(json.dumps(about))
    clip = await clip_of(downloader(), url=path.as_uri())
    assert (clip.title, clip.candidate.title) == ("How bees find home", "How bees find home")
    assert (clip.candidate.author, clip.candidate.tags, clip.candidate.language) == ("Ada Example", ("bees",), "en")
    assert clip.candidate.rights == Rights(
        status="licensed",
        licence="CC BY 4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        owner="Ada Example",
        attribution="“How bees find home” by Ada Example (CC BY 4.0, https://creativecommons.org/licenses/by/4.0/)",
    )
    assert clip.warnings == ()


async def test_a_json_beside_the_file_that_is_corrected_is_read_again(downloader: Make, tmp_path: Path) -> None:
    path, actor = film(tmp_path / "a.mp4"), downloader()
    (tmp_path / "a.json").write_text('{"title": "Befor')
    clip = await clip_of(actor, url=path.as_uri())
    assert (clip.title, clip.candidate.rights) == ("a", Rights())
    assert "a.json beside the video cannot be used" in clip.warnings[0]
    (tmp_path / "a.json").write_text('{"title": "Before", "licens": "mine"}')
    clip = await clip_of(actor, url=path.as_uri())
    assert clip.title == "Before"
    assert "licens" in clip.warnings[0]


async def test_captions_that_are_given_later_are_added(downloader: Make, tmp_path: Path) -> None:
    path, given = film(tmp_path / "a.mp4"), tmp_path / "late.srt"
    given.write_text(SRT)
    actor = downloader()
    assert (await clip_of(actor, url=path.as_uri())).captions == ()
    [track] = (await clip_of(actor, url=path.as_uri(), captions_url=given.as_uri())).captions
    assert track.origin == "given"


@pytest.mark.parametrize("body", [None, "not captions"])
async def test_given_captions_must_be_there_and_be_captions(
    downloader: Make, tmp_path: Path, body: str | None, media: FileMediaStore
) -> None:
    path, given = film(tmp_path / "a.mp4"), tmp_path / "late.srt"
    if body:
        given.write_text(body)
    with pytest.raises(Reject) as refused:
        await clip_of(downloader(), url=path.as_uri(), captions_url=given.as_uri())
    assert refused.value.field == "captions_url"
    assert await media.list("media://clips") == [] or not await media.exists("media://clips/clip.json")


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


async def test_a_candidate_that_nobody_found_needs_its_address(downloader: Make) -> None:
    with pytest.raises(Reject, match="Give its address as `url`"):
        await clip_of(downloader(), candidate_id="youtube:dQw4w9WgXcQ")


def gone(path: Path) -> Path:
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def empty(path: Path) -> Path:
    path.touch()
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    ("make", "why"),
    [(gone, "There is no file"), (folder, "is a folder"), (empty, "zero bytes"), (pipe, "not a regular file")],
)
async def test_paths_that_are_no_film_are_refused(downloader: Make, tmp_path: Path, make: Make, why: str) -> None:
    path: Path = make(tmp_path / "a.mp4")  # type: ignore[assignment]  # the parameters are the functions above
    with pytest.raises(Reject, match=why):
        await clip_of(downloader(), url=path.as_uri())


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/a.mp4", "concat:/a.mp4|/b.mp4", "file://server/share/a.mp4", "http:///a.mp4", "file:a.mp4"],
)
async def test_other_addresses_are_refused(downloader: Make, url: str) -> None:
    with pytest.raises(Reject):
        await clip_of(downloader(), url=url)


async def test_local_files_can_be_forbidden(downloader: Make, tmp_path: Path) -> None:
    with pytest.raises(Reject, match="CLIPWIRE_DOWNLOADER_SCHEMES"):
        await clip_of(downloader(downloader_schemes="https"), url=film(tmp_path / "a.mp4").as_uri())


async def test_a_refused_file_leaves_nothing_behind(downloader: Make, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("no film")
    with pytest.raises(Reject):
        await clip_of(downloader(), url=path.as_uri())
    assert [p for p in (tmp_path / "media").rglob("*") if p.is_file()] == []


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


@pytest.mark.parametrize(
    "url",
    [
        "file:///a/%00x.mp4",
        "file:///" + "x" * 300 + ".mp4",
        "file:///" + "x/" * 2100 + "a.mp4",
        "https://example.org/%00.mp4",
        "http://[::1/a.mp4",
        "http://example.org:port/a.mp4",
        "file:///a/%ff\udcff.mp4",
    ],
)
async def test_addresses_that_name_nothing_are_refused_in_plain_words(downloader: Make, url: str) -> None:
    approved = CandidateApproved.model_construct(url=url, candidate_id="web:a")
    with pytest.raises(Reject) as refused:
        await deliver(downloader(), CANDIDATE_APPROVED, approved)
    assert refused.value.field == "url"
    assert not re.search("Errno|Invalid IPv6|embedded|surrogate", str(refused.value))


async def test_captions_at_an_address_that_names_nothing_are_refused(downloader: Make, tmp_path: Path) -> None:
    with pytest.raises(Reject) as refused:
        await clip_of(downloader(), url=film(tmp_path / "a.mp4").as_uri(), captions_url="file:///a/%00.srt")
    assert refused.value.field == "captions_url"


@pytest.mark.parametrize(
    ("order", "field", "known"),
    [({"recipe": "tall"}, "recipe", "square, wide"), ({"channel_id": "nobody"}, "channel_id", "")],
)
async def test_an_order_that_cannot_be_carried_out_is_refused_before_anything_is_fetched(
    downloader: Make, tmp_path: Path, order: dict[str, str], field: str, known: str
) -> None:
    channels = MemoryChannels(Channel(channel_id="news", recipes=(Recipe(name="wide"), Recipe(name="square"))))
    approved = {"channel_id": "news", "url": (tmp_path / "none.mp4").as_uri(), **order}
    with pytest.raises(Reject) as refused:
        await clip_of(downloader(channels), **approved)
    assert refused.value.field == field
    assert known in str(refused.value)
