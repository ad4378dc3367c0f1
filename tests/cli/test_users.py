"""`clipwire user`, on the database that the door works on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from gateway.projection.database import open_pool
from gateway.users.audit import Came
from gateway.users.identities import open_identities
from gateway.users.settings import UserSettings
from gateway.users.statements import SQL
from runtime.database import migrate
from tests.cli.conftest import run_cli

CAME = Came("192.0.2.1")
OPERATOR_TOKEN = "the-operator-of-these-tests"
FIRST, SECOND = "four words and a dash", "and four others after it"


async def test_users_are_invited_listed_and_given_a_new_password(
    nats_url: str, bare_database_url: str, tmp_path: Path
) -> None:
    own = {"CLIPWIRE_HOME": str(tmp_path / "home"), "CLIPWIRE_NATS_URL": nats_url}

    async def clipwire(*arguments: str) -> tuple[int, str, str]:
        environment = {**own, "CLIPWIRE_DATABASE_URL": bare_database_url}
        done = await asyncio.to_thread(run_cli, tmp_path, "user", *arguments, **environment)
        return done.returncode, done.stdout, done.stderr

    code, out, err = await clipwire("invite", "--role", "viewer", "--note", "for Ada")
    assert code == 0, err
    assert "/api/v1/auth/register" in err
    async with open_pool(bare_database_url) as pool:
        await migrate(pool, SQL)
        identities = open_identities(pool, UserSettings(), home=tmp_path, operator_token=OPERATOR_TOKEN)
        entrance = identities.entrance
        ada = await entrance.register("ada", FIRST, out.strip(), by=None, came=CAME)
        assert ada.role == "admin"  # the first one
        _, out, _ = await clipwire("list", "--json")
        assert [(user["name"], user["role"]) for user in json.loads(out)["users"]] == [("ada", "admin")]
        _, out, _ = await clipwire("reset", "Ada", "--json")
        await entrance.reset_password(json.loads(out)["code"], SECOND, CAME)
        assert (await entrance.login("ada", SECOND, CAME))[0].id == ada.id
    code, out, err = await clipwire("reset", "nobody")
    assert (code, out) == (1, "") and "no user 'nobody'" in err
    code, _, err = await clipwire("invite", "--role", "king")
    assert code == 2 and "viewer, creator, admin" in err
