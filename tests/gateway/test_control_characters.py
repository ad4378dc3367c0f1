"""A control character in an order: both doors refuse it by its field, and nothing of it becomes a job."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from contracts.events import CandidateApproved, DiscoveryRequested
from contracts.subjects import CANDIDATE_APPROVED, DISCOVERY_REQUESTED
from gateway.projection.database import Pool
from gateway.projection.projector import Projector
from runtime.bus import Bus
from tests.gateway.samples import event

URL = "https://nulltest.example/\0b"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/clips", {"url": URL}, "url"),
        ("/clips", {"url": "https://a.example/v", "captions_url": "https://a.example/\0.srt"}, "captions_url"),
        ("/clips", {"url": "https://a.example/v", "niche": "ai\0tools"}, "niche"),
        ("/clips", {"url": "https://a.example/v", "niche": "ai\x1b[31m"}, "niche"),
        ("/clips", {"url": "https://a.example/\x85b"}, "url"),
        ("/events/candidate.approved", {"url": URL}, "url"),
        ("/discovery/scan", {"niche": "a\0"}, "niche"),
        ("/discovery/scan", {"niche": "a", "sources": ["youtube", "fol\0der"]}, "sources.1"),
        ("/webhooks", {"url": "https://a.example/hook", "note": "\0"}, "note"),
    ],
)
async def test_a_control_character_in_a_body_is_refused_at_the_door_by_its_field(
    client: httpx.AsyncClient, pool: Pool, path: str, body: dict[str, Any], field: str
) -> None:
    refused = await client.post(path, json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert "control character" in refused.json()["detail"]
    assert await pool.fetchval("SELECT count(*) FROM gateway.events") == 0


async def test_a_control_character_in_the_title_of_a_channel_is_refused(client: httpx.AsyncClient) -> None:
    refused = await client.put("/channels/mine", json={"title": "a\0b"})
    assert (refused.status_code, refused.json()["field"]) == (422, "title")


async def test_line_ends_and_tabs_are_no_control_characters_of_these(client: httpx.AsyncClient) -> None:
    taken = await client.post("/clips", json={"url": "https://a.example/v", "niche": "one\r\ntwo\tthree \U0001f600"})
    assert taken.status_code == 202


def bare() -> bytes:
    return json.dumps({"url": URL}).encode()


def structured() -> bytes:
    return (
        event(CANDIDATE_APPROVED, CandidateApproved(url=URL), 1)
        .model_copy(update={"source": "somebody/else"})
        .to_json()
    )


def by_an_earlier_version() -> bytes:
    return event(CANDIDATE_APPROVED, CandidateApproved(url=URL), 1).to_json()


@pytest.mark.parametrize(
    "body",
    [bare(), structured(), by_an_earlier_version(), bare().replace(b"\\u0000", b"\\ud800")],
    ids=["bare", "structured", "by an earlier version", "half of a surrogate pair"],
)
async def test_an_order_over_the_bus_whose_id_is_made_of_it_is_kept_with_the_reason_and_makes_no_job(
    bus: Bus, pool: Pool, body: bytes
) -> None:
    await bus.js.publish("candidate.approved", body)
    assert await Projector(pool, bus).catch_up() == 1
    assert await pool.fetchval("SELECT malformed FROM gateway.events")
    assert await pool.fetchval("SELECT raw FROM gateway.events") == body
    for table in ("candidates", "stages", "approvals"):
        assert await pool.fetchval(f"SELECT count(*) FROM gateway.{table}") == 0


async def test_an_order_of_an_earlier_version_that_holds_one_is_read_still(bus: Bus, pool: Pool) -> None:
    asked = event(DISCOVERY_REQUESTED, DiscoveryRequested(niche="ai\0tools", scan_id="s1"), 1)
    await bus.js.publish("discovery.requested", asked.to_json())
    assert await Projector(pool, bus).catch_up() == 1
    assert await pool.fetchval("SELECT malformed FROM gateway.events") is None
    assert await pool.fetchval("SELECT niche FROM gateway.scans") == "ai\ufffdtools"
