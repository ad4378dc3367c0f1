"""The folder: what is a candidate, what its files say, and what is left out."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from actors.discovery.adapters.folder import Folder
from actors.discovery.ports import Findings, Query, SourceError
from contracts.media import Candidate
from tests.support.work import NOW


def put(root: Path, name: str, body: bytes | str = b"video", *, age_days: float = 0) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    when = (NOW - timedelta(days=age_days)).timestamp()
    os.utime(path, (when, when))
    return path


async def search(root: Path, *, limit: int = 25, since: datetime | None = None, rights: Any = "owned") -> Findings:
    found = Findings(limit)
    folder = Folder(root, rights=rights)
    await folder.search(Query(niche="anything", limit=limit, now=NOW, since=since), found)
    return found


async def only(root: Path, **how: Any) -> tuple[Candidate, list[str]]:
    found = await search(root, **how)
    (candidate,) = found.candidates.values()
    return candidate, found.notes


async def test_every_video_below_the_folder_is_a_candidate_whatever_the_niche(tmp_path: Path) -> None:
    for name in ("a.mp4", "deep/er/b.MKV", "c.webm", "d.mov", "e.m4v", "f.avi", "g.ts", "h.mpg"):
        put(tmp_path, name, name)
    put(tmp_path, "notes.txt")
    found = await search(tmp_path)
    titles = sorted(candidate.title for candidate in found.candidates.values())
    assert titles == ["a", "b", "c", "d", "e", "f", "g", "h"]
    assert found.notes == []


async def test_a_video_without_a_json_is_the_operators_own_and_invents_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, "my first_talk #1 é.mp4")
    candidate, _ = await only(tmp_path)
    assert candidate.candidate_id.startswith("folder:")
    assert Path(unquote(urlsplit(candidate.url).path)) == path
    assert candidate.title == "my first talk #1 é"
    assert candidate.rights.status == "owned"
    told = candidate.model_dump(exclude_defaults=True)
    assert set(told) == {"candidate_id", "url", "title", "source", "rights"}


async def test_the_setting_decides_the_rights_that_no_json_tells(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4")
    assert (await only(tmp_path, rights="unknown"))[0].rights.status == "unknown"


async def test_the_json_beside_a_video_describes_it(tmp_path: Path) -> None:
    put(tmp_path, "talk.mp4")
    known = {
        "title": "How bees find home",
        "description": "About bees",
        "author": "Ada",
        "tags": ["bees", "science"],
        "published_at": "2026-11-01",
        "language": "en",
        "duration": 612,
        "views": 1200,
        "likes": 80,
        "comments": 3,
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
    }
    put(tmp_path, "talk.json", "\ufeff" + json.dumps(known))
    candidate, notes = await only(tmp_path)
    assert notes == []
    assert (candidate.title, candidate.author, candidate.tags) == ("How bees find home", "Ada", ("bees", "science"))
    assert candidate.published_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert (candidate.duration, candidate.views, candidate.likes, candidate.comments) == (612, 1200, 80, 3)
    assert (candidate.rights.status, candidate.rights.licence, candidate.rights.owner) == (
        "licensed",
        "CC-BY-4.0",
        "Ada",
    )
    assert "How bees find home" in (candidate.rights.attribution or "")


async def test_the_rights_in_the_json_stand_above_the_setting(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4")
    put(tmp_path, "a.json", '{"rights_status": "permission", "owner": "Bo", "attribution": "by Bo", "license": "mail"}')
    rights = (await only(tmp_path))[0].rights
    assert (rights.status, rights.owner, rights.attribution, rights.licence) == ("permission", "Bo", "by Bo", "mail")


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '{"views": "many"}', '{"rights_status": "mine"}', "\x00\xff", '{"title": 5}', "[" * 200_000, ""],
)
async def test_a_json_that_cannot_be_used_is_named_and_leaves_the_rights_unknown(tmp_path: Path, body: str) -> None:
    put(tmp_path, "sub/a.mp4")
    put(tmp_path, "sub/a.json", body)
    candidate, notes = await only(tmp_path)
    assert candidate.title == "a"
    assert candidate.rights.status == "unknown"
    assert len(notes) == 1
    assert "sub/a.mp4: its .json cannot be used" in notes[0]


async def test_a_json_too_large_for_an_event_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4", "a")
    put(tmp_path, "a.json", json.dumps({"author": "x" * 300_000}))
    put(tmp_path, "b.mp4", "b")
    candidate, notes = await only(tmp_path)
    assert candidate.title == "b"
    assert len(notes) == 1
    assert "a.mp4 was left out" in notes[0]


async def test_a_misspelt_field_of_the_json_is_told(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4")
    put(tmp_path, "a.json", '{"tilte": "x"}')
    _, notes = await only(tmp_path)
    assert notes == ["a.mp4: its .json has unknown fields: tilte"]


@pytest.mark.parametrize(
    ("name", "language"),
    [("a.srt", None), ("a.vtt", None), ("a.json3", None), ("a.en.srt", "en"), ("a.pt-BR.vtt", "pt-BR")],
)
async def test_captions_beside_a_video_are_found(tmp_path: Path, name: str, language: str | None) -> None:
    put(tmp_path, "a.mp4")
    captions = put(tmp_path, name, "1")
    candidate, _ = await only(tmp_path)
    assert candidate.captions_url == captions.as_uri()
    assert candidate.language == language


async def test_captions_of_another_video_are_not_taken(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4")
    put(tmp_path, "a.final.cut.srt")
    put(tmp_path, "ab.srt")
    assert (await only(tmp_path))[0].captions_url is None


async def test_hidden_and_partial_files_are_left_out(tmp_path: Path) -> None:
    for name in (".a.mp4", ".hidden/a.mp4", "a.mp4.part", "b.part.mp4", "c.temp.mp4", "~d.mp4", "e.mp4.crdownload"):
        put(tmp_path, name)
    assert (await search(tmp_path)).candidates == {}


async def test_links_out_of_the_folder_are_skipped_and_told(tmp_path: Path) -> None:
    inbox, outside = tmp_path / "inbox", tmp_path / "outside"
    put(outside, "secret.mp4")
    put(outside, "secret.json", '{"description": "secret"}')
    real = put(inbox, "real.mp4")
    (inbox / "link.mp4").symlink_to(outside / "secret.mp4")
    (inbox / "folder").symlink_to(outside)
    (inbox / "same.mp4").symlink_to(real)
    (inbox / "loop.mp4").symlink_to(inbox / "loop.mp4")
    (inbox / "real.json").symlink_to(outside / "secret.json")
    candidate, notes = await only(inbox)
    assert candidate.url == real.as_uri()
    assert candidate.description == ""
    assert any("link.mp4" in note and "lead out of the folder" in note for note in notes)


async def test_a_replaced_file_is_another_candidate_and_the_same_one_is_not(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4", "one", age_days=2)
    first, again = (await only(tmp_path))[0], (await only(tmp_path))[0]
    put(tmp_path, "a.mp4", "two", age_days=1)
    second = (await only(tmp_path))[0]
    assert first == again
    assert first.candidate_id != second.candidate_id


async def test_the_newest_files_come_first_and_the_rest_is_told(tmp_path: Path) -> None:
    for age in range(5):
        put(tmp_path, f"{age}.mp4", str(age), age_days=age)
    found = await search(tmp_path, limit=2)
    assert [candidate.title for candidate in found.candidates.values()] == ["0", "1"]
    assert found.notes == ["3 older files were left out: the limit is 2"]


async def test_age_counts_from_the_json_else_from_the_file(tmp_path: Path) -> None:
    put(tmp_path, "new.mp4", age_days=1)
    put(tmp_path, "old.mp4", age_days=30)
    put(tmp_path, "republished.mp4", age_days=30)
    put(tmp_path, "republished.json", json.dumps({"published_at": (NOW - timedelta(days=2)).isoformat()}))
    found = await search(tmp_path, since=NOW - timedelta(days=7))
    assert {candidate.title for candidate in found.candidates.values()} == {"new", "republished"}


async def test_a_name_that_is_no_utf8_is_found_too(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.mp4"
    Path(os.fsdecode(raw)).write_bytes(b"x")
    candidate, _ = await only(tmp_path)
    assert candidate.title == "caf\ufffd"
    assert candidate.url.endswith("caf%E9.mp4")
    candidate.model_dump_json()


async def test_a_folder_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"cannot be read \(No such file or directory\).*CLIPWIRE_FOLDER_PATH"):
        await search(tmp_path / "nowhere")


async def test_a_file_instead_of_a_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Not a directory"):
        await search(put(tmp_path, "a.mp4"))
