"""The door: who may enter, what a command leads to, what is answered, and what is answered when it can't be."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from contracts import events as e
from contracts import subjects as s
from runtime.bus import Bus
from tests.gateway.conftest import TOKEN, Say
from tests.gateway.samples import failed, order, whole_job

JOB = "youtube:abcdefghijk"


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


async def stored(bus: Bus) -> list[Any]:
    return [message.event() async for batch in bus.read(follow=False) for message in batch]


async def test_nothing_is_open_without_the_token(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]
    inside = ("health/live", "health/ready", "metrics", "jobs", "events")
    for path in ("/docs", "/openapi.json", "/nothing", *(f"/api/v1/{name}" for name in inside)):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            answer = await client.get(f"http://localhost{path}", headers=headers)
            assert "access_token" in problem(answer, 401)["advice"]
            assert "Bearer" in answer.headers["www-authenticate"]


async def test_the_token_may_come_in_the_address_or_for_reading_as_a_cookie(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]
    assert (await client.get("/health/live", params={"access_token": TOKEN})).status_code == 200
    page = await client.get(f"http://localhost/docs?access_token={TOKEN}")
    assert page.status_code == 303
    assert TOKEN not in page.headers["location"]
    assert "HttpOnly" in page.headers["set-cookie"]
    assert (await client.get("http://localhost/docs")).status_code == 200
    problem(await client.post("/events/discovery.requested", json={"niche": "ai"}), 401)


async def test_a_request_that_names_another_host_is_refused(client: httpx.AsyncClient) -> None:
    problem(await client.get("/health/live", headers={"Host": "evil.example"}), 421)
    for host in ("127.0.0.1:8000", "[::1]:8000", "LOCALHOST"):
        assert (await client.get("/health/live", headers={"Host": host})).status_code == 200


async def test_a_command_is_on_the_stream_when_it_is_accepted(client: httpx.AsyncClient, bus: Bus) -> None:
    answer = await client.post("/events/candidate.approved", json={"candidate_id": JOB, "clips": 3})
    assert answer.status_code == 202
    (event,) = await stored(bus)
    assert answer.json() == {
        "event_id": event.id, "sequence": 1, "subject": "candidate.approved", "job": JOB, "duplicate": False,
    }  # fmt: skip
    assert event.data == e.CandidateApproved(candidate_id=JOB, clips=3)


async def test_a_body_that_does_not_fit_is_answered_with_its_field(client: httpx.AsyncClient, bus: Bus) -> None:
    bodies: list[tuple[dict[str, Any], str]] = [
        ({}, "niche"),
        ({"niche": ""}, "niche"),
        ({"niche": "ai", "limt": 3}, "limt"),
        ({"niche": "ai", "limit": 0}, "limit"),
    ]
    for body, field in bodies:
        for path in ("/events/discovery.requested", "/discovery/scan"):
            assert problem(await client.post(path, json=body), 422)["field"] == field
    assert await stored(bus) == []


async def test_a_body_that_is_no_object_is_answered(client: httpx.AsyncClient) -> None:
    for body in (b"not json", b"[1]", b"\xff", b"null", b"[" * 100_000, b""):
        for path in ("/events/discovery.requested", "/clips"):
            answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in {400, 422}
            problem(answer, answer.status_code)


async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient) -> None:
    for path in ("/events/discovery.requested", "/clips"):
        problem(await client.post(path, json={"niche": "x" * (1 << 20)}), 413)


async def test_an_unknown_subject_or_a_fact_is_answered_with_the_commands_that_there_are(
    client: httpx.AsyncClient,
) -> None:
    for subject in ("no.such", "render.done", "work.failed"):
        body = problem(await client.post(f"/events/{subject}", json={}), 404)
        assert "candidate.approved" in body["known"]
        assert "render.done" not in body["known"]


async def test_an_unknown_path_and_a_wrong_method_are_problems_too(client: httpx.AsyncClient) -> None:
    problem(await client.get("/nothing"), 404)
    problem(await client.delete("/jobs"), 405)


async def test_the_same_idempotency_key_leads_to_the_same_event(client: httpx.AsyncClient, bus: Bus) -> None:
    async def send(niche: str, key: str) -> httpx.Response:
        return await client.post("/discovery/scan", json={"niche": niche}, headers={"Idempotency-Key": key})

    answers = [await send("ai", "k1") for _ in range(3)]
    answers += await asyncio.gather(*(send("ai", "k1") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({(a.json()["event_id"], a.json()["sequence"], a.json()["job"]) for a in answers}) == 1
    assert problem(await send("cats", "k1"), 422)["field"] == "Idempotency-Key"
    assert (await send("cats", "k2")).json()["event_id"] != answers[0].json()["event_id"]
    assert len(await stored(bus)) == 2
    problem(await send("ai", "x" * 300), 422)


async def test_the_same_id_in_the_body_leads_to_the_same_event(client: httpx.AsyncClient, bus: Bus) -> None:
    for _ in range(2):
        answer = await client.post("/events/candidate.approved", json={"candidate_id": JOB, "id": "mine"})
        assert answer.status_code == 202
    assert answer.json()["duplicate"] is True
    assert len(await stored(bus)) == 1


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


async def test_a_decision_about_what_nobody_knows_is_refused(client: httpx.AsyncClient, say: Say, bus: Bus) -> None:
    await say(whole_job()[1])
    problem(await client.post("/candidates/youtube:unknown0000/approve"), 404)
    problem(await client.post("/candidates/youtube:unknown0000/reject", json={}), 404)
    problem(await client.post("/renders", json={"clip_id": "youtube:unknown0000", "start": 1, "end": 2}), 404)
    problem(
        await client.post("/publications", json={"render_id": f"r_{'0' * 20}", "account_id": "outbox:default"}), 404
    )
    assert (
        problem(await client.post(f"/candidates/{JOB}/reject", json={"candidate_id": "a:b"}), 422)["field"]
        == "candidate_id"
    )
    assert (await client.post(f"/candidates/{quote(JOB, safe='')}/reject", json={"reason": "no"})).status_code == 202
    assert len(await stored(bus)) == 2


async def test_renders_and_publications_are_ordered(client: httpx.AsyncClient, say: Say, bus: Bus) -> None:
    await say(*whole_job()[6:7], *whole_job()[9:11])
    wanted = {"clip_id": JOB, "start": 2.5, "end": 9}
    answer = await client.post("/renders", json=wanted)
    assert answer.json()["job"] == JOB
    problem(await client.post("/renders", json={**wanted, "end": 1}), 422)
    answer = await client.post("/publications", json={"render_id": order().render_id, "account_id": "outbox:default"})
    assert answer.status_code == 202
    assert [event.type for event in (await stored(bus))[-2:]] == ["render.requested", "publish.requested"]


async def test_ready_names_what_is_missing(client: httpx.AsyncClient, say: Say) -> None:
    await say(whole_job()[1])
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["no actor has bound a consumer yet"]
    assert answer.json()["projection"] == "running"
    assert (await client.get("/health/live")).json() == {"live": True}


async def test_metrics_tell_events_failures_and_lag(client: httpx.AsyncClient, say: Say, bus: Bus) -> None:
    await bus.js.publish("discovery.requested", b"{}")
    await say(*whole_job(), (s.WORK_FAILED, failed("x", actor="vlm", subject="clip.transcribed")))
    text = (await client.get("/metrics")).text
    for line in (
        'clipwire_events_stored{malformed="false",subject="render.done"} 1.0',
        'clipwire_events_stored{malformed="true",subject="discovery.requested"} 1.0',
        'clipwire_failures{kind="rejected",stage="analyze"} 1.0',
        'clipwire_publications{state="done"} 1.0',
        "clipwire_projection_lag 0.0",
        "clipwire_projection_up 1.0",
    ):
        assert line in text


async def test_the_openapi_document_and_its_page_need_nothing_from_outside(client: httpx.AsyncClient) -> None:
    document = (await client.get("http://localhost/openapi.json")).json()
    assert {"/api/v1/events/{subject}", "/api/v1/clips", "/api/v1/renders/{render_id}/media"} <= set(document["paths"])
    assert document["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert all(operation["security"] == [{"HTTPBearer": []}] for operation in operations)
    page = await client.get("http://localhost/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "src=" not in page.text
    for path in document["paths"]:
        assert path in page.text


@pytest.mark.errors_expected
async def test_a_bug_is_answered_without_its_inside(client: httpx.AsyncClient, pool: Any) -> None:
    await pool.execute("ALTER TABLE gateway.clips RENAME TO hidden")
    body = problem(await client.get("/clips"), 500)
    assert "hidden" not in json.dumps(body)
    assert "Traceback" not in json.dumps(body)
