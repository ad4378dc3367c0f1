"""The read models: a pure function of the stream, whatever happens to the projector."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from contracts import events as e
from contracts import subjects as s
from gateway.projection.changes import KEYS
from gateway.projection.database import Pool, migrate, reset
from gateway.projection.projector import Projector
from gateway.projection.reads import ReadModels
from runtime.bus import Bus
from runtime.database import open_pool
from runtime.tasks import end
from tests.gateway.conftest import Say, projected
from tests.gateway.samples import JOB, clip, event, failed, order, whole_job

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
        (s.WORK_FAILED, failed(again[12][1].key, actor="publisher", subject="publish.requested")),
        again[11],
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


async def test_migrations_may_run_at_the_same_time_and_again(bare_database_url: str) -> None:
    async with open_pool(bare_database_url) as pool:
        await asyncio.gather(*(migrate(pool) for _ in range(4)))
        await migrate(pool)
        assert await ReadModels(pool).checkpoint() == 0


async def stages(pool: Pool, job: str) -> dict[tuple[str, str], str]:
    return {(row["entity"], row["stage"]): row["state"] for row in await ReadModels(pool).stages(job, owner="")}


async def test_every_stage_of_a_job_is_seen_in_the_order_in_which_it_began(say: Say, pool: Pool) -> None:
    await say(*whole_job())
    rows = await ReadModels(pool).stages("youtube:abcdefghijk", owner="")
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
    rows = {row["stage"]: row for row in await ReadModels(pool).stages("youtube:abcdefghijk", owner="")}
    assert rows["download"]["state"] == "failed"
    assert rows["download"]["failure"]["what"] == "it is no video"
    await say(*job[5:7])
    rows = {row["stage"]: row for row in await ReadModels(pool).stages("youtube:abcdefghijk", owner="")}
    assert (rows["download"]["state"], rows["download"]["failure"]) == ("done", None)


async def test_what_was_decided_or_published_stays_so_when_it_is_asked_for_again(say: Say, pool: Pool) -> None:
    job = whole_job()
    await say(*job, job[1], job[3], job[11])
    states = await stages(pool, "youtube:abcdefghijk")
    assert states["youtube:abcdefghijk", "approve"] == "done"
    assert {state for (_, stage), state in states.items() if stage == "publish"} == {"done"}
    assert await pool.fetchval("SELECT state FROM gateway.candidates") == "approved"
    assert await pool.fetchval("SELECT state FROM gateway.publications") == "done"


@pytest.mark.parametrize("batch", [1, 1000], ids=["one by one", "in one batch"])
async def test_a_post_that_is_out_stays_so_when_another_order_for_it_fails(bus: Bus, pool: Pool, batch: int) -> None:
    """As a move that its platform refuses: it is told among the failures."""
    job = whole_job()
    requested, done = job[11][1], job[12][1]
    assert isinstance(requested, e.PublishRequested)
    refused = failed(requested.key, actor="publisher", subject="publish.requested")
    about = {"publication_id": requested.key, "render_id": requested.render_id, "account_id": requested.account_id}
    unsure = e.PublishUnconfirmed(reason="the answer was lost", advice="Look there", **about)
    told = (*job, (s.PUBLISH_REQUESTED, requested), (s.PUBLISH_UNCONFIRMED, unsure), (s.WORK_FAILED, refused))
    for place, (subject, data) in enumerate(told):
        await bus.publish(event(subject, data, place))
    await Projector(pool, bus, batch=batch).catch_up()
    assert (await stages(pool, JOB))[done.key, "publish"] == "done"
    reads = ReadModels(pool)
    (row,) = [row for row in await reads.stages(JOB, owner="") if row["entity"] == done.key]
    assert (row["failure"], row["sequence"]) == (None, 13)
    (listed,) = await reads.page("jobs", None, 10, None, None, owner=None)
    assert (listed["state"], listed["failed"], listed["publications_done"]) == ("done", 0, 1)
    (failure,) = await reads.page("failures", None, 10, None, owner=None)
    assert (failure["entity"], failure["stage"]) == (done.key, "publish")
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
