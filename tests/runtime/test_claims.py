"""Claims and channels: one suite for the ones on the server and the ones in memory that other tests use."""

from __future__ import annotations

import asyncio

import pytest

from contracts.work import Channel
from runtime.bus import Bus
from runtime.channels import Channels
from runtime.claims import ClaimLost, Claims
from runtime.errors import Reject
from runtime.kv import NatsChannels, NatsClaims, key_of
from tests.support.channels import MemoryChannels
from tests.support.claims import MemoryClaims


@pytest.fixture(params=["server", "memory"])
def claims(request: pytest.FixtureRequest, bus: Bus) -> Claims:
    return NatsClaims(bus.js) if request.param == "server" else MemoryClaims()


@pytest.fixture(params=["server", "memory"])
def channels(request: pytest.FixtureRequest, bus: Bus) -> Channels:
    return NatsChannels(bus.js) if request.param == "server" else MemoryChannels()


async def test_the_first_owner_keeps_the_claim(claims: Claims) -> None:
    mine = await claims.take("publish/p_1", "a")
    theirs = await claims.take("publish/p_1", "b")
    assert (mine.owner, theirs.owner) == ("a", "a")
    assert mine.revision == theirs.revision
    assert (await claims.take("publish/p_2", "b")).owner == "b"


async def test_steps_and_data_are_kept(claims: Claims) -> None:
    claim = await claims.take("k", "a")
    claim = await claims.advance(claim, "session", url="https://example.org/1")
    claim = await claims.advance(claim, "done", sent=3)
    there = await claims.get("k")
    assert there is not None
    assert (there.step, there.data) == ("done", {"url": "https://example.org/1", "sent": 3})


async def test_a_claim_that_was_changed_meanwhile_is_lost(claims: Claims) -> None:
    claim = await claims.take("k", "a")
    await claims.advance(claim, "theirs", owner="b")
    with pytest.raises(ClaimLost):
        await claims.advance(claim, "mine")
    there = await claims.get("k")
    assert there is not None
    assert (there.owner, there.step) == ("b", "theirs")


async def test_writing_the_same_step_again_is_no_conflict(claims: Claims) -> None:
    claim = await claims.take("k", "a")
    once = await claims.advance(claim, "done", id="x")
    again = await claims.advance(claim, "done", id="x")
    assert again.revision == once.revision


async def test_of_many_who_take_at_once_one_owns(claims: Claims) -> None:
    taken = await asyncio.gather(*(claims.take("k", f"owner-{n}") for n in range(20)))
    assert len({claim.owner for claim in taken}) == 1


async def test_a_claim_that_nobody_took_is_absent(claims: Claims) -> None:
    assert await claims.get("nobody") is None


async def test_the_default_channel_is_always_there(channels: Channels) -> None:
    assert await channels.get("default") == Channel()
    with pytest.raises(Reject, match="no channel 'news'"):
        await channels.get("news")


async def test_channels_are_kept_whole(channels: Channels) -> None:
    news = Channel(channel_id="news", niches=("ai",), clips=2)
    await channels.put(news)
    assert await channels.get("news") == news
    assert [channel.channel_id for channel in await channels.all()] == ["default", "news"]


async def test_a_channel_that_was_deleted_is_no_more(bus: Bus) -> None:
    channels = NatsChannels(bus.js)
    await channels.put(Channel(channel_id="news"))
    await (await bus.js.key_value("channels")).delete("news")
    assert await channels.all() == [Channel()]


async def test_asking_who_is_there_leaves_nothing_on_the_server(bus: Bus) -> None:
    await (await bus.js.key_value("actors")).put("ranker/1", b'{"actor": "ranker", "pid": 1, "listens": []}')
    for _ in range(5):
        assert [process.actor for process in await bus.processes()] == ["ranker"]
        await NatsChannels(bus.js).all()
    for stream in ("KV_actors", "KV_channels"):
        assert (await bus.js.stream_info(stream)).state.consumer_count == 0


def test_keys_never_collide_and_hold_only_what_the_server_takes() -> None:
    assert key_of("decided/youtube:a.b") == "decided/youtube/a=2Eb"
    assert key_of("a=2Eb") != key_of("a.b")
