"""Accounts are kept open without anybody asking, and people are told once which ones they have to connect again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import httpx
import pytest

from actors.publisher.adapters.accounts.desk import open_vault
from actors.publisher.adapters.accounts.keeper import Keeper
from actors.publisher.adapters.accounts.vault import open_renewals
from actors.publisher.adapters.http import open_client
from actors.publisher.settings import PublisherSettings
from contracts import asks
from contracts.events import WorkFailed
from runtime.bus import Bus
from runtime.settings import RuntimeSettings
from tests.publisher.account_bench import AccountBench, environment
from tests.publisher.tube import platforms
from tests.support.running import stored, until

ALICE = "tube:alice"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client({"127.0.0.1"}) as opened:
        yield opened


def keeper(bench: AccountBench, bus: Bus) -> Keeper:
    return Keeper(bench.accounts, bench.renewals, bus)


async def make_due(bench: AccountBench) -> None:
    async with bench.accounts.database.transaction() as connection:
        await connection.execute("UPDATE publisher.accounts SET due_at = now()")


async def told(bus: Bus) -> list[WorkFailed]:
    return [message.event().data for message in await stored(bus, "work.failed")]


async def test_what_is_due_is_renewed_and_what_is_not_is_left(bench: AccountBench, bus: Bus) -> None:
    bench.server.channels = ["alice", "bob"]
    await bench.connected()
    async with bench.accounts.database.transaction() as connection:
        await connection.execute("UPDATE publisher.accounts SET due_at = now() WHERE account_id = $1", ALICE)
    pause = await keeper(bench, bus).look()
    assert (await bench.version(ALICE), await bench.version("tube:bob")) == (2, 1)
    assert 0 < pause <= 30
    assert await told(bus) == []


async def test_keepers_of_several_processes_share_the_work(bench: AccountBench, bus: Bus) -> None:
    await bench.connected()
    await make_due(bench)
    await asyncio.gather(*(keeper(bench, bus).look() for _ in range(3)))
    assert await bench.version() == 2
    assert len(bench.server.asked("POST /token")) == 2


async def test_a_revoked_account_is_told_once_with_what_to_do_and_again_when_it_happens_again(
    bench: AccountBench, bus: Bus
) -> None:
    await bench.connected()
    bench.server.revoked = True
    await make_due(bench)
    for _ in range(2):
        await asyncio.gather(*(keeper(bench, bus).look() for _ in range(2)))
    (event,) = await told(bus)
    failure = event.failure
    assert (failure.entity, failure.kind, failure.stage) == (ALICE, "rejected", "publisher")
    assert "Alice (tube:alice) has to be connected again: Tube renews the access no more" in failure.what
    assert "clipwire account connect tube" in failure.advice
    (account,) = (await bench.answers.accounts(asks.Nothing())).accounts
    assert account.state == "reconnect" and account.reason is not None
    await bench.connected()
    bench.server.revoked = True
    await make_due(bench)
    await keeper(bench, bus).look()
    assert len(await told(bus)) == 2


async def test_a_keeper_that_dies_before_it_wrote_down_what_it_said_says_it_no_second_time(
    bench: AccountBench, bus: Bus
) -> None:
    await bench.connected()
    bench.server.revoked = True
    await make_due(bench)
    await keeper(bench, bus).look()
    async with bench.accounts.database.transaction() as connection:
        await connection.execute("UPDATE publisher.accounts SET lost_said = false")
    await keeper(bench, bus).look()
    assert len(await told(bus)) == 1


async def test_a_login_that_ends_soon_is_told_once(bench: AccountBench, bus: Bus) -> None:
    bench.server.login_lasts = 6 * 24 * 3600
    account = await bench.connected()
    for _ in range(2):
        await keeper(bench, bus).look()
    (event,) = await told(bus)
    assert f"ends on {account.login_until:%Y-%m-%d %H:%M}" in event.failure.what
    assert event.failure.entity == ALICE


async def test_a_login_that_lasts_is_not_told(bench: AccountBench, bus: Bus) -> None:
    bench.server.login_lasts = 8 * 24 * 3600
    await bench.connected()
    await keeper(bench, bus).look()
    assert await told(bus) == []


async def test_a_platform_that_is_away_is_asked_again_after_a_while_and_nobody_is_alarmed(
    bench: AccountBench, bus: Bus
) -> None:
    await bench.connected()
    await make_due(bench)
    bench.server.fail("POST /token", "503")
    await keeper(bench, bus).look()
    due = await bench.accounts.next_due()
    assert due is not None
    assert timedelta(minutes=10) < due - bench.accounts.clock() < timedelta(minutes=16), "a quarter of the hour left"
    assert await told(bus) == []


async def test_a_process_that_renews_and_is_killed_leaves_it_to_the_next_one(bench: AccountBench, bus: Bus) -> None:
    """What is left to lose: the platform has renewed, and the one process that knew of it is gone."""
    await bench.connected()
    bench.server.fail("POST /token", "after")
    assert (await bench.renewals.renew(ALICE, 1)).outcome == "later"
    await make_due(bench)
    await keeper(bench, bus).look()
    (event,) = await told(bus)
    assert "has to be connected again" in event.failure.what


@pytest.mark.parametrize(("owner", "told_to"), [("u_ada", "u_ada"), ("operator", None)])
async def test_an_account_that_is_lost_is_told_to_whoever_connected_it(
    bench: AccountBench, bus: Bus, owner: str, told_to: str | None
) -> None:
    await bench.connected(owner=owner)
    bench.server.revoked = True
    await make_due(bench)
    await keeper(bench, bus).look()
    assert [message.event().owner for message in await stored(bus, "work.failed")] == [told_to]


async def test_the_publisher_keeps_accounts_and_answers_for_them(
    bench: AccountBench, bus: Bus, client: httpx.AsyncClient
) -> None:
    await bench.connected()
    runtime = RuntimeSettings(home=bench.home, database_url=bench.database_url)
    env = environment(bench.database_url, bench.home, bench.server)
    renewing = partial(open_renewals, module="tests.publisher.renewing", environment=env)
    opened = open_vault(
        runtime, bench.settings, bus=bus, platforms=platforms(bench.server.url), client=client, renewing=renewing
    )
    bench.server.revoked = True
    await make_due(bench)
    async with opened as vault:
        assert vault is not None
        await until(partial(_tells, bus))
        (account,) = (await bus.ask(asks.ACCOUNTS, asks.Nothing())).accounts
        assert account.state == "reconnect"


async def test_without_a_database_the_doors_are_answered_all_the_same(bus: Bus, client: httpx.AsyncClient) -> None:
    runtime = RuntimeSettings(database_url=None)
    known = platforms("http://127.0.0.1:9")
    async with open_vault(runtime, PublisherSettings(_env_file=None), bus=bus, platforms=known, client=client) as vault:
        assert vault is None
        assert len((await bus.ask(asks.PLATFORMS, asks.Nothing())).platforms) == 2


async def _tells(bus: Bus) -> bool:
    return bool(await told(bus))
