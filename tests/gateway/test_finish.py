"""What every answer has: security headers, validators, gzip where it is allowed; and CORS where it was set."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway.http.finish import Finish, accepts_gzip, matches
from gateway.http.settings import GatewaySettings
from tests.gateway.conftest import Say
from tests.gateway.samples import JOB, whole_job


async def test_every_answer_has_security_headers_refusals_too(client: httpx.AsyncClient) -> None:
    for path in ("/jobs", "/nothing", "/health/live", "/renders/r_/media", "http://localhost/docs"):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Host": "evil.example"}):
            answer = await client.get(path, headers=headers)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert "access-control-allow-origin" not in answer.headers


async def test_what_has_not_changed_is_not_sent_again(client: httpx.AsyncClient, say: Say) -> None:
    await say(*whole_job()[:3])
    for path in ("/candidates", f"/candidates/{JOB}", "/jobs"):
        first = await client.get(path)
        tag = first.headers["etag"]
        assert tag.startswith('W/"')
        assert first.headers["cache-control"] == "private, no-cache"
        for told in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
            again = await client.get(path, headers={"If-None-Match": told})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    before = (await client.get("/candidates")).headers["etag"]
    await say(*whole_job()[3:])
    changed = await client.get("/candidates", headers={"If-None-Match": before})
    assert (changed.status_code, changed.headers["etag"] == before) == (200, False)


async def test_long_texts_are_packed_for_who_takes_it_and_tell_so_to_caches(client: httpx.AsyncClient) -> None:
    for encoding, packed in (("gzip", True), ("identity", False), ("gzip;q=0", False), ("br, *", True)):
        async with client.stream(
            "GET", "http://localhost/openapi.json", headers={"Accept-Encoding": encoding}
        ) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert (answer.headers.get("content-encoding") == "gzip") is packed
        assert answer.headers["vary"] == "Accept-Encoding"
        assert int(answer.headers["content-length"]) == len(raw)
        assert (gzip.decompress(raw) if packed else raw).startswith(b"{")
    tags = {
        (await client.get("http://localhost/openapi.json", headers={"Accept-Encoding": encoding})).headers["etag"]
        for encoding in ("gzip", "identity")
    }
    assert len(tags) == 1  # weak: of the content, however it travels


async def _through(answer: StreamingResponse | JSONResponse) -> httpx.Response:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(Finish(app)), base_url="http://localhost") as client:
        return await client.get("/")


async def test_streams_and_secrets_are_not_packed() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 2000

    for kind in ("text/event-stream", "video/mp4", "text/plain"):
        answer = await _through(StreamingResponse(pieces(), media_type=kind))
        assert "content-encoding" not in answer.headers
        assert len(answer.content) == 6000
    secret = await _through(JSONResponse({"secret": "x" * 2000}, headers={"Cache-Control": "no-store"}))
    assert "content-encoding" not in secret.headers
    assert "etag" not in secret.headers


@given(st.text(alphabet='gzipdeflatbr*,;=. q0123456789x-W/"', max_size=60))
def test_no_header_of_a_client_is_a_bug(text: str) -> None:
    accepts_gzip(text)
    matches(text, 'W/"x"')


@pytest.mark.parametrize(
    ("header", "yes"),
    [
        ("", False),
        ("gzip", True),
        ("deflate, gzip;q=0.5", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("GZIP", True),
    ],
)
def test_what_is_named_counts_more_than_the_rest(header: str, yes: bool) -> None:
    assert accepts_gzip(header) is yes


async def test_other_origins_are_let_in_by_setting_alone() -> None:
    assert GatewaySettings().cors_origins == frozenset()
    origins = GatewaySettings(http_cors_origins="https://a.example/, https://b.example").cors_origins
    assert origins == {"https://a.example", "https://b.example"}
    app = CORSMiddleware(JSONResponse({}), allow_origins=sorted(origins))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        for origin, allowed in (("https://a.example", "https://a.example"), ("https://c.example", None)):
            answer = await client.get("/", headers={"Origin": origin})
            assert answer.headers.get("access-control-allow-origin") == allowed
