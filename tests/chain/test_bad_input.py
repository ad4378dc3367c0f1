"""Whatever is sent: one clear `work.failed`, and then nothing more."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from contracts.work import Failure
from runtime.envelope import stored_id
from runtime.errors import Reject
from tests.chain.conftest import Clipwire
from tests.support.running import stored


@dataclass(frozen=True)
class Bad:
    """A message that can't be done: who says so, about which field, and words of what it says."""

    subject: str
    body: str
    stage: str
    words: str
    field: str | None = None
    kind: str = "rejected"


_NO_RENDER = "r_00000000000000000000"
_CASES = {
    "no JSON": Bad("discovery.requested", "ai tools", "discovery", "not JSON", "body", "invalid"),
    "no object": Bad("candidate.approved", "[]", "downloader", "no JSON object", "body", "invalid"),
    "nothing in it": Bad("candidate.approved", "{}", "downloader", "candidate_id", "body", "invalid"),
    "a misspelt field": Bad("discovery.requested", '{"nich": "sea"}', "discovery", "niche", "niche", "invalid"),
    "a surplus field": Bad(
        "discovery.requested", '{"niche": "sea", "lmit": 3}', "discovery", "lmit", "lmit", "invalid"
    ),
    "a value of the wrong kind": Bad(
        "render.requested",
        '{"clip_id": "file:x", "start": "soon", "end": 3}',
        "renderer",
        "start",
        "start",
        "invalid",
    ),
    "an end before the start": Bad(
        "render.requested", '{"clip_id": "file:x", "start": 9, "end": 3}', "renderer", "end", None, "invalid"
    ),
    "an id of another form": Bad(
        "publish.requested",
        '{"render_id": "1", "account_id": "outbox:default"}',
        "publisher",
        "render_id",
        "render_id",
        "invalid",
    ),
    "a rejection of nothing": Bad(
        "candidate.rejected", '{"reason": "no"}', "producer", "candidate_id", "candidate_id", "invalid"
    ),
    "a rejection of a short by another name": Bad(
        "render.rejected", '{"render_id": "the second one"}', "producer", "render_id", "render_id", "invalid"
    ),
    "an unknown channel": Bad(
        "discovery.requested", '{"niche": "sea", "channel_id": "nope"}', "discovery", "'nope'", "channel_id"
    ),
    "an unknown candidate": Bad(
        "candidate.approved", '{"candidate_id": "youtube:nobody"}', "downloader", "youtube:nobody", "candidate_id"
    ),
    "an unknown clip": Bad(
        "render.requested", '{"clip_id": "youtube:nobody", "start": 1, "end": 9}', "renderer", "no clip", "clip_id"
    ),
    "an unknown render": Bad(
        "publish.requested",
        json.dumps({"render_id": _NO_RENDER, "account_id": "outbox:default"}),
        "publisher",
        _NO_RENDER,
        "render_id",
    ),
    "a path that is not there": Bad(
        "candidate.approved", '{"url": "file:///nowhere/video.mp4"}', "downloader", "/nowhere/video.mp4", "url"
    ),
    "a text that calls itself a video": Bad("candidate.approved", "HOME/notes.mp4", "downloader", "notes.mp4"),
    "an empty file": Bad("candidate.approved", "HOME/empty.mp4", "downloader", "empty.mp4"),
    "a folder": Bad("candidate.approved", "HOME/inbox", "downloader", "inbox"),
    "a private address": Bad(
        "candidate.approved", '{"url": "http://127.0.0.1:9/video.mp4"}', "downloader", "127.0.0.1"
    ),
    "an address of the local network": Bad(
        "candidate.approved", '{"url": "http://192.168.0.1/video.mp4"}', "downloader", "192.168.0.1"
    ),
    "another scheme": Bad("candidate.approved", '{"url": "ftp://example.com/video.mp4"}', "downloader", "ftp", "url"),
    "captions that are not there": Bad(
        "candidate.approved", "HOME/film.mp4 file:///nowhere/said.srt", "downloader", "/nowhere/said.srt"
    ),
}


def _body(case: Bad, home: Path) -> bytes:
    """`HOME/name captions` stands for an order of that file."""
    if not case.body.startswith("HOME/"):
        return case.body.encode()
    name, _, captions = case.body.removeprefix("HOME/").partition(" ")
    order = {"url": (home / name).as_uri()} | ({"captions_url": captions} if captions else {})
    return json.dumps(order).encode()


async def _send_all(clipwire: Clipwire) -> dict[str, list[Failure]]:
    sequences: dict[int, str] = {}
    async with clipwire.nats() as client, clipwire.bus() as bus:
        for name, case in _CASES.items():
            placed = await client.jetstream().publish(case.subject, _body(case, clipwire.home))
            sequences[placed.seq] = name
        await clipwire.idle(bus)
        ids: dict[str, str] = {}
        failures: dict[str, list[Failure]] = {name: [] for name in _CASES}
        for message in await stored(bus):
            if sent := sequences.get(message.sequence):
                try:
                    ids[message.event().id] = sent
                except Reject:
                    ids[stored_id(message)] = sent
            elif message.subject == "work.failed":
                failure = message.event().data.failure
                failures[ids[failure.event_id]].append(failure)
        assert all(state.redelivered == 0 for state in await bus.consumers())
    return failures


@pytest.fixture(scope="module")
def failures(clipwire: Clipwire, film: Path) -> dict[str, list[Failure]]:
    """Everything sent at once; what came of each when all is quiet again."""
    (clipwire.home / "notes.mp4").write_text("this is no video")
    (clipwire.home / "empty.mp4").touch()
    (clipwire.home / "film.mp4").write_bytes(film.read_bytes())
    return asyncio.run(_send_all(clipwire))


@pytest.mark.parametrize("name", _CASES)
def test_it_ends_in_one_clear_failure(failures: dict[str, list[Failure]], name: str) -> None:
    case = _CASES[name]
    [failure] = failures[name]
    assert (failure.stage, failure.subject, failure.kind) == (case.stage, case.subject, case.kind)
    assert case.words in failure.what
    assert failure.advice
    assert "\n" not in failure.what + failure.advice
    assert failure.attempts == 1, "it was tried again, which could not help"
    if case.field is not None:
        assert failure.field == case.field


async def test_it_is_seen_in_its_job(clipwire: Clipwire, failures: dict[str, list[Failure]]) -> None:
    async with clipwire.http() as http:
        for [failure] in failures.values():
            answer = await http.get(f"/api/v1/jobs/{failure.entity}")
            job = answer.json()
            assert answer.status_code == 200, (failure, job)
            assert job["state"] == "failed"
            assert failure.what in [stage["failure"]["what"] for stage in job["stages"] if stage["failure"]]
