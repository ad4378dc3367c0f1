"""What a command leads to, and what is answered to one that does not fit."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import httpx

from contracts import asks
from contracts import events as e
from runtime.bus import Bus
from runtime.errors import Reject
from tests.gateway.answers import problem, stored
from tests.gateway.conftest import Say
from tests.gateway.samples import JOB, order, whole_job


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


async def test_no_body_and_no_address_whatever_is_in_it_is_a_bug(client: httpx.AsyncClient) -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    for inside in (b'"a\\u0000b"', b'"a\\ud800b"', b"1e999", b"9" * 5000, deep, b"NaN", b'"\xff"'):
        for path in ("/events/discovery.requested", "/clips"):
            body = b'{"niche": %s}' % inside
            answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in {202, 400, 422}, answer.text
    for path in ("/jobs/%00", "/candidates/a%00b", "/jobs/%ff", "/renders/%00/media", f"/jobs/{'x' * 5000}"):
        answer = await client.get(path)
        assert answer.status_code in {404, 422}, answer.text


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


async def test_a_query_parameter_that_there_is_not_is_named_with_those_that_there_are(
    client: httpx.AsyncClient,
) -> None:
    """Dropped in silence, a misspelt filter would answer with everything, a misspelt cursor with one page for ever."""
    for path, name in {"/jobs?before=abc": "before", "/renders?stat=done": "stat", "/health/ready?x=": "x"}.items():
        body = problem(await client.get(path), 422)
        assert body["field"] == name
    there = "It has: channel_id, cursor, limit, owner, state"
    assert there in problem(await client.get("/jobs?before=abc"), 422)["advice"]
    assert (await client.get("/jobs?state=done&limit=5")).status_code == 200
    problem(await client.post("/discovery/scan?niche=ai", json={"niche": "ai"}), 422)


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


async def test_a_post_is_taken_down_and_what_is_written_down_stays(
    client: httpx.AsyncClient, say: Say, bus: Bus
) -> None:
    asked: list[asks.WhichPost] = []

    async def delete(post: asks.WhichPost) -> asks.Deleted:
        asked.append(post)
        if len(asked) > 1:
            raise Reject("Tube lets nobody delete", advice="Delete it in the app")
        return asks.Deleted(account_id=post.account_id, platform_id=post.platform_id)

    await say(*whole_job()[:-1])
    path = f"/publications/{whole_job()[-1][1].key}"
    async with bus.answering({asks.DELETE: delete}):
        problem(await client.delete(f"/publications/p_{'0' * 20}"), 404)
        problem(await client.delete(path), 409)
        assert asked == []
        await say(whole_job()[-1])
        answer = await client.delete(path)
        assert (answer.status_code, answer.json()) == (200, asked[0].model_dump())
        assert "lets nobody" in problem(await client.delete(path), 422)["detail"]
    assert (await client.get(path)).json()["state"] == "done"


async def test_what_a_person_found_is_told_with_the_same_command(client: httpx.AsyncClient, say: Say, bus: Bus) -> None:
    await say(*whole_job()[6:7], *whole_job()[9:11])
    wanted = {"render_id": order().render_id, "account_id": "outbox:default"}
    for body, field in (({"outcome": "there"}, "url"), ({"outcome": "perhaps"}, "outcome")):
        assert problem(await client.post("/publications", json={**wanted, **body}), 422)["field"] == field
    for said in ({"outcome": "there", "url": "https://example.org/v/1"}, {"outcome": "not_there"}):
        assert (await client.post("/publications", json={**wanted, **said})).status_code == 202
    there, not_there = [event.data for event in (await stored(bus))[-2:]]
    assert (there.outcome, there.url) == ("there", "https://example.org/v/1")
    assert (not_there.outcome, not_there.url) == ("not_there", None)


async def test_a_body_is_json_whatever_its_content_type_says(client: httpx.AsyncClient) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post("/events/discovery.requested", content=b'{"niche": "bees"}', headers=form)
    assert answer.status_code == 202
    answer = await client.post("/discovery/scan", content=b"niche=bees", headers=form)
    assert (answer.status_code, answer.json()["field"]) == (422, "body")
    assert answer.headers["content-type"] == "application/problem+json"
