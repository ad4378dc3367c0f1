"""What the read models answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from contracts import events as e
from contracts import subjects as s
from tests.gateway.answers import problem
from tests.gateway.conftest import Say
from tests.gateway.samples import JOB, failed, order, whole_job


async def test_a_scan_without_a_name_has_a_job_of_its_own(client: httpx.AsyncClient, say: Say) -> None:
    job = (await client.post("/discovery/scan", json={"niche": "ai"})).json()["job"]
    other = (await client.post("/discovery/scan", json={"niche": "ai"})).json()["job"]
    assert job != other
    await say(*whole_job()[:3])
    for name in (job, "scan-1"):
        shown = (await client.get(f"/jobs/{name}")).json()
        assert (shown["kind"], shown["niche"]) == ("scan", "ai")
    assert shown["state"] == "done"
    assert shown["sources"][0]["source"] == "youtube"


async def test_the_job_of_any_of_its_things_shows_every_stage(client: httpx.AsyncClient, say: Say) -> None:
    await say(*whole_job())
    wanted = order()
    publication = e.PublishRequested(render_id=wanted.render_id, account_id="outbox:default").publication_id
    for name in (JOB, quote(JOB, safe=""), wanted.render_id, publication):
        job = (await client.get(f"/jobs/{name}")).json()
        assert (job["job_id"], job["state"]) == (JOB, "done")
        assert (job["renders"], job["publications"]) == ([wanted.render_id], [publication])
        assert len(job["stages"]) == 10
    (row,) = (await client.get("/jobs", params={"state": "done"})).json()["items"]
    assert (row["job_id"], row["renders_done"], row["publications_done"]) == (JOB, 1, 1)
    assert (await client.get("/jobs", params={"state": "failed"})).json()["items"] == []
    problem(await client.get("/jobs/nobody"), 404)


async def test_a_failed_job_says_what_happened_and_what_to_do(client: httpx.AsyncClient, say: Say) -> None:
    failure = failed(JOB, actor="downloader", subject="candidate.approved")
    await say(
        *whole_job()[:6],
        (s.WORK_FAILED, failure),
        (s.WORK_FAILED, failed("msg-1", actor="vlm", subject="x", kind="invalid")),
    )
    job = (await client.get(f"/jobs/{JOB}")).json()
    assert job["state"] == "failed"
    (stage,) = [stage for stage in job["stages"] if stage["state"] == "failed"]
    assert (stage["stage"], stage["failure"]["advice"]) == ("download", "Send a video")
    assert (await client.get("/jobs/msg-1")).json()["kind"] == "other"
    listed = (await client.get("/failures", params={"entity": JOB})).json()["items"]
    assert [row["what"] for row in listed] == ["it is no video"]


async def test_everything_that_was_made_is_listed_and_shown(client: httpx.AsyncClient, say: Say) -> None:
    await say(*whole_job())
    for path, field in (
        ("candidates", "candidate_id"), ("clips", "clip_id"), ("renders", "render_id"),
        ("publications", "publication_id"),
    ):  # fmt: skip
        (row,) = (await client.get(f"/{path}")).json()["items"]
        assert (await client.get(f"/{path}/{row[field]}")).json() == row
        problem(await client.get(f"/{path}/nobody"), 404)
        problem(await client.get(f"/{path}", params={"state": "no such state"}), 422)
    assert (await client.get("/candidates", params={"state": "approved", "scan_id": "scan-1"})).json()["items"]
    assert row["publication"]["url"] == "file:///outbox/1"


async def test_pages_follow_each_other_without_gap_or_repetition(client: httpx.AsyncClient, say: Say) -> None:
    names = [f"youtube:job{number:08d}" for number in range(23)]
    await say(*[whole_job(name)[1] for name in names])
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"limit": 5} if cursor is None else {"limit": 5, "cursor": cursor}
        page = (await client.get("/candidates", params=params)).json()
        seen += [row["candidate_id"] for row in page["items"]]
        if len(seen) == 10:  # what comes meanwhile shifts no page
            await say(whole_job("youtube:newcomer000")[1])
        if (cursor := page["next"]) is None:
            break
    assert seen == names[::-1]
    for wrong in ("x", "djE6", "!!", "djE6LTE"):
        assert problem(await client.get("/candidates", params={"cursor": wrong}), 422)["field"] == "cursor"
    for limit in (0, 201, "x"):
        assert problem(await client.get("/candidates", params={"limit": limit}), 422)["field"] == "limit"


async def test_a_question_is_listed_until_it_is_answered(client: httpx.AsyncClient, say: Say) -> None:
    await say(*whole_job()[:5])
    (asked,) = (await client.get("/approvals")).json()["items"]
    assert (asked["id"], asked["yes"]) == (JOB, "candidate.approved")
    assert (await client.get(f"/jobs/{JOB}")).json()["state"] == "waiting"
    answer = await client.post(f"/candidates/{JOB}/approve", json={"clips": 2, "vouch": True})
    assert answer.status_code == 202
    await say(whole_job("youtube:another0000")[1])
    assert (await client.get("/approvals")).json()["items"] == []


async def test_a_job_is_not_done_before_its_shorts_are_published_or_decided_about(
    client: httpx.AsyncClient, say: Say
) -> None:
    seen = []
    for step in whole_job():
        await say(step)
        for row in (await client.get("/jobs")).json()["items"]:
            seen.append((await client.get(f"/jobs/{JOB}")).json()["state"])
            assert row["state"] == seen[-1]
            assert (await client.get("/jobs", params={"state": seen[-1]})).json()["items"]
    assert seen == [*["running"] * 3, "waiting", *["running"] * 5, "rendered", "running", "done"]


async def test_a_short_that_a_person_rejects_ends_the_job(client: httpx.AsyncClient, say: Say) -> None:
    await say(*whole_job()[1:11], (s.RENDER_REJECTED, e.RenderRejected(render_id=order().render_id)))
    assert (await client.get(f"/jobs/{JOB}")).json()["state"] == "done"
