"""The read models: a pure function of the stream, whatever happens to the projector."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import asyncpg
import pytest

from contracts import events as e
from contracts import subjects as s
from gateway.projection.changes import KEYS
from gateway.projection.database import Pool, about_data, migrate, reset
from gateway.projection.projector import Projector
from gateway.projection.reads import ReadModels
from gateway.tasks import end
from runtime.bus import Bus
from tests.gateway.conftest import Say, projected
from tests.gateway.samples import candidate, clip, event, failed, order, whole_job

Dump = dict[str, list[str]]


async def dump(pool: Pool) -> Dump:
    """Every row of every read model."""
    tables = {}
    for table in ("events", "totals", *KEYS):
        rows = await pool.fetch(f"SELECT to_jsonb(t) AS row FROM gateway.{table} AS t")
        tables[table] = sorted(json.dumps(row["row"], sort_keys=True) for row in rows)
    return tables


async def publish_history(bus: Bus) -> int:
    """Jobs that went well, jobs that failed, the same thing twice, and things that fit no contract."""
    place = 0
    last = 0
    histories: list[list[Any]] = [whole_job(f"youtube:job{number:08d}") for number in range(12)]
    broken = whole_job("youtube:brokenjob00")
    broken[7:] = [(s.WORK_FAILED, failed("youtube:brokenjob00", actor="downloader", subject="candidate.approved"))]
    again = whole_job("youtube:againjob000")
    again += [
        again[1],
        again[3],
        again[9],
        again[11],
        (s.WORK_FAILED, failed("x", actor="vlm", subject="clip.transcribed")),
    ]
    steps = [*histories, broken, again]
    chance = random.Random(7)
    while steps:
        history = chance.choice(steps)
        subject, data = history.pop(0)
        if not history:
            steps.remove(history)
        place += 1
        last = (await bus.publish(event(subject, data, place))).sequence
        if place % 25 == 0:
            for body in (
                b"not json",
                b'{"niche": 5}',
                b'{"niche":"a\\u0000b"}',
                b'{"niche":"x","surplus":1}',
                b"[]",
                b'{"niche":"\\ud800"}',
            ):
                last = (await bus.js.publish("discovery.requested", body)).seq
    return last


async def test_dropped_and_replayed_read_models_are_equal_to_what_they_were(bus: Bus, pool: Pool) -> None:
    last = await publish_history(bus)
    assert await Projector(pool, bus, batch=1000).catch_up() == last
    before = await dump(pool)
    assert len(before["events"]) == last
    assert all(before[table] for table in KEYS)
    await reset(pool)
    assert not any((await dump(pool)).values())
    # Cut into other batches, the stream gives the same tables.
    await Projector(pool, bus, batch=7).catch_up()
    assert await dump(pool) == before


async def test_a_reset_while_the_projector_runs_is_followed_by_the_same_tables(
    bus: Bus, pool: Pool, projector: Projector
) -> None:
    last = await publish_history(bus)
    await projected(projector, last)
    before = await dump(pool)
    for _ in range(3):
        await reset(pool)
        await projected(projector, last)
        assert await dump(pool) == before


async def test_of_many_projectors_one_works_and_the_next_takes_over(bus: Bus, pool: Pool) -> None:
    projectors = [Projector(pool, bus, batch=20) for _ in range(3)]
    tasks = [asyncio.create_task(one.run()) for one in projectors]
    try:
        await projected(projectors[0], await publish_history(bus))
        states = [one.status.state for one in projectors]
        assert sorted(states) == ["running", "standby", "standby"]
        worker = states.index("running")
        await end(tasks[worker])
        last = await bus.publish(event(*whole_job("youtube:another0000")[1], 9999))
        await projected(projectors[0], last.sequence)
        assert [one.status.state for one in projectors].count("running") == 1
    finally:
        await end(*tasks)


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


async def test_a_stream_that_was_made_anew_is_projected_anew(bus: Bus, pool: Pool) -> None:
    await publish_history(bus)
    await Projector(pool, bus).catch_up()
    # As a server that lost its disk: another stream under the same name.
    await bus.js.delete_stream("EVENTS")
    await bus.provision()
    await bus.publish(event(*whole_job()[1], 1))
    assert await Projector(pool, bus).catch_up() == 1
    assert await pool.fetchval("SELECT count(*) FROM gateway.events") == 1


async def test_a_running_projector_notices_a_stream_that_was_made_anew(
    bus: Bus, pool: Pool, projector: Projector
) -> None:
    await projected(projector, await publish_history(bus))
    await bus.js.delete_stream("EVENTS")
    await bus.provision()
    await bus.publish(event(*whole_job()[1], 1))
    async with asyncio.timeout(20):
        while await pool.fetchval("SELECT array_agg(sequence) FROM gateway.events") != [1]:
            await asyncio.sleep(0.05)


async def test_a_stream_that_lost_its_end_and_used_its_numbers_again_is_projected_anew(bus: Bus, pool: Pool) -> None:
    await publish_history(bus)
    last = await Projector(pool, bus).catch_up()
    await pool.execute("UPDATE gateway.checkpoint SET fingerprint = 'another message'")
    await pool.execute("DELETE FROM gateway.candidates")
    assert await Projector(pool, bus).catch_up() == last
    assert await pool.fetchval("SELECT count(*) FROM gateway.candidates") > 0


async def test_migrations_may_run_again_and_at_the_same_time(pool: Pool) -> None:
    await asyncio.gather(*(migrate(pool) for _ in range(4)))


async def stages(pool: Pool, job: str) -> dict[tuple[str, str], str]:
    return {(row["entity"], row["stage"]): row["state"] for row in await ReadModels(pool).stages(job)}


async def test_every_stage_of_a_job_is_seen_in_the_order_in_which_it_began(say: Say, pool: Pool) -> None:
    await say(*whole_job())
    rows = await ReadModels(pool).stages("youtube:abcdefghijk")
    assert [row["stage"] for row in rows] == [
        "discover", "rank", "approve", "download", "transcribe", "analyze", "choose", "render", "approve", "publish",
    ]  # fmt: skip
    assert {row["state"] for row in rows} == {"done"}
    assert all(row["sequence"] and row["time"] for row in rows)


async def test_a_failure_belongs_to_its_stage_until_the_stage_succeeds(say: Say, pool: Pool) -> None:
    job = whole_job()
    await say(
        *job[:6], (s.WORK_FAILED, failed("youtube:abcdefghijk", actor="downloader", subject="candidate.approved"))
    )
    rows = {row["stage"]: row for row in await ReadModels(pool).stages("youtube:abcdefghijk")}
    assert rows["download"]["state"] == "failed"
    assert rows["download"]["failure"]["what"] == "it is no video"
    await say(*job[5:7])
    rows = {row["stage"]: row for row in await ReadModels(pool).stages("youtube:abcdefghijk")}
    assert (rows["download"]["state"], rows["download"]["failure"]) == ("done", None)


async def test_what_was_decided_or_published_stays_so_when_it_is_asked_for_again(say: Say, pool: Pool) -> None:
    job = whole_job()
    await say(*job, job[1], job[3], job[11])
    states = await stages(pool, "youtube:abcdefghijk")
    assert states["youtube:abcdefghijk", "approve"] == "done"
    assert {state for (_, stage), state in states.items() if stage == "publish"} == {"done"}
    assert await pool.fetchval("SELECT state FROM gateway.candidates") == "approved"
    assert await pool.fetchval("SELECT state FROM gateway.publications") == "done"


async def test_a_failed_render_is_a_failed_render_and_a_redrive_begins_its_stage_anew(
    say: Say, pool: Pool, bus: Bus, projector: Projector
) -> None:
    wanted = order()
    await say(
        (s.RENDER_REQUESTED, wanted),
        (s.WORK_FAILED, failed(wanted.render_id, actor="renderer", subject="render.requested")),
    )
    assert await pool.fetchval("SELECT state FROM gateway.renders") == "failed"
    assert (await stages(pool, wanted.clip_id))[wanted.render_id, "render"] == "failed"
    again = await bus.js.publish("redrive.renderer.render.requested", event(s.RENDER_REQUESTED, wanted, 1).to_json())
    await projected(projector, again.seq)
    assert (await stages(pool, wanted.clip_id))[wanted.render_id, "render"] == "pending"


@pytest.mark.parametrize("moments", [True, False])
async def test_a_clip_without_moments_waits_for_no_choice(say: Say, pool: Pool, moments: bool) -> None:
    job = whole_job()
    analyzed = job[8][1]
    assert isinstance(analyzed, e.ClipAnalyzed)
    await say((s.CLIP_ANALYZED, analyzed if moments else analyzed.model_copy(update={"moments": ()})))
    assert (await stages(pool, clip().clip_id))[clip().clip_id, "choose"] == ("pending" if moments else "done")
