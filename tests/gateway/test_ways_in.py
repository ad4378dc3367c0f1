"""Ways in, and what stays of them, that were open once: codes, passwords of before, cookies, names of who has left."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from gateway.projection.database import Pool
from gateway.users.audit import Came
from gateway.users.errors import ForbiddenError, RefusedError
from gateway.users.identities import Identities, open_identities
from gateway.users.passwords import Passwords
from gateway.users.principal import OPERATOR
from gateway.users.settings import UserSettings
from tests.gateway.answers import problem
from tests.gateway.conftest import TOKEN
from tests.gateway.people import PASSWORD, MakeUser

HOME = Came("192.0.2.7")


async def test_codes_of_an_admin_end_with_the_admin(client: httpx.AsyncClient, make_user: MakeUser) -> None:
    ada, boss = await make_user("ada"), await make_user("boss", "admin")

    async def codes() -> list[str]:
        made = (await boss.client.post("/users/invitations", json={"role": "admin"})).json()["code"]
        return [made, (await boss.client.post(f"/users/{ada.id}/reset")).json()["code"]]

    async def tried(invitation: str, reset: str) -> list[int]:
        newcomer = {"name": "newcomer", "password": PASSWORD, "invitation": invitation}
        new = {"code": reset, "password": "another five words of mine"}
        return [
            (await client.post(path, json=body, headers={"Authorization": ""})).status_code
            for path, body in (("/auth/register", newcomer), ("/auth/password", new))
        ]

    kept, other = await codes(), await codes()
    await client.put(f"/users/{boss.id}", json={"role": "creator"})
    assert await tried(*kept) == [403, 401]
    await client.put(f"/users/{boss.id}", json={"role": "admin", "disabled": True})
    assert await tried(*kept) == [403, 401]
    await client.put(f"/users/{boss.id}", json={"disabled": False})
    assert await tried(*other) == [201, 200]


async def test_a_code_that_is_not_good_costs_no_hash(pool: Pool, tmp_path: Path) -> None:
    hashed: list[str | bytes] = []

    class Counting(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            hashed.append(password)
            return super().hash(password, salt=salt)

    for registration in ("invitation", "open"):
        settings = UserSettings(registration=registration)
        entrance = identities_with(
            pool, tmp_path, Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1)), settings
        ).entrance
        with pytest.raises(ForbiddenError):
            await entrance.register("ada", PASSWORD, "cwi_wrong", by=None, came=HOME)
    with pytest.raises(RefusedError):
        await entrance.reset_password("cwi_wrong", PASSWORD, HOME)
    assert hashed == []


async def test_a_login_that_began_with_a_password_of_before_is_none(pool: Pool, tmp_path: Path) -> None:
    class Late(Passwords):
        async def check(self, kept: str | None, password: str) -> bool:
            right = await super().check(kept, password)
            await pool.execute("UPDATE users.users SET password = 'another'")
            return right

    entrance = identities_with(pool, tmp_path, Late(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))).entrance
    await entrance.register("ada", PASSWORD, None, by=OPERATOR, came=HOME)
    with pytest.raises(RefusedError):
        await entrance.login("ada", PASSWORD, HOME)
    assert await pool.fetchval("SELECT count(*) FROM users.sessions") == 0


def identities_with(pool: Pool, home: Path, passwords: Passwords, settings: UserSettings | None = None) -> Identities:
    return open_identities(pool, settings or UserSettings(), home=home, operator_token=TOKEN, passwords=passwords)


async def test_who_is_deleted_is_named_nowhere_in_the_audit_and_the_invitations(
    client: httpx.AsyncClient, make_user: MakeUser, pool: Pool, identities: Identities
) -> None:
    await make_user("other")
    invited = await client.post("/users/invitations", json={"note": "for adalovelace"})
    newcomer = {"name": "adalovelace", "password": PASSWORD, "invitation": invited.json()["code"]}
    nobody = {"Authorization": ""}
    user = (await client.post("/auth/register", json=newcomer, headers=nobody)).json()["id"]
    wrong = {"name": "adalovelace", "password": "wrong wrong wrong"}
    problem(await client.post("/auth/login", json=wrong), 401)
    await pool.execute("UPDATE users.audit SET address = '192.0.2.7' WHERE action = 'login.failed'")
    await identities.audit.unname(user, "adalovelace")
    for table in ("audit", "invitations"):
        told = "".join(str(tuple(row)) for row in await pool.fetch(f"SELECT * FROM users.{table}"))
        assert "adalovelace" not in told and "192.0.2.7" not in told and user in told


async def test_a_token_that_is_not_good_takes_the_place_of_no_cookie(client: httpx.AsyncClient) -> None:
    page = await client.get("http://localhost/docs?access_token=planted")
    assert page.status_code == 303 and "set-cookie" not in page.headers
    assert "Secure" in (await client.get(f"https://localhost/docs?access_token={TOKEN}")).headers["set-cookie"]
