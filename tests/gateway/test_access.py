"""The door: who may enter, and with how much."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from gateway.http.auth import Guard
from gateway.users.principal import OPERATOR, Principal
from tests.gateway.answers import problem
from tests.gateway.conftest import TOKEN


async def test_nothing_is_open_without_the_token(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]
    inside = ("health/live", "health/ready", "metrics", "jobs", "events")
    for path in ("/docs", "/openapi.json", "/nothing", *(f"/api/v1/{name}" for name in inside)):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            answer = await client.get(f"http://localhost{path}", headers=headers)
            assert "access_token" in problem(answer, 401)["advice"]
            assert "Bearer" in answer.headers["www-authenticate"]


async def test_the_token_opens_by_address_what_a_browser_opens_by_address_and_nothing_else(
    client: httpx.AsyncClient,
) -> None:
    del client.headers["Authorization"]
    by_address = {"access_token": TOKEN}
    assert (await client.get("http://localhost/openapi.json", params=by_address)).status_code == 200
    assert (await client.get("/renders/nobody/media", params=by_address)).status_code == 404
    assert (await client.get("/events", params={**by_address, "subject": "no.such"})).status_code == 422
    for path in ("/health/live", "/jobs", "/metrics", "/renders/nobody", "/renders/a/b/media", "/eventsx"):
        problem(await client.get(path, params=by_address), 401)
    for path in ("/events/discovery.requested", "/events", "/clips"):
        problem(await client.post(path, params=by_address, json={"niche": "ai"}), 401)
    problem(await client.post("http://localhost/docs", params=by_address), 401)


async def test_there_is_no_websocket_behind_the_guard() -> None:
    entered: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        entered.append(scope["type"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def operator(_: str) -> Principal:
        return OPERATOR

    guard = Guard(app, identify=operator, hosts={"localhost"})
    await guard({"type": "websocket", "path": "/api/v1/events", "headers": []}, receive, send)
    assert (entered, [message["type"] for message in sent]) == ([], ["websocket.close"])


async def test_the_token_may_come_as_a_cookie_for_reading(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]
    page = await client.get(f"http://localhost/docs?access_token={TOKEN}")
    assert page.status_code == 303
    assert TOKEN not in page.headers["location"]
    assert "HttpOnly" in page.headers["set-cookie"]
    assert (await client.get("http://localhost/docs")).status_code == 200
    problem(await client.post("/events/discovery.requested", json={"niche": "ai"}), 401)


async def test_a_request_that_names_another_host_is_refused(client: httpx.AsyncClient) -> None:
    problem(await client.get("/health/live", headers={"Host": "evil.example"}), 421)
    for host in ("127.0.0.1:8000", "[::1]:8000", "LOCALHOST"):
        assert (await client.get("/health/live", headers={"Host": host})).status_code == 200


async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient) -> None:
    for path in ("/events/discovery.requested", "/clips"):
        problem(await client.post(path, json={"niche": "x" * (1 << 20)}), 413)


@pytest.mark.parametrize("path", ["/events/discovery.requested", "/discovery/scan", "/renders", "/nothing"])
async def test_no_more_than_the_limit_is_read_of_a_body_that_calls_itself_an_upload(
    client: httpx.AsyncClient, path: str
) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(64):
            taken += 1
            yield b"x" * (1 << 20)

    form = {"Content-Type": "multipart/form-data; boundary=b"}
    problem(await client.post(path, content=endless(), headers=form), 404 if path == "/nothing" else 413)
    assert taken <= 3
    problem(await client.post(path, content=b"x" * ((1 << 20) + 1), headers=form), 413)
