"""Messages that fit no contract or no table: each is kept with the reason, and nothing stops."""

from __future__ import annotations

import json
import random

import asyncpg
import pytest

from contracts import events as e
from contracts import subjects as s
from gateway.projection.database import Pool, about_data
from gateway.projection.projector import Projector
from runtime.bus import Bus
from tests.gateway.samples import candidate, event


async def test_a_malformed_event_is_kept_with_its_reason_and_stops_nothing(bus: Bus, pool: Pool) -> None:
    await bus.js.publish("discovery.requested", b'{"niche": ""}')
    await bus.js.publish("candidate.approved", b"\xff\xfe")
    await bus.js.publish("discovery.requested", b'{"niche":' + b"9" * 5000 + b"}")
    await bus.js.publish("discovery.requested", b'{"niche": "ai tools"}')
    await Projector(pool, bus).catch_up()
    rows = await pool.fetch("SELECT malformed, raw, body FROM gateway.events ORDER BY sequence")
    assert "niche" in rows[0]["malformed"]
    assert rows[1]["raw"] == b"\xff\xfe"
    assert rows[2]["malformed"]
    assert rows[3]["malformed"] is None
    assert rows[3]["body"] == {"niche": "ai tools"}
    assert await pool.fetchval("SELECT niche FROM gateway.scans") == "ai tools"


async def test_what_the_database_refuses_is_kept_as_malformed_and_the_rest_of_the_batch_goes_on(
    bus: Bus, pool: Pool
) -> None:
    for place in range(1, 10):
        data = e.CandidateFound(candidate=candidate(f"youtube:vid{place:08d}"), niche="ai", scan_id="s")
        body = json.loads(event(s.CANDIDATE_FOUND, data, place).to_json())
        # An attribute of somebody else's, with a number that no numeric takes.
        text = json.dumps({**body, "extension": 1}).replace(
            '"extension": 1', '"extension": 1e200000' if place == 5 else '"x": 1'
        )
        await bus.js.publish("candidate.found", text.encode())
    assert await Projector(pool, bus).catch_up() == 9
    assert await pool.fetchval("SELECT count(*) FROM gateway.candidates") == 8
    assert "database" in await pool.fetchval("SELECT malformed FROM gateway.events WHERE sequence = 5")


def _done(scan_id: str) -> bytes:
    return json.dumps({"scan_id": scan_id, "niche": "ai", "found": 0, "sources": []}).encode()


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("discovery.done", _done(random.Random(1).randbytes(6000).hex())),  # no row of an index
        ("discovery.done", _done("x").replace(b'"found": 0', b'"found": 99999999999')),  # no integer of theirs
        ("discovery.done", _done("x").replace(b'"found": 0', b'"found": 1e999')),
        ("discovery.done", _done("x").replace(b'"found": 0', b'"found": ' + b"9" * 6000)),
        ("discovery.done", _done("x") + b" \x00"),
        ("discovery.done", _done("x").replace(b"[]", b"[" * 50_000 + b"]" * 50_000)),
        ("candidate.found", b'{"specversion":"1.0","x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
        ("discovery.done", _done("x").decode().encode("utf-16")),
        ("discovery.done", b"\xef\xbb\xbf" + _done("x")),
        ("discovery.done", _done("x").replace(b"ai", b"\xed\xa0\x80")),
        (
            "candidate.found",
            event(s.CANDIDATE_FOUND, e.CandidateFound(candidate=candidate(), niche="ai", scan_id="s"), 1)
            .to_json()
            .replace(b'"e1"', b'"%s"' % random.Random(4).randbytes(6000).hex().encode()),
        ),
        (f"discovery.{random.Random(2).randbytes(1500).hex()}", b"{}"),
        ("discovery.requested", json.dumps({"niche": "ai", "id": random.Random(3).randbytes(6000).hex()}).encode()),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
async def test_no_message_whatever_is_in_it_stops_the_projection(
    bus: Bus, pool: Pool, subject: str, body: bytes
) -> None:
    scans = [f"s{number}" for number in range(9)]
    for scan in scans[:5]:
        await bus.js.publish("discovery.done", _done(scan))
    await bus.js.publish(subject, body)
    for scan in scans[5:]:
        await bus.js.publish("discovery.done", _done(scan))
    assert await Projector(pool, bus).catch_up() == 10
    assert {row["scan_id"] for row in await pool.fetch("SELECT scan_id FROM gateway.scans")} >= set(scans)
    assert await pool.fetchval("SELECT count(*) FROM gateway.events") == 10
    why = await pool.fetchval("SELECT malformed FROM gateway.events WHERE sequence = 6")
    assert why is None or 0 < len(why) <= 501


async def test_whatever_the_reason_is_one_event_that_the_database_refuses_does_not_stop_it(
    bus: Bus, pool: Pool
) -> None:
    await pool.execute("ALTER TABLE gateway.scans ADD CHECK (scan_id <> 's3')")
    for number in range(9):
        await bus.js.publish("discovery.done", _done(f"s{number}"))
    assert await Projector(pool, bus).catch_up() == 9
    assert await pool.fetchval("SELECT count(*) FROM gateway.scans") == 8
    (row,) = await pool.fetch("SELECT sequence, malformed FROM gateway.events WHERE malformed IS NOT NULL")
    assert row["sequence"] == 4
    assert "check constraint" in row["malformed"]


@pytest.mark.parametrize(
    ("error", "about"),
    [
        (asyncpg.ProgramLimitExceededError, True),
        (asyncpg.NumericValueOutOfRangeError, True),
        (asyncpg.NotNullViolationError, True),
        (asyncpg.DeadlockDetectedError, False),
        (asyncpg.SerializationError, False),
        (asyncpg.ReadOnlySQLTransactionError, False),
        (asyncpg.AdminShutdownError, False),
        (asyncpg.DiskFullError, False),
        (asyncpg.ConnectionDoesNotExistError, False),
        (asyncpg.UndefinedColumnError, False),
    ],
)
def test_an_error_is_about_the_rows_or_about_everything_else(error: type[asyncpg.PostgresError], about: bool) -> None:
    assert about_data(error("no")) is about


async def test_text_that_the_database_can_not_keep_is_kept_without_it(bus: Bus, pool: Pool) -> None:
    await bus.js.publish("discovery.done", _done("a\x00b"))
    await bus.js.publish("discovery.done", _done("a\ud800b"))
    await bus.js.publish("discovery.done", _done("both \ud83d\ude00"))
    assert await Projector(pool, bus).catch_up() == 3
    assert {row["scan_id"] for row in await pool.fetch("SELECT scan_id FROM gateway.scans")} >= {"both \U0001f600"}


async def test_a_database_that_does_not_fit_makes_no_event_malformed(bus: Bus, pool: Pool) -> None:
    await bus.js.publish("discovery.done", _done("s1"))
    await pool.execute("ALTER TABLE gateway.scans RENAME TO hidden")
    with pytest.raises(asyncpg.UndefinedTableError):
        await Projector(pool, bus).catch_up()
    await pool.execute("ALTER TABLE gateway.hidden RENAME TO scans")
    assert await Projector(pool, bus).catch_up() == 1
    assert await pool.fetchval("SELECT malformed FROM gateway.events") is None
