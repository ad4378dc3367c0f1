"""What is wrong with a request is said of the part in which it is, and what to do of whoever asks."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.gateway.answers import problem
from tests.gateway.people import MakeUser

FAR = "9999-12-31T23:59:59-23:00"


async def test_a_moment_that_no_calendar_has_in_utc_is_refused_by_its_field(
    client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    ada = await make_user("ada")
    token = {"title": "n8n", "scopes": ["jobs:read"], "expires_at": FAR}
    order = {"render_id": "r_" + "0" * 20, "account_id": "outbox:default", "publish_at": FAR}
    for refused in (
        problem(await ada.client.post("/users/me/tokens", json=token), 422),
        problem(await client.post("/events/publish.requested", json=order), 422),
    ):
        assert refused["field"] in {"expires_at", "publish_at"}
        assert "9999" in refused["detail"]


@pytest.mark.parametrize(("path", "name"), [("/audit", "action"), ("/audit", "user_id"), ("/jobs", "owner")])
async def test_a_control_character_in_a_parameter_is_refused_by_its_name(
    client: httpx.AsyncClient, path: str, name: str
) -> None:
    refused = problem(await client.get(f"{path}?{name}=%00"), 422)
    assert (refused["field"], "U+0000" in refused["detail"]) == (name, True)


async def test_one_in_the_path_is_said_of_the_address(client: httpx.AsyncClient) -> None:
    assert "address" in problem(await client.get("/jobs/a%00b"), 422)["detail"]


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", "/api/v1/auth/refresh"),
        ("cwt_" + "x" * 43, "/api/v1/users/me/tokens"),
        ("something", "access_token in CLIPWIRE_HOME"),
    ],
    ids=["a login", "an API token", "the operator's, or any"],
)
async def test_who_is_not_let_in_is_told_what_helps_with_what_they_brought(
    client: httpx.AsyncClient, token: str, words: str
) -> None:
    advice = problem(await client.get("/jobs", headers={"Authorization": f"Bearer {token}"}), 401)["advice"]
    assert words in advice
    assert ("CLIPWIRE_HOME" in advice) is (words.endswith("CLIPWIRE_HOME"))


async def test_a_login_that_was_ended_is_told_to_log_in_again(client: httpx.AsyncClient, make_user: MakeUser) -> None:
    ada = await make_user("ada")
    await client.post("/auth/logout", json={"refresh_token": ada.refresh_token})
    assert "log in again" in problem(await ada.client.get("/jobs"), 401)["advice"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "it is empty"),
        ({"data": {}, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, "it is empty"),
        ({"data": {"url": "https://a.example/v"}}, "no JSON"),
    ],
    ids=["nothing", "an empty form", "a form of addresses"],
)
async def test_no_clip_without_a_body_and_both_ways_are_told(
    client: httpx.AsyncClient, sent: dict[str, Any], words: str
) -> None:
    refused = problem(await client.post("/clips", **sent), 422)
    assert words in refused["detail"]
    assert "multipart/form-data" in refused["advice"]


async def test_a_form_without_a_field_is_told_what_is_missing(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    refused = problem(await client.post("/clips", content=b"--b--\r\n", headers=headers), 422)
    assert (refused["field"], "missing" in refused["detail"]) == ("video", True)


@pytest.mark.parametrize("sent", [b"", b"\r\n"], ids=["nothing", "an empty line"])
async def test_a_form_without_a_part_is_told_what_a_form_with_a_file_is(client: httpx.AsyncClient, sent: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    refused = problem(await client.post("/clips", content=sent, headers=headers), 422)
    assert (refused["field"], "no part" in refused["detail"]) == ("video", True)
    assert "curl -F video=@film.mp4" in refused["advice"]


async def test_a_form_that_ends_within_a_part_broke_off(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert "broke off" in problem(await client.post("/clips", content=b"--b\r\n", headers=headers), 400)["detail"]


@pytest.mark.parametrize("number", [True, "3"])
async def test_only_a_number_is_a_number_in_json(client: httpx.AsyncClient, number: Any) -> None:
    for method, path, body, field in (
        ("POST", "/clips", {"url": "https://a.example/v"}, "clips"),
        ("POST", "/events/candidate.approved", {"url": "https://a.example/v"}, "clips"),
        ("POST", "/discovery/scan", {"niche": "ai"}, "limit"),
        ("PUT", "/channels/mine", {}, "clips"),
    ):
        refused = problem(await client.request(method, path, json={**body, field: number}), 422)
        assert (refused["field"], "integer" in refused["detail"]) == (field, True)


async def test_a_whole_number_may_have_a_point_in_json(client: httpx.AsyncClient) -> None:
    assert (await client.post("/clips", json={"url": "https://a.example/v", "clips": 3.0})).status_code == 202
