"""Tokens are renewed ahead of their end, once, by whoever comes first."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta

import pytest

from runtime.errors import Reject, Unavailable
from tests.publisher.account_bench import ALICE, AccountBench, environment


async def test_tokens_that_are_about_to_expire_are_renewed_first(bench: AccountBench) -> None:
    await bench.connected()
    old = bench.server.access
    await bench.spend()
    fresh = await bench.vault.tokens(ALICE)
    assert fresh.access == bench.server.access != old
    assert (await bench.accounts.opened(ALICE)) is not None
    assert await bench.version() == 2


async def test_many_who_need_it_at_once_renew_it_once_over_all_processes(bench: AccountBench) -> None:
    await bench.connected()
    await bench.spend()
    env = environment(bench.database_url, bench.home, bench.server)
    bench.server.release.clear()
    renewing = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.publisher.renewing", ALICE, "1"], env=env, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    wanted = asyncio.gather(*(bench.vault.tokens(ALICE) for _ in range(5)))
    await asyncio.to_thread(bench.server.answer_held.wait, 20)
    bench.server.release.set()
    assert {tokens.access for tokens in await wanted} == {bench.server.access}
    told = [(await asyncio.to_thread(child.communicate))[0] for child in renewing]
    assert sum(b'"renewed"' in each for each in told) <= 1
    assert len(bench.server.asked("POST /token")) == 2, "the login, and one renewal"
    assert not bench.server.revoked


async def test_a_refused_token_is_replaced_once(bench: AccountBench) -> None:
    await bench.connected()
    stale = await bench.vault.tokens(ALICE)
    fresh = await asyncio.gather(*(bench.vault.renewed(ALICE, stale) for _ in range(3)))
    assert {tokens.access for tokens in fresh} == {bench.server.access}
    assert (await bench.vault.renewed(ALICE, stale)).access == bench.server.access
    assert await bench.version() == 2


async def test_what_is_still_good_is_used_while_the_platform_is_away(bench: AccountBench) -> None:
    await bench.connected()
    await bench.spend(left=timedelta(minutes=2))
    bench.server.fail("POST /token", "503")
    assert (await bench.vault.tokens(ALICE)).access == bench.server.access
    bench.server.fail("POST /token", "503")
    await bench.spend()
    with pytest.raises(Unavailable):
        await bench.vault.tokens(ALICE)
    assert (await bench.vault.tokens(ALICE)).access == bench.server.access


async def test_a_lost_answer_ends_the_login_where_the_platform_forgives_nothing_and_that_is_said(
    bench: AccountBench,
) -> None:
    await bench.connected()
    await bench.spend()
    bench.server.fail("POST /token", "after")
    with pytest.raises(Unavailable):
        await bench.vault.tokens(ALICE)
    with pytest.raises(Reject, match="has to be connected again: Tube renews the access no more") as told:
        await bench.vault.tokens(ALICE)
    assert not [token for token in bench.server.given if token in str(told.value)], "the platform quoted it"
    assert "clipwire account connect tube" in told.value.advice
    account = await bench.accounts.get(ALICE)
    assert account is not None and account.state == "reconnect"
    assert (await bench.connected()).state == "ready"


async def test_an_access_that_nothing_renews_is_good_until_it_expires(bench: AccountBench) -> None:
    await bench.planted()
    async with bench.accounts.locked("garden:alice") as row:
        assert row is not None
        await row.renew(row.kept.tokens.model_copy(update={"refresh": None}))
    assert (await bench.renewals.renew("garden:alice", 2)).outcome == "kept"
    account = await bench.accounts.get("garden:alice")
    assert account is not None and account.state == "ready"
    assert account.login_until == account.expires_at
    assert (await bench.renewals.renew("garden:alice", 2, refused=True)).outcome == "lost"


async def test_a_renewal_comes_ahead_of_the_end(bench: AccountBench) -> None:
    await bench.connected()
    (row,) = await bench.sql("SELECT expires_at - due_at AS ahead FROM publisher.accounts")
    assert timedelta(minutes=12) <= row["ahead"] <= timedelta(minutes=15)
