"""Discovery as an actor: several sources, one answer, whatever happens to some of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from actors.discovery.actor import build
from actors.discovery.ports import Findings, NotConfiguredError, Query, Source, SourceError
from actors.discovery.settings import DiscoverySettings
from contracts.events import DiscoveryRequested
from contracts.keys import candidate_uri
from contracts.media import Candidate
from contracts.subjects import CANDIDATE_FOUND, DISCOVERY_DONE, DISCOVERY_REQUESTED
from contracts.work import Channel
from runtime.actor import Actor
from runtime.errors import Reject
from runtime.media import FileMediaStore
from tests.support.channels import MemoryChannels
from tests.support.work import NOW, RecordedWork, deliver


def video(ident: str, source: str = "one") -> Candidate:
    return Candidate(candidate_id=f"platform:{ident}", url=f"https://example.org/{ident}", title=ident, source=source)


class Scripted:
    """A source that does what the test says and remembers what it was asked."""

    def __init__(self, act: Callable[[Query, Findings], Awaitable[None]]) -> None:
        self._act = act
        self.asked: list[Query] = []

    async def search(self, query: Query, found: Findings) -> None:
        self.asked.append(query)
        await self._act(query, found)


def finds(*idents: str) -> Scripted:
    async def act(query: Query, found: Findings) -> None:
        for ident in idents:
            found.add(video(ident))

    return Scripted(act)


def raises(error: Exception, *before: str) -> Scripted:
    async def act(query: Query, found: Findings) -> None:
        for ident in before:
            found.add(video(ident))
        raise error

    return Scripted(act)


def hangs(*before: str) -> Scripted:
    async def act(query: Query, found: Findings) -> None:
        for ident in before:
            found.add(video(ident))
        await asyncio.Event().wait()

    return Scripted(act)


def actor_with(media: FileMediaStore, channels: MemoryChannels | None = None, **sources: Source) -> Actor:
    settings = DiscoverySettings(discovery_source_timeout_s=0.2)
    return build(settings=settings, sources=sources, channels=channels or MemoryChannels(), media=media)


def found_in(work: RecordedWork) -> list[str]:
    return [event.candidate.candidate_id.split(":")[1] for event in work.of(CANDIDATE_FOUND)]


async def test_what_the_sources_find_is_stored_and_emitted_with_the_request(media: FileMediaStore) -> None:
    request = DiscoveryRequested(niche="ai tools", channel_id="default", scan_id="my-scan", limit=7, since_days=2)
    source = finds("a", "b")
    work = await deliver(actor_with(media, one=source), DISCOVERY_REQUESTED, request)
    assert found_in(work) == ["a", "b"]
    assert {(event.niche, event.scan_id) for event in work.of(CANDIDATE_FOUND)} == {("ai tools", "my-scan")}
    assert await media.read(candidate_uri("platform:a"), Candidate) == video("a")
    (done,) = work.of(DISCOVERY_DONE)
    assert (done.scan_id, done.found, [report.status for report in done.sources]) == ("my-scan", 2, ["ok"])
    (query,) = source.asked
    assert (query.limit, query.now) == (7, NOW)
    assert query.since is not None
    assert (NOW - query.since).days == 2


async def test_a_source_that_fails_says_so_and_the_others_go_on(media: FileMediaStore) -> None:
    actor = actor_with(
        media,
        good=finds("a"),
        broken=raises(SourceError("it said no", advice="Ask again tomorrow"), "b"),
        keyless=raises(NotConfiguredError("no key", advice="Set CLIPWIRE_X_API_KEY")),
        slow=hangs("c"),
    )
    work = await deliver(actor, DISCOVERY_REQUESTED, DiscoveryRequested(niche="x"))
    assert found_in(work) == ["a", "b", "c"]
    (done,) = work.of(DISCOVERY_DONE)
    told = {report.source: (report.status, report.found) for report in done.sources}
    assert told == {
        "good": ("ok", 1),
        "broken": ("failed", 1),
        "keyless": ("not_configured", 0),
        "slow": ("timeout", 1),
    }
    reasons = {report.source: report.reason for report in done.sources}
    assert reasons["good"] is None
    assert reasons["broken"] == "it said no. Ask again tomorrow"
    assert reasons["keyless"] == "no key. Set CLIPWIRE_X_API_KEY"
    assert "within 0.2 s" in (reasons["slow"] or "")
    assert len(work.notes) == 4


@pytest.mark.errors_expected
async def test_a_bug_in_a_source_is_reported_and_shows_no_values(
    media: FileMediaStore, caplog: pytest.LogCaptureFixture
) -> None:
    actor = actor_with(media, good=finds("a"), buggy=raises(KeyError("a-secret")))
    work = await deliver(actor, DISCOVERY_REQUESTED, DiscoveryRequested(niche="x"))
    report = work.of(DISCOVERY_DONE)[0].sources[1]
    assert (report.status, found_in(work)) == ("failed", ["a"])
    assert "KeyError" in (report.reason or "")
    assert "source.crashed" in caplog.text
    assert "a-secret" not in caplog.text + (report.reason or "")


async def test_a_video_found_twice_is_emitted_once(media: FileMediaStore) -> None:
    work = await deliver(
        actor_with(media, one=finds("a", "b", "a"), two=finds("b", "c")),
        DISCOVERY_REQUESTED,
        DiscoveryRequested(niche="x"),
    )
    assert found_in(work) == ["a", "b", "c"]
    assert work.of(DISCOVERY_DONE)[0].found == 3


async def test_the_request_names_the_sources_else_the_channel_else_all(media: FileMediaStore) -> None:
    channels = MemoryChannels(Channel(channel_id="picky", sources=("two",)))
    actor = actor_with(media, channels, one=finds("a"), two=finds("b"))
    by_request = await deliver(
        actor, DISCOVERY_REQUESTED, DiscoveryRequested(niche="x", sources=("one",), channel_id="picky"), event_id="1"
    )
    by_channel = await deliver(
        actor, DISCOVERY_REQUESTED, DiscoveryRequested(niche="x", channel_id="picky"), event_id="2"
    )
    by_default = await deliver(actor, DISCOVERY_REQUESTED, DiscoveryRequested(niche="x"), event_id="3")
    assert [found_in(work) for work in (by_request, by_channel, by_default)] == [["a"], ["b"], ["a", "b"]]


async def test_an_unknown_source_is_reported_with_the_known_ones_and_the_others_go_on(media: FileMediaStore) -> None:
    work = await deliver(
        actor_with(media, one=finds("a"), two=finds("b")),
        DISCOVERY_REQUESTED,
        DiscoveryRequested(niche="x", sources=("one", "utube")),
    )
    assert found_in(work) == ["a"]
    report = work.of(DISCOVERY_DONE)[0].sources[1]
    assert (report.source, report.status) == ("utube", "failed")
    assert report.reason == "no source is called 'utube'. Known sources: one, two"


async def test_a_request_with_nothing_but_unknown_sources_is_answered_too(media: FileMediaStore) -> None:
    work = await deliver(
        actor_with(media, one=finds("a")), DISCOVERY_REQUESTED, DiscoveryRequested(niche="x", sources=("utube",))
    )
    assert work.of(DISCOVERY_DONE)[0].found == 0


async def test_a_channel_that_nobody_made_is_refused(media: FileMediaStore) -> None:
    with pytest.raises(Reject, match="there is no channel 'nobody'"):
        await deliver(
            actor_with(media, one=finds("a")), DISCOVERY_REQUESTED, DiscoveryRequested(niche="x", channel_id="nobody")
        )


async def test_a_second_delivery_asks_nobody_and_emits_the_same(media: FileMediaStore) -> None:
    source = finds("a", "b")
    request = DiscoveryRequested(niche="x")
    first = await deliver(actor_with(media, one=source), DISCOVERY_REQUESTED, request)
    changed = finds("c")
    second = await deliver(actor_with(media, one=changed), DISCOVERY_REQUESTED, request, attempt=2)
    assert first.emitted == second.emitted
    assert changed.asked == []


async def test_the_scan_id_follows_from_the_request(media: FileMediaStore, tmp_path: Path) -> None:
    request = DiscoveryRequested(niche="x")
    here = await deliver(actor_with(media, one=finds("a")), DISCOVERY_REQUESTED, request)
    there = await deliver(actor_with(FileMediaStore(tmp_path / "b"), one=finds("a")), DISCOVERY_REQUESTED, request)
    other = await deliver(actor_with(media, one=finds("a")), DISCOVERY_REQUESTED, request, event_id="cause-2")
    ids = [work.of(DISCOVERY_DONE)[0].scan_id for work in (here, there, other)]
    assert ids[0] == ids[1] != ids[2]
    assert DiscoveryRequested(niche="x", scan_id=ids[0]).scan_id == ids[0]
