"""Guessing: it gets slow, it locks, it tells nothing, and it does not lock out whom it is about."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.http.auth import Guard
from gateway.http.limits import Limits
from gateway.users.audit import Came
from gateway.users.errors import RefusedError, SlowDownError
from gateway.users.guesses import FREE_BY_ADDRESS, FREE_BY_NAME, LONGEST_S, Guesses, network_of
from gateway.users.identities import Identities, open_identities
from gateway.users.passwords import Passwords
from gateway.users.principal import OPERATOR, Principal, User
from gateway.users.settings import UserSettings
from runtime.database import Pool
from tests.gateway.answers import problem
from tests.gateway.conftest import TOKEN
from tests.gateway.people import PASSWORD, MakeUser

HOUR = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOME, ELSEWHERE = Came("192.0.2.1", "a browser"), Came("198.51.100.7", "a script")


class Clock:
    def __init__(self) -> None:
        self.moment = HOUR

    def __call__(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guesses(pool: Pool, clock: Clock) -> Guesses:
    return Guesses(pool, clock=clock)


async def waits(guesses: Guesses, name: str, address: str) -> float:
    """Seconds until the next guess may come; 0: it may now, and was counted."""
    try:
        await guesses.count(name, address)
    except SlowDownError as error:
        assert error.after is not None
        return error.after
    return 0.0


async def test_a_few_guesses_are_free_and_each_further_one_waits_twice_as_long(guesses: Guesses, clock: Clock) -> None:
    free = [await waits(guesses, "ada", f"192.0.2.{number}") for number in range(FREE_BY_NAME)]
    assert free == [0.0] * FREE_BY_NAME
    told = []
    for number in range(14):
        pause = await waits(guesses, "ada", f"198.51.100.{number}")
        told.append(pause)
        clock.wait(pause)
        assert await waits(guesses, "ada", f"203.0.113.{number}") == 0.0
    assert told[:5] == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert told[-1] == LONGEST_S


async def test_many_guesses_at_once_are_no_way_around(guesses: Guesses) -> None:
    answers = await asyncio.gather(*(waits(guesses, "ada", f"192.0.2.{number}") for number in range(40)))
    assert answers.count(0.0) == FREE_BY_NAME


async def test_one_address_that_guesses_many_names_is_slowed_down(guesses: Guesses) -> None:
    answers = [await waits(guesses, f"user{number}", "192.0.2.1") for number in range(FREE_BY_ADDRESS + 3)]
    assert answers.count(0.0) == FREE_BY_ADDRESS
    assert await waits(guesses, "user1000", "192.0.2.2") == 0.0


async def test_after_a_day_without_a_guess_all_is_as_before(guesses: Guesses, clock: Clock) -> None:
    for _ in range(FREE_BY_NAME + 1):
        await waits(guesses, "ada", "192.0.2.1")
    clock.wait(25 * 3600)
    assert [await waits(guesses, "ada", "192.0.2.1") for _ in range(FREE_BY_NAME)] == [0.0] * FREE_BY_NAME


def test_an_address_of_version_six_counts_with_its_network() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("unix socket") == "unix socket"


async def test_whoever_guesses_a_name_does_not_lock_its_user_out_where_they_are_logged_in(
    identities: Identities,
) -> None:
    entrance = identities.entrance
    await entrance.register("ada", PASSWORD, None, by=OPERATOR, came=HOME)
    await entrance.login("ada", PASSWORD, HOME)
    for _ in range(FREE_BY_NAME):
        with pytest.raises(RefusedError):
            await entrance.login("ada", "wrong wrong wrong", ELSEWHERE)
    with pytest.raises(SlowDownError):
        await entrance.login("ada", PASSWORD, ELSEWHERE)
    user, _ = await entrance.login("ada", PASSWORD, HOME)
    assert user.name == "ada"


async def test_the_door_says_when_to_try_again_and_the_audit_who_tried(
    client: httpx.AsyncClient, make_user: MakeUser, pool: Pool
) -> None:
    await make_user("ada")
    await pool.execute("DELETE FROM users.sessions")
    wrong = {"name": "ada", "password": "wrong wrong wrong"}
    nobody = {"name": "nobody-at-all", "password": "wrong wrong wrong"}
    for asked in (wrong, nobody):
        answers = [await client.post("/auth/login", json=asked) for _ in range(FREE_BY_NAME + 1)]
        assert [answer.status_code for answer in answers] == [*[401] * FREE_BY_NAME, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert answers[0].json() == problem(answers[1], 401)
    entries = (await client.get("/audit", params={"action": "login.failed"})).json()["items"]
    assert [entry["about"] for entry in entries] == [*["nobody-at-all"] * FREE_BY_NAME, *["ada"] * FREE_BY_NAME]
    assert {entry["address"] for entry in entries} == {"127.0.0.1"}
    assert "wrong" not in str(entries)


async def test_a_name_that_is_not_there_takes_as_long_as_one_that_is(pool: Pool, tmp_path: Path) -> None:
    slow = Passwords(PasswordHasher(time_cost=2, memory_cost=16384, parallelism=1))
    identities = open_identities(pool, UserSettings(), home=tmp_path, operator_token=TOKEN, passwords=slow)
    await identities.entrance.register("ada", PASSWORD, None, by=OPERATOR, came=HOME)

    async def took(name: str) -> float:
        await pool.execute("DELETE FROM users.guesses")
        began = time.process_time()  # of this process and its threads: what others do beside it does not count
        with pytest.raises(RefusedError):
            await identities.entrance.login(name, "wrong wrong wrong", ELSEWHERE)
        return time.process_time() - began

    await took("nobody")
    pairs = [(await took("ada"), await took("nobody")) for _ in range(9)]
    there, absent = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert 0.5 < there / absent < 2.0


async def test_a_hash_of_other_parameters_is_renewed_at_the_next_login(pool: Pool, tmp_path: Path) -> None:
    def with_cost(cost: int) -> Identities:
        hasher = Passwords(PasswordHasher(time_cost=cost, memory_cost=8, parallelism=1))
        return open_identities(pool, UserSettings(), home=tmp_path, operator_token=TOKEN, passwords=hasher)

    await with_cost(1).entrance.register("ada", PASSWORD, None, by=OPERATOR, came=HOME)
    await with_cost(2).entrance.login("ada", PASSWORD, HOME)
    kept = await pool.fetchval("SELECT password FROM users.users WHERE name = 'ada'")
    assert kept.startswith("$argon2id$") and ",t=2," in kept


def test_the_parameters_are_those_of_rfc_9106() -> None:
    hasher = PasswordHasher()
    assert (hasher.time_cost, hasher.memory_cost, hasher.parallelism, hasher.hash_len) == (3, 65536, 4, 32)


def test_a_bucket_holds_ten_seconds_worth_and_fills_evenly() -> None:
    moment = 0.0
    limits = Limits(clock=lambda: moment)
    assert [limits.take("ada", 2.0) for _ in range(21)] == [*[0.0] * 20, 0.5]
    assert limits.take("eve", 2.0) == 0.0
    moment = 0.5
    assert (limits.take("ada", 2.0), limits.take("ada", 2.0)) == (0.0, 0.5)


async def test_who_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up() -> None:
    principals = {
        "operator": OPERATOR,
        **{name: Principal(User(name, name, "viewer", HOUR), "session") for name in ("ada", "eve")},
    }

    async def identify(token: str) -> Principal | None:
        return principals.get(token)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=204)(scope, receive, send)

    guard = Guard(app, identify=identify, hosts={"localhost"}, user_rate=0.5, address_rate=0.3)
    transport = httpx.ASGITransport(guard)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:

        async def ask(token: str) -> httpx.Response:
            return await client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"})

        assert [(await ask("ada")).status_code for _ in range(6)] == [*[204] * 5, 429]
        assert 1 <= int((await ask("ada")).headers["retry-after"]) <= 2
        assert (await ask("eve")).status_code == 204
        assert [(await ask("nobody")).status_code for _ in range(4)] == [401, 401, 401, 429]
        assert [(await ask("operator")).status_code for _ in range(20)] == [204] * 20
