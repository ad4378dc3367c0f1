"""Clients that take their time: by the byte, in the middle, or without an end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from gateway.http.patience import patient
from gateway.http.server import _bind, serving
from gateway.http.settings import GatewaySettings
from runtime.bus import Bus
from runtime.settings import RuntimeSettings
from tests.gateway.conftest import TOKEN

HEAD = b"POST /taken HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
LIMITS = GatewaySettings(http_head_s=0.6, http_body_s=0.6, http_stall_s=0.5, http_connections=4)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """`/taken` answers when it has the body, `/refused` at once, `/much` with more than anybody takes."""
    if scope["path"] == "/taken":
        while (await receive()).get("more_body"):
            pass
    await send({"type": "http.response.start", "status": 401 if scope["path"] == "/refused" else 200, "headers": []})
    for _ in range(3000 if scope["path"] == "/much" else 0):
        await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
    await send({"type": "http.response.body", "body": b"done"})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server with little patience."""
    config = uvicorn.Config(app, port=0, http=patient(LIMITS), log_config=None, lifespan="off", ws="none")
    listener = config.bind_socket()
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listener]))
    yield listener.getsockname()[1]
    server.should_exit = True
    await task


async def said(port: int, *parts: bytes, pace: float = 0.2, patience: float = 5.0) -> bytes:
    """What the server answers to a client that says one part after the other, until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer, left = b"", list(parts)
    try:
        async with asyncio.timeout(patience):
            while True:
                if left:
                    writer.write(left.pop(0))
                try:
                    got = await asyncio.wait_for(reader.read(4096), pace if left else None)
                except TimeoutError:
                    continue
                answer += got
                if not got:
                    return answer
    except ConnectionError:
        return answer
    finally:
        writer.close()


def by_the_byte(text: bytes) -> list[bytes]:
    return [text[at : at + 1] for at in range(len(text))]


async def test_a_head_that_comes_by_the_byte_is_not_waited_for(port: int) -> None:
    answer = await said(port, *by_the_byte(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: aaaaaaaaaaaaaaaaaaa"))
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_headers_without_an_end_are_not_waited_for(port: int) -> None:
    lines = [b"X-%d: slow\r\n" % number for number in range(100)]
    assert (await said(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n", *lines)).startswith(b"HTTP/1.1 408 ")


async def test_who_says_nothing_is_let_go_without_an_answer(port: int) -> None:
    assert await said(port) == b""


async def test_the_second_request_of_a_connection_has_no_more_time_than_the_first(port: int) -> None:
    whole = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = await said(port, whole, *by_the_byte(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: aaaaaaaaaaaaa"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


async def test_a_body_that_comes_by_the_byte_is_not_waited_for(port: int) -> None:
    assert (await said(port, HEAD % 1000, *by_the_byte(b"a" * 100))).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_stops_is_not_waited_for(port: int) -> None:
    assert (await said(port, HEAD % 1000, b"a" * 500, patience=4)).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_comes_slowly_but_steadily_is_taken(port: int) -> None:
    close = HEAD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    answer = await said(port, close % 8192, *[b"a" * 1024] * 8)
    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_who_was_refused_cannot_go_on_sending(port: int) -> None:
    head = HEAD.replace(b"/taken", b"/refused") % 10**9
    answer = await said(port, head, *by_the_byte(b"a" * 100), patience=9)
    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_an_answer_that_nobody_takes_is_given_up(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)  # beyond it the stream takes no more
    writer.write(b"GET /much HTTP/1.1\r\nHost: localhost\r\n\r\n")
    async with asyncio.timeout(10):
        with pytest.raises(ConnectionError):
            while True:  # the server has ended the connection once what is sent to it is refused
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
    writer.close()


async def test_connections_beyond_the_limit_are_closed_at_once(port: int) -> None:
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(LIMITS.http_connections)]
    for _, writer in held:
        writer.write(b"G")
    assert await said(port, b"GET / HTTP/1.1\r\n", patience=0.5) == b""
    for _, writer in held:
        writer.close()


async def test_what_the_door_answers_is_sent_at_once() -> None:
    """Without TCP_NODELAY an answer in two parts takes 40 ms on a connection that is kept."""
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        accepted.set_result(told)
        writer.close()

    listener = _bind(GatewaySettings(http_port=0))
    async with await asyncio.start_server(look, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await accepted
        writer.close()


async def test_the_door_has_these_limits(nats_url: str, database_url: str, bus: Bus, tmp_path: Path) -> None:
    runtime = RuntimeSettings(home=tmp_path / "home", nats_url=nats_url, database_url=database_url, drain_s=1)
    settings = GatewaySettings(http_port=0, http_head_s=0.5, http_body_s=0.5)
    async with serving(runtime, settings, TOKEN) as url:
        port = int(url.rpartition(":")[2])
        assert (await said(port, *by_the_byte(b"GET /docs HTTP/1.1\r\nHost: local"))).startswith(b"HTTP/1.1 408 ")
        head = b"POST /api/v1/clips HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\nContent-Length: 999\r\n"
        head += b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        assert (await said(port, head % TOKEN.encode(), *by_the_byte(b"--b\r\nContent"))).startswith(b"HTTP/1.1 408 ")
        async with asyncio.timeout(10):  # the answer goes first, then what had come is removed
            while list((tmp_path / "home" / "uploads").iterdir()):
                await asyncio.sleep(0.02)
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            for size, status in ((15_000, 200), (16_385, 431), (17_000, 431), (60_000, 431)):
                told = await client.get(f"{url}/api/v1/health/live", headers={"X-Long": "a" * size})
                assert told.status_code == status
            assert (await client.get(f"{url}/api/v1/health/live")).status_code == 200
