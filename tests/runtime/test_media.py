"""The media store: whole files or none."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.media import ScorePart
from contracts.work import Channel
from runtime.errors import ConfigurationError, MediaMissing, Reject
from runtime.media import FileMediaStore, open_media_store

KEY = "media://renders/r_1/video.mp4"


async def test_a_file_appears_whole_with_its_checksum(media: FileMediaStore) -> None:
    async with media.writing(KEY, "video/mp4") as draft:
        draft.path.write_bytes(b"abc")
        assert not await media.exists(KEY)
        assert draft.path.suffix == ".mp4"
    assert (draft.ref.bytes, draft.ref.sha256) == (3, hashlib.sha256(b"abc").hexdigest())
    assert (await media.local(KEY)).read_bytes() == b"abc"
    assert await media.describe(KEY, "video/mp4") == draft.ref


async def test_a_failed_write_leaves_nothing_and_keeps_what_was_there(media: FileMediaStore) -> None:
    async with media.writing(KEY, "video/mp4") as draft:
        draft.path.write_bytes(b"old")
    with pytest.raises(RuntimeError, match="broke"):
        async with media.writing(KEY, "video/mp4") as draft:
            draft.path.write_bytes(b"half")
            raise RuntimeError("broke")
    assert (await media.local(KEY)).read_bytes() == b"old"
    assert [path.name for path in (media.root / "renders/r_1").iterdir()] == ["video.mp4"]
    assert list((media.root / ".parts").iterdir()) == []


async def test_a_cancelled_write_leaves_nothing(media: FileMediaStore) -> None:
    began = asyncio.Event()

    async def write() -> None:
        async with media.writing(KEY, "video/mp4") as draft:
            draft.path.write_bytes(b"half")
            began.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(write())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await media.list("media://renders") == []


async def test_what_a_killed_writer_left_is_no_file_of_the_store(media: FileMediaStore) -> None:
    async with media.writing(KEY, "video/mp4") as draft:
        draft.path.write_bytes(b"half")
        (draft.path.parent / "0123.mp4").write_bytes(b"half of another")
    assert await media.list("media://renders") == [KEY]


async def test_what_a_killed_writer_left_is_swept_after_a_day(media: FileMediaStore) -> None:
    async with media.writing(KEY, "video/mp4") as draft:
        draft.path.write_bytes(b"whole")
        left, fresh = draft.path.with_name("0123.mp4"), draft.path.with_name("4567.mp4")
        for path in (left, fresh):
            path.write_bytes(b"half")
    yesterday = time.time() - 25 * 3600
    os.utime(left, (yesterday, yesterday))
    os.utime(await media.local(KEY), (yesterday, yesterday))
    await media.write("media://a/b.json", Channel())
    assert not left.exists()
    assert fresh.exists()
    assert await media.exists(KEY)


async def test_what_is_missing_is_said(media: FileMediaStore) -> None:
    with pytest.raises(MediaMissing, match="not in the media store"):
        await media.local(KEY)
    assert await media.delete(KEY) == 0


async def test_documents_come_back_equal(media: FileMediaStore) -> None:
    await media.write("media://a/b.json", Channel(clips=7))
    assert await media.read("media://a/b.json", Channel) == Channel(clips=7)
    assert await media.list("media://a") == ["media://a/b.json"]
    assert await media.delete("media://a/b.json") > 0


async def test_what_a_document_says_is_absent_comes_back_as_absent(media: FileMediaStore) -> None:
    part = ScorePart(name="pace", value=None, weight=0, why="nothing is said here")
    await media.write("media://a/part.json", part)
    assert await media.read("media://a/part.json", ScorePart) == part


@given(st.text(max_size=40))
def test_no_key_leads_out_of_the_store(text: str) -> None:
    store = FileMediaStore(Path("/store"))
    for uri in (
        text,
        f"media://{text}",
        f"media://a/{text}",
        "media://../x",
        "media://a/../../x",
        "media:///etc/passwd",
    ):
        try:
            path = store._path(uri)
        except Reject:
            continue
        assert path.resolve().is_relative_to("/store")


def test_an_unknown_store_is_refused_with_the_name_of_the_setting() -> None:
    with pytest.raises(ConfigurationError, match="CLIPWIRE_MEDIA_URL"):
        open_media_store("ftp://somewhere")
    assert isinstance(open_media_store("file:///a%20b"), FileMediaStore)
