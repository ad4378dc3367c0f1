"""What lies beside a local file, or is given with it: captions, and the JSON that tells of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts.media import Rights
from runtime.errors import Reject
from runtime.media import FileMediaStore
from tests.downloader.conftest import SRT, Make, clip_of
from tests.downloader.films import film


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


async def test_captions_at_an_address_that_names_nothing_are_refused(downloader: Make, tmp_path: Path) -> None:
    with pytest.raises(Reject) as refused:
        await clip_of(downloader(), url=film(tmp_path / "a.mp4").as_uri(), captions_url="file:///a/%00.srt")
    assert refused.value.field == "captions_url"
