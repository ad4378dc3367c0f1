"""A token that the platform has given is never lost, whatever dies and whatever is away."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import pytest
import structlog

from actors.publisher.adapters.accounts.kept import Accounts
from actors.publisher.adapters.accounts.refreshing import Order, Renewal
from actors.publisher.ports import Tokens
from contracts import asks
from contracts.ids import digest
from runtime.errors import Unavailable
from tests.publisher.account_bench import ALICE, ROOT, AccountBench, environment
from tests.publisher.tube import platforms
from tests.support.running import until

NEW = "a-new-key-of-thirty-two-letters--"


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
    return bool(await bench.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))


@asynccontextmanager
async def renewing_publisher(bench: AccountBench) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """A publisher whose renewal has been done by the platform, which holds its answer back; and what kills it."""
    await bench.connected()
    await bench.spend()
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
    await bench.spend()
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
    await bench.spend()
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
