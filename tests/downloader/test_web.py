"""The web, through the whole actor and the real yt-dlp, against servers on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from contracts.events import CandidateApproved
from contracts.subjects import CANDIDATE_APPROVED
from runtime.errors import Reject, Retry, Unavailable
from runtime.media import FileMediaStore
from tests.downloader.conftest import Make, clip_of
from tests.downloader.films import film
from tests.downloader.web import Site, served
from tests.support.work import deliver


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with served() as running:
        yield running


async def test_a_film_on_the_web_is_downloaded_once(
    downloader: Make, media: FileMediaStore, site: Site, tmp_path: Path
) -> None:
    body = film(tmp_path / "a.mp4").read_bytes()
    url = site.file("/A_film.mp4", body)
    captions = site.file("/c", b"WEBVTT\n\n00:00.000 --> 00:01.000\nhi\n", "text/plain")
    actor = downloader()
    clip = await clip_of(actor, url=url, captions_url=captions)
    assert (await media.local(clip.media.uri)).read_bytes() == body
    assert (clip.title, clip.candidate.published_at) == ("A_film", None)
    assert [(t.origin, t.format) for t in clip.captions] == [("given", "vtt")]
    asked = len(site.asked)
    assert await clip_of(actor, url=url) == clip
    assert len(site.asked) == asked
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("code", [404, 403])
async def test_what_is_not_there_is_refused(downloader: Make, site: Site, code: int) -> None:
    with pytest.raises(Reject, match=f"HTTP {code}"):
        await clip_of(downloader(), url=site.status("/a.mp4", code))


@pytest.mark.parametrize(("code", "kind"), [(429, Retry), (503, Unavailable)])
async def test_a_server_in_trouble_is_asked_again_later(
    downloader: Make, site: Site, code: int, kind: type[Retry]
) -> None:
    with pytest.raises(kind, match=f"HTTP {code}"):
        await clip_of(downloader(), url=site.status("/a.mp4", code))


async def test_a_server_that_never_answers_is_given_up(downloader: Make, site: Site) -> None:
    with pytest.raises(Unavailable, match="does not answer in time"):
        await clip_of(downloader(downloader_stall_s=0.3), url=site.hang("/a.mp4"))


async def test_a_download_that_stops_coming_is_given_up(downloader: Make, site: Site, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        url = site.hang("/a.mp4", film(tmp_path / "a.mp4").read_bytes()[:4000])
        await clip_of(downloader(downloader_stall_s=0.3), url=url)


async def test_a_download_that_takes_too_long_is_killed(downloader: Make, site: Site) -> None:
    with pytest.raises(Unavailable, match="CLIPWIRE_DOWNLOADER_TIMEOUT_S"):
        await clip_of(downloader(downloader_timeout_s=1.5), url=site.hang("/a.mp4"))


async def test_nobody_there_is_asked_again_later(downloader: Make, site: Site) -> None:
    async with served() as other:
        port = other.port
    with pytest.raises(Unavailable, match="cannot be reached"):
        await clip_of(downloader(), url=f"http://127.0.0.1:{port}/a.mp4")


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b"", "video/mp4", "no video to download"),
        (b"this is text", "video/mp4", "not a readable video"),
        (b"<html><title>x</title>nothing</html>", "text/html", "no video that can be read"),
    ],
)
async def test_what_is_no_film_is_refused(
    downloader: Make, site: Site, body: bytes, content_type: str, why: str
) -> None:
    with pytest.raises(Reject, match=why):
        await clip_of(downloader(), url=site.file("/a.mp4", body, content_type))


async def test_a_film_that_is_too_large_is_refused(downloader: Make, site: Site, tmp_path: Path) -> None:
    url = site.file("/a.mp4", film(tmp_path / "a.mp4").read_bytes())
    with pytest.raises(Reject, match="CLIPWIRE_DOWNLOADER_MAX_BYTES"):
        await clip_of(downloader(downloader_max_bytes=5000), url=url)


@pytest.mark.parametrize("host", ["localhost", "[::ffff:127.0.0.1]", "2130706433"])
async def test_addresses_of_this_machine_are_refused(downloader: Make, site: Site, host: str) -> None:
    site.file("/a.mp4", b"secret")
    with pytest.raises(Reject, match="CLIPWIRE_ALLOW_PRIVATE_ADDRESSES"):
        await clip_of(downloader(allow_private_addresses=False), url=site.url("/a.mp4", host))
    assert site.asked == []


async def test_a_secret_in_an_address_is_never_repeated(downloader: Make, site: Site) -> None:
    site.status("/a.mp4?token=s3cret", 404)
    url = site.url("/a.mp4?token=s3cret").replace("http://", "http://ann:pa55@")
    with pytest.raises(Reject) as refused:
        await clip_of(downloader(), url=url)
    assert "s3cret" not in str(refused.value)
    assert "pa55" not in str(refused.value)


async def test_given_captions_that_are_not_there_are_refused(downloader: Make, site: Site, tmp_path: Path) -> None:
    with pytest.raises(Reject, match="HTTP 404"):
        await clip_of(downloader(), url=film(tmp_path / "a.mp4").as_uri(), captions_url=site.url("/none.srt"))


async def test_a_cancelled_download_leaves_neither_process_nor_files(
    downloader: Make, site: Site, tmp_path: Path
) -> None:
    before = {child.pid for child in psutil.Process().children()}  # servers of other tests
    work = asyncio.create_task(clip_of(downloader(), url=site.hang("/a.mp4")))
    while not site.asked:
        await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert list((tmp_path / "scratch").iterdir()) == []
    # Every child was reaped: one that has ended and was not waited for would still be among them.
    assert {child.pid for child in psutil.Process().children()} <= before


@pytest.mark.parametrize("gone", ["no connection", "no answer", "no host"])
async def test_an_address_where_nothing_answers_twice_is_refused(downloader: Make, site: Site, gone: str) -> None:
    async with served() as other:
        closed = other.url("/a.mp4")
    url = {"no connection": closed, "no answer": site.hang("/a.mp4"), "no host": "http://nobody.invalid/a.mp4"}[gone]
    approved = CandidateApproved(url=url)
    ruled = approved.model_copy(update={"approved_by": "rule:score"})
    first, second, nobody_waits = await asyncio.gather(
        deliver(downloader(downloader_stall_s=0.3), CANDIDATE_APPROVED, approved),
        deliver(downloader(downloader_stall_s=0.3), CANDIDATE_APPROVED, approved, attempt=2),
        deliver(downloader(downloader_stall_s=0.3), CANDIDATE_APPROVED, ruled, attempt=2),
        return_exceptions=True,
    )
    assert isinstance(first, Unavailable)
    assert isinstance(second, Reject)
    assert isinstance(nobody_waits, Unavailable), "nobody waits for what a rule has approved"
    assert second.field == "url"
    assert str(first) == str(second)
    assert "send it again later" in str(second)
    assert "Errno" not in str(second)


async def test_a_server_in_trouble_is_asked_as_often_as_it_takes(downloader: Make, site: Site) -> None:
    approved = CandidateApproved(url=site.status("/a.mp4", 503))
    with pytest.raises(Unavailable, match="503"):
        await deliver(downloader(), CANDIDATE_APPROVED, approved, attempt=5)


@pytest.mark.parametrize(
    ("to", "why"),
    [("file:///etc/passwd", "begins with file:"), ("ftp://127.0.0.1/x", "begins with ftp:"), (None, "in a circle")],
)
async def test_redirects_that_lead_nowhere_are_told_as_what_they_are(
    downloader: Make, site: Site, to: str | None, why: str
) -> None:
    url = site.status("/a.mp4", 302, f"Location: {to or site.url('/a.mp4')}")
    with pytest.raises(Reject, match=why) as refused:
        await clip_of(downloader(), url=url)
    assert "removed" not in str(refused.value)
    assert "yt-dlp" not in str(refused.value)


async def test_captions_at_an_address_where_nothing_answers_name_their_field(
    downloader: Make, site: Site, tmp_path: Path
) -> None:
    given = site.hang("/a.srt")
    approved = CandidateApproved(url=film(tmp_path / "a.mp4").as_uri(), captions_url=given)
    with pytest.raises(Reject) as refused:
        await deliver(downloader(downloader_stall_s=0.3), CANDIDATE_APPROVED, approved, attempt=2)
    assert refused.value.field == "captions_url"
