"""Tokens: encrypted at rest, renewed once by whoever comes first, and never lost."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import asyncpg
import pytest
import structlog

from actors.publisher.adapters.accounts.answers import AccountAnswers
from actors.publisher.adapters.accounts.kept import Accounts
from actors.publisher.adapters.accounts.refreshing import Order, Renewal
from actors.publisher.ports import Tokens
from contracts import asks
from contracts.ids import digest
from runtime.errors import Reject, Unavailable
from tests.publisher.account_bench import ROOT, AccountBench, account_bench, environment
from tests.publisher.oauth_server import OAuthServer
from tests.publisher.tube import platforms
from tests.support.running import until

ALICE = "tube:alice"
OLD, NEW = "an-old-key-of-thirty-two-letters-", "a-new-key-of-thirty-two-letters--"


@pytest.fixture
async def bench(database_url: str, tmp_path: Path) -> AsyncIterator[AccountBench]:
    server = OAuthServer()
    with server.running():
        async with account_bench(database_url, tmp_path / "home", server) as opened:
            yield opened


async def sql(bench: AccountBench, statement: str) -> list[asyncpg.Record]:
    async with bench.accounts.database.transaction() as connection:
        return list(await connection.fetch(statement))


async def spend(bench: AccountBench, *, left: timedelta = timedelta(0)) -> None:
    """So much is left of the access token, which was renewed two hours ago."""
    async with bench.accounts.locked(ALICE) as row:
        assert row is not None
        tokens = row.kept.tokens.model_copy(update={"expires_at": bench.accounts.clock() + left})
    sealed = bench.accounts.sealed(ALICE, tokens)
    async with bench.accounts.writing() as connection:
        await connection.execute(
            "UPDATE publisher.accounts SET tokens = $1, renewed_at = now() - interval '2 h', due_at = now()", sealed
        )


# -- At rest ----------------------------------------------------------------------------------------------------------


async def test_the_key_file_is_made_at_first_need_for_its_owner_alone(bench: AccountBench) -> None:
    path = bench.home / "secret_key"
    await bench.answers.platforms(asks.Nothing())
    assert not path.exists()
    await bench.connected()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text().strip()) >= 32


async def test_a_key_file_that_others_can_read_is_told_once_in_the_log(bench: AccountBench) -> None:
    path = bench.home / "keys"
    path.write_text(f"{NEW}\n")
    for mode, times in ((0o640, 1), (0o600, 0)):
        path.chmod(mode)
        keys = bench.with_keys(secret_key_file=path).keys
        with structlog.testing.capture_logs() as logged:
            keys.open("x", keys.seal("x", {}))
        told = [line for line in logged if line["event"] == "secret_key.open_to_others"]
        assert len(told) == times
        assert NEW not in str(told)


async def test_several_processes_make_one_key(database_url: str, bench: AccountBench) -> None:
    others = [bench.with_keys() for _ in range(4)]
    benches = [AccountAnswers(platforms(bench.server.url), accounts, bench.client) for accounts in others]
    ask = asks.Connect(platform="tube", redirect_uri="http://127.0.0.1/callback")
    begun = await asyncio.gather(*(each.connect(ask) for each in benches))
    for connection in begun:
        done = await bench.back(bench.server.agree(connection.url or ""))
        assert done.state == "done"


async def test_tokens_put_in_the_place_of_anothers_do_not_open(bench: AccountBench) -> None:
    bench.server.channels = ["alice", "bob"]
    await bench.connected()
    await sql(
        bench,
        "UPDATE publisher.accounts SET tokens = (SELECT tokens FROM publisher.accounts WHERE account_id = 'tube:bob')"
        " WHERE account_id = 'tube:alice'",
    )
    with pytest.raises(Unavailable, match="in the place of tube:alice the database holds what belongs to tube:bob"):
        await bench.vault.tokens(ALICE)


async def test_a_wrong_key_is_named_and_nothing_is_lost(bench: AccountBench) -> None:
    await bench.connected()
    wrong = bench.with_keys(secret_key=NEW)
    with pytest.raises(Unavailable, match="another key than CLIPWIRE_SECRET_KEY") as told:
        await wrong.opened(ALICE)
    assert "CLIPWIRE_SECRET_KEYS_PREVIOUS" in told.value.advice
    with pytest.raises(Unavailable, match="another key"):
        async with wrong.writing():
            pass
    assert (await bench.vault.tokens(ALICE)).access == bench.server.access


async def test_a_missing_key_file_is_named_and_no_other_is_made_in_its_place(bench: AccountBench) -> None:
    await bench.connected()
    kept = (bench.home / "secret_key").rename(bench.home / "elsewhere")
    with pytest.raises(Unavailable, match=f"the key file {bench.home}/secret_key: No such file"):
        await bench.vault.tokens(ALICE)
    with pytest.raises(Unavailable, match="No such file"):
        await bench.consent()
    assert not (bench.home / "secret_key").exists()
    kept.rename(bench.home / "secret_key")
    assert (await bench.vault.tokens(ALICE)).access == bench.server.access


async def test_an_account_whose_key_is_gone_can_be_removed_and_connected_anew(bench: AccountBench) -> None:
    await bench.connected()
    (bench.home / "secret_key").unlink()
    removed = await bench.answers.remove(asks.Remove(account_id=ALICE))
    assert not removed.revoked
    assert (await bench.connected()).state == "ready"


async def test_a_short_key_is_refused(bench: AccountBench) -> None:
    (bench.home / "keys").write_text("password1\n")
    with pytest.raises(Unavailable, match="fewer than 32 characters") as told:
        bench.with_keys(secret_key_file=bench.home / "keys").keys.seal("x", {})
    assert "password1" not in str(told.value)


async def test_keys_of_ones_own_are_changed_by_settings_and_one_command(bench: AccountBench) -> None:
    old = bench.with_keys(secret_key=OLD)
    await _through(bench, old).connect(
        asks.Connect.model_validate(
            {
                "platform": "garden",
                "given": {"handle": "a", "password": "app-password-77aa-bb"},
                "redirect_uri": "http://x/",
            }
        )
    )
    both = bench.with_keys(secret_key=NEW, secret_keys_previous=f"{OLD}, ")
    assert await both.opened("garden:alice") == await old.opened("garden:alice")
    rotated = await _through(bench, both).rotate_key(asks.Nothing())
    assert rotated.accounts == 1
    assert "CLIPWIRE_SECRET_KEYS_PREVIOUS can be emptied" in rotated.note
    assert await bench.with_keys(secret_key=NEW).opened("garden:alice") is not None
    with pytest.raises(Unavailable):
        await old.opened("garden:alice")


async def test_our_own_key_is_changed_by_one_command_also_for_processes_that_run_and_logins_under_way(
    bench: AccountBench,
) -> None:
    await bench.connected()
    other, begun = bench.with_keys(), await bench.consent()
    before = (bench.home / "secret_key").read_text()
    assert (await bench.answers.rotate_key(asks.Nothing())).accounts == 1
    after = (bench.home / "secret_key").read_text()
    assert before != after
    assert len(after.splitlines()) == 1
    assert await other.opened(ALICE) is not None
    assert (await bench.back(bench.server.agree(begun.url or ""))).state == "done"
    (bench.home / "secret_key").write_text(before)
    with pytest.raises(Unavailable):
        await bench.accounts.opened(ALICE)


async def test_keys_that_are_changed_by_several_at_once_lose_nothing(bench: AccountBench) -> None:
    await bench.connected()
    others = [_through(bench, bench.with_keys()) for _ in range(4)]
    await asyncio.gather(*(other.rotate_key(asks.Nothing()) for other in others), bench.planted(), bench.consent())
    assert len((bench.home / "secret_key").read_text().splitlines()) == 1
    for account_id in (ALICE, "garden:alice"):
        assert await bench.accounts.opened(account_id) is not None


async def test_a_key_that_is_missing_is_not_replaced_by_changing_it(bench: AccountBench) -> None:
    await bench.connected()
    (bench.home / "secret_key").unlink()
    with pytest.raises(Unavailable, match="No such file"):
        await bench.answers.rotate_key(asks.Nothing())
    assert not (bench.home / "secret_key").exists()


# -- Renewal ----------------------------------------------------------------------------------------------------------


async def test_tokens_that_are_about_to_expire_are_renewed_first(bench: AccountBench) -> None:
    await bench.connected()
    old = bench.server.access
    await spend(bench)
    fresh = await bench.vault.tokens(ALICE)
    assert fresh.access == bench.server.access != old
    assert (await bench.accounts.opened(ALICE)) is not None
    assert await bench.version() == 2


async def test_many_who_need_it_at_once_renew_it_once_over_all_processes(bench: AccountBench) -> None:
    await bench.connected()
    await spend(bench)
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
    await spend(bench, left=timedelta(minutes=2))
    bench.server.fail("POST /token", "503")
    assert (await bench.vault.tokens(ALICE)).access == bench.server.access
    bench.server.fail("POST /token", "503")
    await spend(bench)
    with pytest.raises(Unavailable):
        await bench.vault.tokens(ALICE)
    assert (await bench.vault.tokens(ALICE)).access == bench.server.access


async def test_a_lost_answer_ends_the_login_where_the_platform_forgives_nothing_and_that_is_said(
    bench: AccountBench,
) -> None:
    await bench.connected()
    await spend(bench)
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


# -- Nothing is lost --------------------------------------------------------------------------------------------------


async def test_a_publisher_that_is_killed_while_the_platform_works_leaves_the_new_token_stored(
    bench: AccountBench,
) -> None:
    async with renewing_publisher(bench) as kill:
        await kill()
        assert await bench.version() == 1
        bench.server.release.set()
        await until_renewed(bench)


async def test_a_publisher_that_is_killed_between_the_answer_and_its_place_in_the_database_leaves_it_stored(
    bench: AccountBench,
) -> None:
    async with renewing_publisher(bench) as kill:
        async with bench.accounts.database.transaction() as connection:
            # Lets the row stay locked by who renews it, and keeps that from being written.
            await connection.execute("LOCK TABLE publisher.accounts IN SHARE MODE")
            bench.server.release.set()
            await until(partial(_waits_to_store, bench))
            await kill()
        await until_renewed(bench)


async def _waits_to_store(bench: AccountBench) -> bool:
    return bool(await sql(bench, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))


@asynccontextmanager
async def renewing_publisher(bench: AccountBench) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """A publisher whose renewal has been done by the platform, which holds its answer back; and what kills it."""
    await bench.connected()
    await spend(bench)
    bench.server.release.clear()
    command = [sys.executable, "-m", "tests.publisher.account_worker", ALICE]
    env = environment(bench.database_url, bench.home, bench.server)
    publisher = subprocess.Popen(command, env=env, cwd=ROOT, start_new_session=True)
    assert await asyncio.to_thread(bench.server.answer_held.wait, 30)

    async def kill() -> None:
        """It, and all that shares its session: as when its terminal or its service is ended."""
        os.killpg(publisher.pid, signal.SIGKILL)
        assert await asyncio.to_thread(publisher.wait) == -signal.SIGKILL

    yield kill


async def until_renewed(bench: AccountBench) -> None:
    """The new token is in the database, and it is good."""

    async def stored() -> bool:
        return await bench.version() == 2

    await until(stored)
    kept = await bench.accounts.opened(ALICE)
    assert kept is not None and kept.tokens.refresh == bench.server.refresh
    await spend(bench)
    assert (await bench.vault.tokens(ALICE)).access == bench.server.access
    assert not bench.server.revoked


class ForgetfulAccounts(Accounts):
    """Their database fails right after the platform has answered."""

    error: BaseException = Unavailable("the database of accounts does not answer")

    def sealed(self, account_id: str, tokens: Tokens) -> bytes:
        raise self.error


async def left_on_the_disk(bench: AccountBench, error: BaseException) -> Path:
    """A renewal whose database fails; the file with what the platform gave."""
    like = bench.accounts
    forgetful = ForgetfulAccounts(like.database, like.keys, clock=like.clock)
    forgetful.error = error
    with pytest.raises(type(error)):
        await Renewal(forgetful, platforms(bench.server.url), bench.client).run(Order(ALICE, 1))
    assert await bench.version() == 1
    (left,) = (bench.home / "publisher").iterdir()
    return left


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("the database of accounts does not answer"),
        asyncpg.ReadOnlySQLTransactionError("cannot execute UPDATE in a read-only transaction"),
        asyncpg.DeadlockDetectedError("deadlock detected"),
        asyncpg.IdleInTransactionSessionTimeoutError("terminating connection"),
        asyncpg.InternalClientError("got result for unknown protocol state"),
        asyncio.CancelledError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_tokens_that_the_database_did_not_take_wait_on_the_disk_encrypted(
    bench: AccountBench, error: BaseException
) -> None:
    await bench.connected()
    left = await left_on_the_disk(bench, error)
    assert stat.S_IMODE(left.stat().st_mode) == 0o600
    assert not [token for token in bench.server.given if token.encode() in left.read_bytes()]
    new = bench.server.refresh
    assert (await bench.renewals.renew(ALICE, 1)).outcome == "renewed"
    kept = await bench.accounts.opened(ALICE)
    assert kept is not None and kept.tokens.refresh == new == bench.server.refresh
    assert not left.exists()


async def test_what_waits_on_the_disk_is_encrypted_again_with_a_new_key(bench: AccountBench) -> None:
    await bench.connected()
    await left_on_the_disk(bench, Unavailable("the database of accounts does not answer"))
    new = bench.server.refresh
    assert (await bench.answers.rotate_key(asks.Nothing())).accounts == 1
    assert (await bench.renewals.renew(ALICE, 1)).outcome == "renewed"
    kept = await bench.accounts.opened(ALICE)
    assert kept is not None and kept.tokens.refresh == new == bench.server.refresh


async def test_what_waits_on_the_disk_and_no_key_opens_is_as_if_it_were_not_there(bench: AccountBench) -> None:
    await bench.connected()
    left = bench.home / "publisher" / f"{digest(ALICE)}-1"
    left.parent.mkdir()
    left.write_bytes(bench.with_keys(secret_key=NEW).sealed(ALICE, Tokens(access="of another key")))
    with structlog.testing.capture_logs() as logged:
        done = await Renewal(bench.accounts, platforms(bench.server.url), bench.client).run(Order(ALICE, 1))
    assert done.outcome == "renewed"
    assert not left.exists()
    assert [line["id"] for line in logged if line["event"] == "account.left_tokens_unreadable"] == [ALICE]


async def test_the_process_that_renews_has_no_token_on_its_command_line_or_in_its_environment(
    bench: AccountBench,
) -> None:
    await bench.connected()
    await spend(bench)
    bench.server.release.clear()
    renewing = asyncio.create_task(bench.vault.tokens(ALICE))
    await asyncio.to_thread(bench.server.answer_held.wait, 30)
    seen = b"".join(
        (folder / name).read_bytes()
        for folder in Path("/proc").glob("[0-9]*")
        for name in ("cmdline", "environ")
        if b"tests.publisher.renewing" in _read(folder / "cmdline")
    )
    bench.server.release.set()
    await renewing
    assert ALICE.encode() in seen
    assert not [token for token in bench.server.given if token.encode() in seen]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""


def _through(bench: AccountBench, accounts: Accounts) -> AccountAnswers:
    return AccountAnswers(platforms(bench.server.url), accounts, bench.client)


async def test_a_renewal_comes_ahead_of_the_end(bench: AccountBench) -> None:
    await bench.connected()
    (row,) = await sql(bench, "SELECT expires_at - due_at AS ahead FROM publisher.accounts")
    assert timedelta(minutes=12) <= row["ahead"] <= timedelta(minutes=15)
