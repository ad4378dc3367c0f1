"""Registering, logging in, refreshing: who gets in, and who does not any more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from gateway.users.identities import Identities, open_identities
from gateway.users.passwords import Passwords
from gateway.users.settings import UserSettings
from runtime.database import Pool
from tests.gateway.answers import problem
from tests.gateway.conftest import TOKEN
from tests.gateway.people import PASSWORD, MakeUser, log_in, register


async def test_the_first_of_many_who_register_at_once_is_the_only_admin(client: httpx.AsyncClient) -> None:
    asked = [{"name": f"user{number}", "password": PASSWORD} for number in range(8)]
    answers = await asyncio.gather(*(client.post("/auth/register", json=each) for each in asked))
    assert [answer.status_code for answer in answers] == [201] * 8
    assert sorted(answer.json()["role"] for answer in answers) == ["admin", *["creator"] * 7]


async def test_of_many_who_register_one_name_at_once_one_gets_it(client: httpx.AsyncClient) -> None:
    asked = {"name": "Ada", "password": PASSWORD}
    answers = await asyncio.gather(*(client.post("/auth/register", json=asked) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 4]


async def test_without_an_invitation_nobody_registers_and_an_invitation_is_good_once(client: httpx.AsyncClient) -> None:
    await register(client, "first")
    invited = await client.post("/users/invitations", json={"role": "viewer", "note": "for Bob"})
    code = invited.json()["code"]
    del client.headers["Authorization"]
    refused = problem(await client.post("/auth/register", json={"name": "bob", "password": PASSWORD}), 403)
    assert refused["field"] == "invitation"
    asked = {"password": PASSWORD, "invitation": code}
    answers = await asyncio.gather(
        *(client.post("/auth/register", json={**asked, "name": f"bob{number}"}) for number in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 403, 403, 403]
    assert next(answer for answer in answers if answer.status_code == 201).json()["role"] == "viewer"


async def test_an_invitation_that_was_taken_back_is_not_good(client: httpx.AsyncClient) -> None:
    await register(client, "first")
    invited = (await client.post("/users/invitations", json={})).json()
    assert (await client.delete(f"/users/invitations/{invited['id']}")).status_code == 204
    asked = {"name": "bob", "password": PASSWORD, "invitation": invited["code"]}
    problem(await client.post("/auth/register", json=asked, headers={"Authorization": "Bearer nobody"}), 403)


@pytest.mark.parametrize("name", ["", "a", "operator", "Me", "-ada", "ada lovelace", "a" * 41, "a\nda", "аda"])
async def test_names_that_nobody_may_have(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.post("/auth/register", json={"name": name, "password": PASSWORD})
    assert problem(answer, answer.status_code)["field"] == "name"
    assert answer.status_code in {409, 422}


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "xx ada xx ada xx", "x" * 257])
async def test_passwords_that_are_easy_to_guess_are_refused_and_not_repeated(
    client: httpx.AsyncClient, password: str
) -> None:
    answer = await client.post("/auth/register", json={"name": "ada", "password": password})
    assert problem(answer, 422)["field"] == "password"
    assert password not in answer.text


async def test_a_login_opens_the_door_and_a_logout_closes_it_at_once(
    client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    ada = await make_user("ada")
    me = (await ada.client.get("/users/me")).json()
    assert (me["name"], me["role"]) == ("ada", "creator")
    assert "clips:write" in me["permissions"] and "users:read" not in me["permissions"]
    out = await ada.client.post("/auth/logout", json={"refresh_token": ada.refresh_token})
    assert out.status_code == 204
    problem(await ada.client.get("/users/me"), 401)
    problem(await client.post("/auth/refresh", json={"refresh_token": ada.refresh_token}), 401)


async def test_a_refresh_token_that_comes_twice_ends_its_login_and_no_other(
    client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    ada = await make_user("ada")
    other = await log_in(client, "ada")
    second = (await client.post("/auth/refresh", json={"refresh_token": ada.refresh_token})).json()
    opened = {"Authorization": f"Bearer {second['access_token']}"}
    assert (await client.get("/users/me", headers=opened)).status_code == 200
    problem(await client.post("/auth/refresh", json={"refresh_token": ada.refresh_token}), 401)
    problem(await client.get("/users/me", headers=opened), 401)
    problem(await client.post("/auth/refresh", json={"refresh_token": second["refresh_token"]}), 401)
    assert (await client.post("/auth/refresh", json={"refresh_token": other["refresh_token"]})).status_code == 200
    (entry,) = (await client.get("/audit", params={"action": "session.reused"})).json()["items"]
    assert entry["user_id"] == ada.id


async def test_of_many_refreshes_with_one_token_at_once_one_wins_and_the_login_is_over(
    client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    ada = await make_user("ada")
    asked = {"refresh_token": ada.refresh_token}
    answers = await asyncio.gather(*(client.post("/auth/refresh", json=asked) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 5]
    problem(await ada.client.get("/users/me"), 401)


async def test_a_new_password_ends_every_other_login(client: httpx.AsyncClient, make_user: MakeUser) -> None:
    ada = await make_user("ada")
    other = await log_in(client, "ada")
    new = "another five words of mine"
    missing = problem(await ada.client.put("/users/me", json={"password": new}), 422)
    assert missing["field"] == "current_password"
    wrong = {"password": new, "current_password": "something else here"}
    assert problem(await ada.client.put("/users/me", json=wrong), 401)["field"] == "current_password"
    changed = await ada.client.put("/users/me", json={"password": new, "current_password": PASSWORD, "name": "Ada2"})
    assert (changed.status_code, changed.json()["name"]) == (200, "ada2")
    assert (await ada.client.get("/users/me")).status_code == 200
    problem(await client.get("/users/me", headers={"Authorization": f"Bearer {other['access_token']}"}), 401)
    problem(await client.post("/auth/login", json={"name": "ada2", "password": PASSWORD}), 401)
    await log_in(client, "ADA2", new)


async def test_an_admin_makes_a_new_password_possible_once(client: httpx.AsyncClient, make_user: MakeUser) -> None:
    ada = await make_user("ada")
    code = (await client.post(f"/users/{ada.id}/reset")).json()["code"]
    new = "yet another set of words"
    assert (await client.post("/auth/password", json={"code": code, "password": new})).status_code == 200
    problem(await ada.client.get("/users/me"), 401)
    problem(await client.post("/auth/password", json={"code": code, "password": new}), 401)
    await log_in(client, "ada", new)
    invited = (await client.post("/users/invitations", json={})).json()["code"]
    problem(await client.post("/auth/password", json={"code": invited, "password": new}), 401)


async def test_a_disabled_user_is_out_at_once_and_back_with_a_new_login(
    client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    ada = await make_user("ada")
    headers = {"Authorization": f"Bearer {await ada.token('jobs:read')}"}
    assert (await client.get("/jobs", headers=headers)).status_code == 200
    await client.put(f"/users/{ada.id}", json={"disabled": True})
    problem(await client.get("/jobs", headers=headers), 401)
    problem(await ada.client.get("/users/me"), 401)
    problem(await client.post("/auth/login", json={"name": "ada", "password": PASSWORD}), 401)
    await client.put(f"/users/{ada.id}", json={"disabled": False})
    assert (await client.get("/jobs", headers=headers)).status_code == 200
    await log_in(client, "ada")


async def test_another_role_holds_for_tokens_that_are_out(client: httpx.AsyncClient, make_user: MakeUser) -> None:
    ada = await make_user("ada")
    assert (await ada.client.post("/discovery/scan", json={"niche": "ai"})).status_code == 202
    await client.put(f"/users/{ada.id}", json={"role": "viewer"})
    assert problem(await ada.client.post("/discovery/scan", json={"niche": "ai"}), 403)["permission"] == "scans:write"


async def test_where_registration_is_open_strangers_register_and_where_it_is_closed_not_even_with_an_invitation(
    pool: Pool, identities: Identities, tmp_path: Path
) -> None:
    from gateway.users.audit import Came
    from gateway.users.errors import ForbiddenError
    from gateway.users.principal import OPERATOR

    def entrance(settings: UserSettings) -> Identities:
        hasher = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        return open_identities(pool, settings, home=tmp_path, operator_token=TOKEN, passwords=hasher)

    came = Came("192.0.2.1")
    is_open = entrance(UserSettings(registration="open", registration_role="viewer")).entrance
    assert (await is_open.register("first", PASSWORD, None, by=None, came=came)).role == "admin"
    assert (await is_open.register("second", PASSWORD, None, by=None, came=came)).role == "viewer"
    _, code = await identities.invitations.invite("creator", "", by=OPERATOR)
    closed = entrance(UserSettings(registration="closed")).entrance
    with pytest.raises(ForbiddenError, match="nobody can register"):
        await closed.register("third", PASSWORD, code, by=None, came=came)
    assert (await closed.register("third", PASSWORD, None, by=OPERATOR, came=came)).name == "third"


async def test_what_stays_open_ends_with_the_login_or_token_that_opened_it(
    client: httpx.AsyncClient, make_user: MakeUser, identities: Identities
) -> None:
    watching = replace(identities, look_s=0.01)
    ada = await make_user("ada")
    text = await ada.token("events:read")
    opened = [await identities.principal(token) for token in (ada.client.headers["Authorization"][7:], text)]
    waits = [asyncio.create_task(watching.until_over(by)) for by in opened if by]
    done, _ = await asyncio.wait(waits, timeout=0.2)
    assert (len(waits), done) == (2, set())
    await client.post("/auth/logout", json={"refresh_token": ada.refresh_token})
    await asyncio.wait_for(waits[0], 5)
    assert not waits[1].done()
    await client.put(f"/users/{ada.id}", json={"role": "viewer"})
    await asyncio.wait_for(waits[1], 5)
