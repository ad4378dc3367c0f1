"""What works beside the requests: what has run out is deleted, and what ends is noticed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from gateway.hooks.hooks import Hooks
from gateway.http.server import run
from gateway.http.settings import GatewaySettings
from gateway.http.sweeping import keep_swept
from gateway.projection.database import Pool
from gateway.projection.reads import ReadModels
from gateway.users.identities import Identities
from runtime.settings import RuntimeSettings
from runtime.tasks import end
from tests.gateway.conftest import TOKEN

OLD, YOUNG = timedelta(days=500), timedelta(minutes=1)
MANY, FEW = 11_000, 2
# What $2 rows of each table are made of that have run out $1 ago.
MADE = {
    "users.audit": "(at, action, name, via, address) SELECT now() - $1::interval, 'login.done', 'ada', 'none', ''",
    "users.guesses": "(key, failures, last_at, until) SELECT $1::interval::text || n, 1, now() - $1::interval, now()",
    "users.invitations": "(id, digest, role, note, made_by, expires_at) "
    "SELECT $1::interval::text || n, sha256(($1::interval::text || n)::bytea), 'viewer', '', 'operator', "
    "now() - $1::interval",
    "users.sessions": "(id, user_id, address, agent) SELECT $1::interval::text || n, 'u', '', ''",
    "users.refresh_tokens": "(digest, session_id, expires_at) "
    "SELECT sha256(($1::interval::text || n)::bytea), 's', now() + interval '1 day' - $1::interval",
    "hooks.deliveries": "(webhook_id, sequence, event_id, subject, body, next_at, made_at) "
    "SELECT 'w', n + extract(epoch FROM $1::interval)::bigint, 'e', 'render.done', '{}', NULL, now() - $1::interval",
    "gateway.requests": "(key, subject, digest, event_id, made_at) "
    "SELECT $1::interval::text || n, 's', 'd', 'e', now() - $1::interval",
}
OWNERS = """
INSERT INTO users.users (id, name, role) VALUES ('u', 'ada', 'viewer');
INSERT INTO users.sessions (id, user_id, address, agent) VALUES ('s', 'u', '', '');
INSERT INTO users.refresh_tokens (digest, session_id, expires_at) VALUES ('', 's', now() + interval '9 days');
INSERT INTO hooks.webhooks (webhook_id, url, subjects, secret, place) VALUES ('w', 'https://a.example', '{}', '', 0);
"""
COUNTED = """
CREATE TABLE users.deleted (rows bigint);
CREATE FUNCTION users.count_deleted() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO users.deleted SELECT count(*) FROM gone; RETURN NULL; END';
CREATE TRIGGER counted AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION users.count_deleted();
"""


async def swept(identities: Identities, hooks: Hooks, reads: ReadModels) -> None:
    await identities.sweep()
    await hooks.webhooks.sweep()
    await reads.sweep_requests(timedelta(days=7))


@pytest.mark.parametrize("table", MADE)
async def test_what_has_run_out_is_deleted_some_thousands_at_a_time(
    pool: Pool, identities: Identities, hooks: Hooks, table: str
) -> None:
    """So that no DELETE takes longer than it may, and begins anew for ever."""
    await pool.execute(OWNERS)
    there = await pool.fetchval(f"SELECT count(*) FROM {table}")
    for age, count in ((OLD, MANY), (YOUNG, FEW)):
        if table != "users.sessions" or age == OLD:
            await pool.execute(f"INSERT INTO {table} {MADE[table]} FROM generate_series(1, $2) AS n", age, count)
            there += count
    await pool.execute(COUNTED.format(table=table))
    await swept(identities, hooks, ReadModels(pool))
    batches = [row["rows"] for row in await pool.fetch("SELECT rows FROM users.deleted WHERE rows > 0")]
    assert (sum(batches), len(batches)) == (MANY, 3)
    assert await pool.fetchval(f"SELECT count(*) FROM {table}") == there - MANY


async def test_what_somebody_holds_keeps_nobody_waiting(pool: Pool, identities: Identities) -> None:
    await pool.execute(f"INSERT INTO users.audit {MADE['users.audit']} FROM generate_series(1, $2) AS n", OLD, 9)
    async with pool.acquire() as other, other.transaction():
        held = await other.fetchval("SELECT id FROM users.audit LIMIT 1 FOR UPDATE")
        async with asyncio.timeout(10):
            await identities.sweep()
        assert [row["id"] for row in await pool.fetch("SELECT id FROM users.audit")] == [held]
    await identities.sweep()
    assert await pool.fetchval("SELECT count(*) FROM users.audit") == 0


@pytest.mark.parametrize("state", ["40P01", "57P01", "23503"])
async def test_whatever_the_database_says_the_next_ones_are_swept(pool: Pool, state: str) -> None:
    """A deadlock, an end that an operator made, and rows that others point to."""
    done = asyncio.Event()

    async def refused() -> None:
        await pool.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")

    async def next_one() -> None:
        done.set()

    with pytest.raises(asyncpg.PostgresError):
        await refused()
    task = asyncio.create_task(keep_swept(refused, next_one))
    waiting = asyncio.create_task(done.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
    assert done.is_set()
    assert not task.done()
    await end(task, waiting)


async def test_where_something_beside_the_requests_ends_the_process_does(
    nats_url: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody would be told of anything until somebody starts it again. Here it is a hub that is no address."""
    monkeypatch.setenv("CLIPWIRE_WEBSUB_BASE_URL", "http://[hub")
    runtime = RuntimeSettings(home=tmp_path, nats_url=nats_url, database_url=database_url, drain_s=1)
    with pytest.raises(ValueError, match="Invalid IPv6 URL"):
        async with asyncio.timeout(15):
            await run(runtime, GatewaySettings(http_port=0), TOKEN)
    assert not (tmp_path / "gateway.json").exists()
