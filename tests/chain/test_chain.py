"""A niche or a video in, published shorts out, with nothing but a plain client."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import av
import numpy as np
import pytest

from contracts.envelope import Event
from contracts.renders import Render
from contracts.work import Publication
from tests.chain.conftest import CLIPS, RECIPE, Clipwire
from tests.chain.film import make_film
from tests.support.running import stored

Events = list[Event[Any]]
_AFTER_APPROVAL = ("download", "transcribe", "analyze", "choose", "render", "publish", "archive")


async def _drive(clipwire: Clipwire, subject: str, body: dict[str, Any]) -> Events:
    """Publish a bare body without a header; every event that came of it, once all is quiet again."""
    async with clipwire.nats() as client, clipwire.bus() as bus:
        begin = (await bus.stream_state()).last
        published = await client.subscribe("publish.done")
        await client.publish(subject, json.dumps(body).encode())
        for _ in range(CLIPS):
            await published.next_msg(timeout=120)
        await clipwire.idle(bus)
        events = [message.event() for message in await stored(bus) if message.sequence > begin]
    assert all(event.correlationid == events[0].id for event in events)
    return events


@pytest.fixture(scope="module")
def discovered(clipwire: Clipwire, film: Path) -> Events:
    """What `discovery.requested` with nothing but a niche led to; the film lies in the inbox."""
    for name in (film.name, film.with_suffix(".srt").name):
        (clipwire.home / "inbox" / name).write_bytes(film.with_name(name).read_bytes())
    return asyncio.run(_drive(clipwire, "discovery.requested", {"niche": "short videos", "sources": ["folder"]}))


def test_a_niche_becomes_published_shorts(discovered: Events) -> None:
    counts = Counter(event.type for event in discovered)
    for once in ("candidate.found", "candidate.ranked", "candidate.approved", "clip.downloaded", "clip.transcribed"):
        assert counts[once] == 1, once
    assert counts["render.requested"] == counts["render.done"] == counts["publish.requested"] == CLIPS
    [transcribed] = [event for event in discovered if event.type == "clip.transcribed"]
    assert transcribed.data.transcript.method == "captions:srt"


def test_every_event_tells_where_it_comes_from(discovered: Events) -> None:
    command, *answers = discovered
    assert (command.type, command.source, command.causationid) == ("discovery.requested", "operator", None)
    known = {event.id for event in discovered}
    assert all(event.causationid in known for event in answers)
    assert max(Counter(event.id for event in discovered).values()) == 1


async def test_every_stage_is_seen_in_the_job(clipwire: Clipwire, discovered: Events) -> None:
    [clip_id] = [event.data.clip.clip_id for event in discovered if event.type == "clip.downloaded"]
    async with clipwire.http() as http:
        job = (await http.get(f"/api/v1/jobs/{clip_id}")).raise_for_status().json()
    assert job["state"] == "done"
    stages = job["stages"]
    counts = Counter(stage["stage"] for stage in stages)
    assert set(counts) >= {"rank", "approve", *_AFTER_APPROVAL}
    assert counts["render"] == counts["publish"] == CLIPS
    assert {stage["state"] for stage in stages} <= {"done", "ranked", "approved"}
    ended = {stage["stage"]: datetime.fromisoformat(stage["time"]) for stage in stages}
    assert all(ended[one] <= ended[other] for one, other in pairwise(("rank", *_AFTER_APPROVAL[:4])))
    assert len(job["renders"]) == len(job["publications"]) == CLIPS


async def test_the_scan_is_a_job_too(clipwire: Clipwire, discovered: Events) -> None:
    [found] = [event.data for event in discovered if event.type == "candidate.found"]
    async with clipwire.http() as http:
        job = (await http.get(f"/api/v1/jobs/{found.scan_id}")).raise_for_status().json()
    assert (job["kind"], job["state"], job["niche"]) == ("scan", "done", "short videos")
    assert [(source["source"], source["status"], source["found"]) for source in job["sources"]] == [("folder", "ok", 1)]


async def test_the_shorts_can_be_played(clipwire: Clipwire, discovered: Events) -> None:
    renders: list[Render] = [event.data.render for event in discovered if event.type == "render.done"]
    outbox = clipwire.home / "outbox" / "default"
    places = {publication.render_id: outbox / publication.publication_id for publication in _published(discovered)}
    async with clipwire.http() as http:
        for render in renders:
            folder = places[render.render_id]
            served = (await http.get(f"/api/v1/renders/{render.render_id}/media")).raise_for_status()
            assert served.content == (folder / "video.mp4").read_bytes()
            _look(folder / "video.mp4", render)
            _read_captions(folder / "captions.srt", render)


def _published(events: Events) -> list[Publication]:
    return [event.data.publication for event in events if event.type == "publish.done"]


def _look(video: Path, render: Render) -> None:
    """Decode all of it: size, frames, sound that is not silence; the index comes before the media."""
    with av.open(str(video)) as container:
        assert "mp4" in container.format.name
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.width, picture.height) == (RECIPE.width, RECIPE.height)
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        frames = sum(1 for _ in container.decode(picture))
    with av.open(str(video)) as container:
        samples = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])
    assert frames == round(render.duration * RECIPE.fps)
    assert np.sqrt(np.mean(samples**2)) > 0.01
    body = video.read_bytes()
    assert 0 < body.find(b"moov") < body.find(b"mdat")


def _read_captions(path: Path, render: Render) -> None:
    cues = path.read_text(encoding="utf-8").strip().split("\n\n")
    for number, cue in enumerate(cues, 1):
        place, times, *text = cue.splitlines()
        start, end = (_seconds(stamp) for stamp in times.split(" --> "))
        assert int(place) == number
        assert 0 <= start < end <= render.duration + 0.05
        assert all(text)


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def test_the_outbox_feeds_list_the_shorts(clipwire: Clipwire, discovered: Events) -> None:
    outbox = clipwire.home / "outbox" / "default"
    published = {publication.url for publication in _published(discovered)}
    items = json.loads((outbox / "feed.json").read_text())["items"]
    assert published <= {attachment["url"] for item in items for attachment in item["attachments"]}
    for name in ("feed.xml", "atom.xml"):
        text = (outbox / name).read_text()
        assert all(url in text for url in published)


@dataclass
class Reader:
    """A client of the event feed that loses its connection again and again."""

    clipwire: Clipwire
    dice: random.Random
    last: str = "0"
    connections: int = 0
    seen: list[tuple[int, str]] = field(default_factory=list)
    until: int | None = None

    async def read(self) -> None:
        """Read to the sequence `until`, as soon as somebody says which."""
        while not self._satisfied():
            self.connections += 1
            left = self.dice.randint(0, 7)
            async with aclosing(self._connection()) as events:
                async for sequence, kind in events:
                    self.seen.append((sequence, kind))
                    left -= 1
                    if left < 0 or self._satisfied():
                        break

    def _satisfied(self) -> bool:
        return self.until is not None and bool(self.seen) and self.seen[-1][0] >= self.until

    async def _connection(self) -> AsyncGenerator[tuple[int, str], None]:
        ident = kind = ""
        async with (
            self.clipwire.http() as http,
            http.stream("GET", "/api/v1/events", headers={"Last-Event-ID": self.last}) as answer,
        ):
            assert answer.status_code == 200
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    ident = self.last = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    yield int(ident), kind
                elif self._satisfied():
                    return


async def test_a_video_becomes_published_shorts_and_no_reader_misses_an_event(
    clipwire: Clipwire, discovered: Events, tmp_path: Path
) -> None:
    make_film(tmp_path / "pointed at.mp4", shade=90)
    reader = Reader(clipwire, random.Random(11))
    reading = asyncio.create_task(reader.read())
    events = await _drive(clipwire, "candidate.approved", {"url": (tmp_path / "pointed at.mp4").as_uri()})
    async with clipwire.bus() as bus:
        messages = await stored(bus)
    reader.until = messages[-1].sequence
    await asyncio.wait_for(reading, 30)
    assert Counter(event.type for event in events)["publish.done"] == CLIPS
    assert [sequence for sequence, _ in reader.seen] == [message.sequence for message in messages]
    kinds = dict(reader.seen)
    assert all(kinds[message.sequence] in {message.subject, "malformed"} for message in messages)
    assert {"candidate.approved", "clip.analyzed", "render.done", "publish.done"} <= set(kinds.values())
    assert reader.connections > 5


async def test_read_models_made_again_are_what_they_were(clipwire: Clipwire, discovered: Events) -> None:
    before = await _dump(clipwire.addresses["database_url"])
    assert before["publications"]
    done = await asyncio.to_thread(clipwire.cli, "events", "replay", "--to", "projection", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["events"] == json.loads(before["checkpoint"][0])["sequence"]
    assert await _dump(clipwire.addresses["database_url"]) == before
    async with clipwire.bus() as bus:
        assert (await bus.stream_state()).last == json.loads(done.stdout)["events"], "a replay makes no event"


async def _dump(database_url: str) -> dict[str, list[str]]:
    """Every row of every table of the read models, as text."""
    connection = await asyncpg.connect(database_url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'gateway'")
        rows = {
            name: await connection.fetch(f'SELECT to_jsonb(t)::text AS row FROM gateway."{name}" AS t')
            for (name,) in tables
        }
        return {name: sorted(row["row"] for row in found) for name, found in rows.items()}
    finally:
        await connection.close()
