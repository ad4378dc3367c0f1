"""Orders and addresses that nothing can come of, refused through the whole actor."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.events import CandidateApproved
from contracts.renders import Recipe
from contracts.subjects import CANDIDATE_APPROVED
from contracts.work import Channel
from runtime.errors import Reject
from tests.downloader.conftest import Make, clip_of
from tests.downloader.films import film
from tests.support.channels import MemoryChannels
from tests.support.work import deliver


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
async def test_paths_that_are_no_film_are_refused(
    downloader: Make, tmp_path: Path, make: Callable[[Path], Path], why: str
) -> None:
    path = make(tmp_path / "a.mp4")
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
