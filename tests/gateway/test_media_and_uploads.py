"""Files that go out in ranges, and files that come in."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import subjects as s
from contracts.events import RenderDone
from gateway.http.cursor import decode_cursor, encode_cursor
from gateway.http.parts import part_folder, sweep
from gateway.http.ranges import Span, UnsatisfiableError, parse_range
from gateway.http.uploads import safe_name
from runtime.bus import Bus
from runtime.media import FileMediaStore
from tests.gateway.conftest import Say
from tests.gateway.samples import order, ref, render
from tests.support.films import film_bytes

BODY = bytes(range(256)) * 1000
FILM = film_bytes()


@given(st.integers(0, 10**7), st.integers(0, 10**7) | st.none(), st.integers(0, 10**7) | st.none())
def test_a_range_is_a_part_of_the_file_or_outside_of_it(size: int, first: int | None, last: int | None) -> None:
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    try:
        span = parse_range(header, size)
    except UnsatisfiableError:
        assert size == 0 or (first is None and last == 0) or (first is not None and first >= size)
        return
    if span is None:
        assert (first is None and last is None) or (first is not None and last is not None and last < first)
        return
    assert 0 <= span.first <= span.last < size
    assert first is None or span.first == first
    assert first is not None or last is None or span.length == min(last, size)


@given(st.text(max_size=40))
def test_any_other_header_is_ignored_or_a_range(header: str) -> None:
    try:
        span = parse_range(header, 100)
    except UnsatisfiableError:
        return
    assert span is None or span.last < 100


@given(st.integers(1, 2**63 - 1))
def test_a_cursor_is_the_place_that_it_was_made_from(place: int) -> None:
    assert decode_cursor(encode_cursor(place)) == place


@given(st.text(max_size=300))
def test_a_safe_name_is_one_plain_file_name(name: str) -> None:
    safe = safe_name(name, "video")
    assert safe
    assert len(safe) <= 91
    assert set(safe) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert not safe.startswith(".")


def test_ranges_beyond_every_number_are_answered() -> None:
    assert parse_range(f"bytes=0-{'9' * 9999}", 10) == Span(0, 9)
    assert parse_range(f"bytes=-{'9' * 9999}", 10) == Span(0, 9)


@pytest.fixture
async def path(media: FileMediaStore, say: Say) -> str:
    """A finished short."""
    wanted = order()
    made = render(wanted)
    async with media.writing(made.video.uri, "video/mp4") as draft:
        draft.path.write_bytes(BODY)
    video = ref(made.video.uri, size=len(BODY), sha=hashlib.sha256(BODY).hexdigest())
    await say((s.RENDER_REQUESTED, wanted), (s.RENDER_DONE, RenderDone(render=render(wanted, video))))
    return f"/renders/{wanted.render_id}/media"


async def test_a_short_is_served_whole_in_parts_and_only_when_it_changed(client: httpx.AsyncClient, path: str) -> None:
    whole = await client.get(path)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, BODY, "video/mp4")
    assert whole.headers["accept-ranges"] == "bytes"
    etag = whole.headers["etag"]
    head = await client.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(BODY)))

    async def part(range_: str, **headers: str) -> httpx.Response:
        return await client.get(path, headers={"Range": range_, **headers})

    for range_, want in (("bytes=10-19", BODY[10:20]), ("bytes=255990-", BODY[255990:]), ("bytes=-7", BODY[-7:])):
        answer = await part(range_)
        assert (answer.status_code, answer.content) == (206, want)
    assert answer.headers["content-range"] == f"bytes 255993-255999/{len(BODY)}"
    outside = await part("bytes=256000-")
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{len(BODY)}")
    for ignored in ("bytes=9-1", "bytes=0-1,5-6", "lines=1-2", "bytes=x"):
        assert (await part(ignored)).status_code == 200
    assert (await part("bytes=0-9", **{"If-Range": etag})).status_code == 206
    assert (await part("bytes=0-9", **{"If-Range": '"other"'})).status_code == 200
    assert (await client.get(path, headers={"If-None-Match": f'"x", {etag}'})).status_code == 304
    assert "attachment" in (await client.get(path, params={"download": True})).headers["content-disposition"]


async def test_what_a_short_does_not_have_is_not_found(
    client: httpx.AsyncClient, path: str, media: FileMediaStore
) -> None:
    for params in ({"part": "captions"}, {"part": "thumbnail"}):
        answer = await client.get(path, params=params)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (await client.get(path, params={"part": "../../etc/passwd"})).status_code == 422
    await media.delete(f"media://renders/{order().render_id}/video.mp4")
    assert (await client.get(path)).status_code == 404


async def uploaded(bus: Bus) -> list[Any]:
    return [message.event().data async for batch in bus.read(follow=False) for message in batch]


def local(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


async def test_an_uploaded_video_becomes_a_file_and_a_command(client: httpx.AsyncClient, bus: Bus) -> None:
    files = {"video": ("../My talk (1).MP4", FILM), "captions": ("talk.srt", b"1\n00:00:00,000 --> 00:00:01,000\nHi\n")}
    answers = [
        await client.post("/clips", files=files, data={"clips": "3", "niche": "ai"}, headers={"Idempotency-Key": "u1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202], answers[0].text
    (approved,) = await uploaded(bus)
    assert answers[1].json() | {"duplicate": False} == answers[0].json()
    assert answers[0].json()["job"] == approved.key
    assert (approved.clips, approved.niche) == (3, "ai")
    assert local(approved.url).read_bytes() == FILM
    assert local(approved.url).name == "My-talk-1.mp4"
    assert local(approved.captions_url).read_bytes().startswith(b"1\n")
    assert [folder.name[0] for folder in local(approved.url).parents[1].iterdir() if folder.name.startswith(".")] == []


async def test_a_clip_from_a_url_is_a_command(client: httpx.AsyncClient, bus: Bus) -> None:
    answer = await client.post("/clips", json={"url": "https://youtu.be/dQw4w9WgXcQ"})
    assert (answer.status_code, answer.json()["job"]) == (202, "youtube:dQw4w9WgXcQ")
    for body in ({"url": "no address"}, {}, {"uri": "https://example.org"}):
        assert (await client.post("/clips", json=body)).status_code == 422
    assert len(await uploaded(bus)) == 1


async def test_an_upload_that_does_not_fit_leaves_nothing_behind(
    client: httpx.AsyncClient, bus: Bus, tmp_path: Path
) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    whole = b'--b\r\nContent-Disposition: form-data; name="video"; filename="a.mp4"\r\n\r\nxx\r\n--b--\r\n'
    refused = [
        (413, await client.post("/clips", files={"video": ("a.mp4", BODY)})),
        (415, await client.post("/clips", files={"video": ("a.mp4", b"")})),
        (422, await client.post("/clips", files={"film": ("a.mp4", b"x")})),
        (422, await client.post("/clips", files={"captions": ("a.srt", b"x")})),
        (422, await client.post("/clips", files=[("video", ("a.mp4", b"x")), ("video", ("b.mp4", b"x"))])),
        (413, await client.post("/clips", files={"video": ("a.mp4", FILM)}, data={"niche": "x" * 70_000})),
        (413, await client.post("/clips", content=whole, headers={**form, "Content-Length": "8600000000000"})),
        (400, await client.post("/clips", content=whole[:-8], headers=form)),
        (400, await client.post("/clips", content=b"no form", headers=form)),
        (400, await client.post("/clips", content=whole, headers={"Content-Type": "multipart/form-data"})),
    ]
    for status, answer in refused:
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert await uploaded(bus) == []
    assert list((tmp_path / "home" / "uploads").iterdir()) == []
    assert (await client.post("/clips", files={"video": ("a.mp4", FILM)}, data={"clips": "many"})).status_code == 422


async def test_what_a_killed_door_left_of_uploads_is_removed_and_what_is_under_way_is_not(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    program = (
        "import asyncio, os, signal, sys; from pathlib import Path; from gateway.http.parts import part_folder\n"
        "async def main():\n"
        "  async with part_folder(Path(sys.argv[1])) as part:\n"
        "    (part / 'video.mp4').write_bytes(b'half of it'); os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(uploads))
    assert await process.wait() == -signal.SIGKILL
    assert len(list(uploads.iterdir())) == 1
    finished = uploads / "0123456789abcdef0123"
    finished.mkdir()
    async with part_folder(uploads) as part:
        (part / "video.mp4").write_bytes(b"half of it")
        sweep(uploads)
        assert sorted(uploads.iterdir()) == sorted([part, finished])
    assert list(uploads.iterdir()) == [finished]


async def test_uploads_are_for_their_owner_alone(client: httpx.AsyncClient, tmp_path: Path) -> None:
    assert (await client.post("/clips", files={"video": ("a.mp4", FILM)})).status_code == 202
    uploads = tmp_path / "home" / "uploads"
    assert uploads.stat().st_mode & 0o777 == 0o700
    uploads.chmod(0o755)
    sweep(uploads)
    assert uploads.stat().st_mode & 0o777 == 0o700
