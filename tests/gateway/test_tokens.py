"""API tokens, services, and the keys that sign what a login gives."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest

from gateway.users.keys import FILE, Claims, SigningKeys
from tests.gateway.answers import problem
from tests.gateway.people import MakeUser

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CLAIMS = Claims("u_1", "s_1")


def as_token(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


async def test_a_token_may_what_its_scopes_name_and_nothing_else(
    client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    ada = await make_user("ada")
    text = await ada.token("jobs:read", "scans:write")
    assert (await client.get("/jobs", headers=as_token(text))).status_code == 200
    scan = await client.post("/discovery/scan", json={"niche": "ai"}, headers=as_token(text))
    assert scan.status_code == 202
    refused = problem(await client.get("/renders", headers=as_token(text)), 403)
    assert refused["permission"] == "renders:read" and "scopes" in refused["advice"]
    problem(await client.post("/events/render.requested", json={}, headers=as_token(text)), 403)


async def test_a_token_is_shown_once_and_kept_nowhere(client: httpx.AsyncClient, make_user: MakeUser) -> None:
    ada = await make_user("ada")
    text = await ada.token("jobs:read")
    listed = await ada.client.get("/users/me/tokens")
    assert text not in listed.text and listed.json()["items"][0]["scopes"] == ["jobs:read"]
    assert text not in (await client.get("/audit")).text
    assert text not in (await ada.client.get("/users/me/export")).text


async def test_no_token_makes_a_mightier_one(client: httpx.AsyncClient, make_user: MakeUser) -> None:
    ada = await make_user("ada", "viewer")
    refused = await ada.client.post("/users/me/tokens", json={"title": "more", "scopes": ["clips:write"]})
    assert problem(refused, 403)["field"] == "scopes"
    text = await ada.token("me:write")
    asked = {"title": "more", "scopes": ["jobs:read"]}
    problem(await client.post("/users/me/tokens", json=asked, headers=as_token(text)), 403)


async def test_a_token_that_has_run_out_or_was_ended_opens_nothing(
    client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    ada = await make_user("ada")
    past = {"title": "old", "scopes": ["jobs:read"], "expires_at": "2020-01-01T00:00:00Z"}
    assert problem(await ada.client.post("/users/me/tokens", json=past), 422)["field"] == "expires_at"
    soon = {**past, "expires_at": (datetime.now(UTC) + timedelta(milliseconds=300)).isoformat()}
    short = (await ada.client.post("/users/me/tokens", json=soon)).json()["token"]
    async with asyncio.timeout(5):
        while (await client.get("/jobs", headers=as_token(short))).status_code != 401:
            await asyncio.sleep(0.02)
    text = await ada.token("jobs:read")
    assert (await client.get("/jobs", headers=as_token(text))).status_code == 200
    ident = (await ada.client.get("/users/me/tokens")).json()["items"][0]["id"]
    assert (await ada.client.delete(f"/users/me/tokens/{ident}")).status_code == 204
    problem(await client.get("/jobs", headers=as_token(text)), 401)


async def test_a_service_has_tokens_and_no_password_and_owns_what_it_orders(
    client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    ada = await make_user("ada")
    service = (await client.post("/users", json={"name": "n8n", "role": "creator"})).json()
    assert service["service"] is True
    asked = {"title": "flows", "scopes": ["scans:write", "events:read", "jobs:read"]}
    made = await client.post(f"/users/{service['id']}/tokens", json=asked)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    headers = as_token(made.json()["token"])
    job = (await client.post("/discovery/scan", json={"niche": "ai"}, headers=headers)).json()["job"]
    async with asyncio.timeout(10):
        while (await client.get(f"/jobs/{job}", headers=headers)).status_code != 200:
            await asyncio.sleep(0.02)
    assert (await client.get(f"/jobs/{job}", headers=headers)).json()["owner"] == service["id"]
    problem(await ada.client.get(f"/jobs/{job}"), 404)
    problem(await client.post("/auth/login", json={"name": "n8n", "password": "four words and a dash"}), 401)
    problem(await client.post(f"/users/{service['id']}/reset"), 409)
    problem(await client.post(f"/users/{ada.id}/tokens", json=asked), 409)


def test_keys_are_readable_by_their_owner_alone_and_rotate_while_old_tokens_stay_good(tmp_path: Path) -> None:
    moment = START
    keys = SigningKeys(
        tmp_path, rotate_after=timedelta(days=30), access_for=timedelta(minutes=15), clock=lambda: moment
    )
    old = keys.sign(CLAIMS)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    keys.rotate()
    new = keys.sign(CLAIMS)
    kids = [jwt.get_unverified_header(token)["kid"] for token in (old, new)]
    assert kids[0] != kids[1]
    assert keys.read(old) == keys.read(new) == CLAIMS
    moment += timedelta(minutes=20)
    assert keys.read(old) is None
    keys.rotate()
    kept = [key["kid"] for key in json.loads((tmp_path / FILE).read_text())]
    assert kids[0] not in kept and kids[1] in kept
    moment += timedelta(days=31)
    fresh = jwt.get_unverified_header(keys.sign(CLAIMS))["kid"]
    assert fresh not in {*kids, *kept}


def test_processes_share_keys_that_any_of_them_has_rotated(tmp_path: Path) -> None:
    first, second = (
        SigningKeys(tmp_path, rotate_after=timedelta(days=30), access_for=timedelta(minutes=15)) for _ in range(2)
    )
    assert second.read(first.sign(CLAIMS)) == CLAIMS
    second.rotate()
    assert first.read(second.sign(CLAIMS)) == CLAIMS


def test_forged_tokens_are_nobodys(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path, rotate_after=timedelta(days=30), access_for=timedelta(minutes=15))
    good = keys.sign(CLAIMS)
    (kept,) = json.loads((tmp_path / FILE).read_text())
    told = jwt.decode(good, options={"verify_signature": False})
    endless = {name: value for name, value in told.items() if name != "exp"}
    later = {**told, "exp": told["exp"] + 3600}
    head, body, signature = good.split(".")
    forged = [
        jwt.encode(told, "x" * 64, "HS256", headers={"kid": kept["kid"]}),
        jwt.encode(told, kept["secret"], "HS256", headers={"kid": "other"}),
        jwt.encode(told, kept["secret"], "HS512", headers={"kid": kept["kid"]}),
        jwt.encode(told, "", "none", headers={"kid": kept["kid"]}),
        jwt.encode({**told, "aud": "other"}, kept["secret"], "HS256", headers={"kid": kept["kid"]}),
        jwt.encode({**told, "exp": "never"}, kept["secret"], "HS256", headers={"kid": kept["kid"]}),
        jwt.encode(endless, kept["secret"], "HS256", headers={"kid": kept["kid"]}),
        f"{head}.{body}.{signature[:-2]}xx",
        f"{head}.{body}.",
        "..",
        "a.b.c",
    ]
    assert [keys.read(token) for token in forged] == [None] * len(forged)
    assert keys.read(jwt.encode(later, kept["secret"], "HS256", headers={"kid": kept["kid"]})) == CLAIMS


@pytest.mark.parametrize("offered", ["", "cwt_", "cwt_" + "x" * 43, "\x00", "é" * 40, "." * 200, "cwr_abc"])
async def test_what_is_no_token_opens_nothing(client: httpx.AsyncClient, offered: str) -> None:
    headers = [(b"authorization", b"Bearer " + offered.encode("utf-8"))]
    async with httpx.AsyncClient(transport=client._transport, base_url=client.base_url) as nobody:
        problem(await nobody.get("/jobs", headers=headers), 401)
