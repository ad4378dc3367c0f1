"""Health, figures and documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts import subjects as s
from runtime.actor import Actor, Work
from runtime.bus import Bus
from tests.gateway.answers import problem
from tests.gateway.conftest import Say
from tests.gateway.samples import failed, whole_job
from tests.support.running import running, settings_for, until


async def test_ready_names_what_is_missing(client: httpx.AsyncClient, say: Say) -> None:
    await say(whole_job()[1])
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["the actor ranker has never run here", "the actor vlm has never run here"]
    assert answer.json()["projection"] == "running"
    assert (await client.get("/health/live")).json() == {"live": True}


async def rest(payload: Any, work: Work) -> None:
    """Does nothing."""


async def test_ready_when_every_actor_is_there_and_then_every_time(
    client: httpx.AsyncClient, nats_url: str, tmp_path: Path
) -> None:
    async def ready() -> bool:
        return (await client.get("/health/ready")).status_code == 200

    runtime = settings_for(nats_url, tmp_path)
    async with running(Actor("ranker", slots=1, handlers={s.CANDIDATE_FOUND: rest}), runtime):
        async with running(Actor("vlm", slots=1, handlers={s.CLIP_TRANSCRIBED: rest}), runtime):
            await until(ready)
            assert all([await ready() for _ in range(50)])
        assert not await ready()
        missing = (await client.get("/health/ready")).json()["missing"]
    assert missing == ["nobody is bound to clip.transcribed for vlm"]


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
    # Where one gets a token; where a browser comes back to, guarded by its state, and hubs send feeds, by a signature.
    open_to_all = ("/api/v1/auth/", "/api/v1/accounts/{platform}/callback", "/hooks/")
    guarded = [path for name, path in document["paths"].items() if not name.startswith(open_to_all)]
    operations = [operation for path in guarded for operation in path.values()]
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
