"""Exactly once: whatever dies, whoever asks again, there is one publication and one `publish.done`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from actors.publisher.adapters.platforms.outbox import Outbox
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from runtime.claims import ClaimLost
from tests.publisher.remote import Remote, remote_publisher
from tests.publisher.support import Bench, DyingClaims, Killed, a_render, request
from tests.support.work import deliver


async def test_a_second_request_publishes_nothing_and_doubles_no_fact_however_late_it_comes(bench: Bench) -> None:
    render = await a_render(bench.media)
    await bench.stream.deliver(bench.publisher(), request(render), event_id="one")
    await bench.stream.deliver(bench.publisher(), request(render, title="Other"), event_id="two")
    bench.stream.forget()
    await bench.stream.deliver(bench.publisher(), request(render, title="Other"), event_id="three")
    assert [data.publication.title for data in bench.stream.of(PUBLISH_DONE)] == ["A short"]
    assert len(bench.published()) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
async def test_a_worker_that_dies_at_any_step_is_finished_by_the_redelivery(
    bench: Bench, step: int, after: bool
) -> None:
    render, stream = await a_render(bench.media), bench.stream
    with pytest.raises(Killed):
        await stream.deliver(bench.publisher(DyingClaims(bench.claims, at=step, after=after)), request(render))
    bench.clock.move(7)
    await stream.deliver(bench.publisher(), request(render))
    stream.forget()
    await stream.deliver(bench.publisher(), request(render), event_id="another")
    assert len(stream.of(PUBLISH_DONE)) == len(stream.stored) == 1
    assert bench.published() == [request(render).publication_id]


async def test_a_worker_that_dies_between_saying_it_and_noting_that_is_finished_by_any_later_request(
    bench: Bench,
) -> None:
    render, stream = await a_render(bench.media), bench.stream
    with pytest.raises(Killed):
        await stream.deliver(bench.publisher(), request(render), dies_after_emit=True)
    await stream.deliver(bench.publisher(), request(render), event_id="another")
    stream.forget()
    await stream.deliver(bench.publisher(), request(render))
    assert len(stream.of(PUBLISH_DONE)) == 1


async def test_what_was_published_and_never_said_is_said_by_the_next_request(bench: Bench) -> None:
    render, stream = await a_render(bench.media), bench.stream
    with pytest.raises(Killed):
        await stream.deliver(bench.publisher(DyingClaims(bench.claims, at=4, after=True)), request(render))
    assert not stream.stored
    await stream.deliver(bench.publisher(), request(render), event_id="weeks later")
    assert len(stream.of(PUBLISH_DONE)) == 1


class DyingOutbox(Outbox):
    """Dies at a step of its own work."""

    dies_at = "_refresh"

    def __getattribute__(self, name: str) -> Any:
        if name == object.__getattribute__(self, "dies_at"):
            raise Killed
        return super().__getattribute__(name)


@pytest.mark.parametrize("step", ["_publish", "_assemble", "_refresh", "_posted"])
async def test_a_worker_that_dies_inside_the_outbox_leaves_one_publication_that_the_feeds_list(
    bench: Bench, step: str
) -> None:
    render = await a_render(bench.media)
    dying = DyingOutbox(bench.folder, media=bench.media, clock=bench.clock)
    dying.dies_at = step
    with pytest.raises(Killed):
        await deliver(bench.publisher(platform=dying), PUBLISH_REQUESTED, request(render))
    done = await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render), attempt=2)
    assert len(done.of(PUBLISH_DONE)) == 1
    assert bench.published() == [request(render).publication_id]
    assert request(render).publication_id in (bench.folder / "default" / "feed.xml").read_text()


async def test_what_a_killed_worker_left_half_copied_is_no_publication_and_goes_away(bench: Bench) -> None:
    render = await a_render(bench.media)
    ident = request(render).publication_id
    half = bench.folder / "default" / f".{ident}.0badcafe"
    half.mkdir(parents=True)
    (half / "video.mp4").write_bytes(b"half")
    await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render))
    assert bench.published() == [ident]


async def test_two_publishers_with_one_message_publish_it_once(bench: Bench) -> None:
    render, stream = await a_render(bench.media), bench.stream
    outcomes = await asyncio.gather(
        *(stream.deliver(bench.publisher(), request(render)) for _ in range(2)), return_exceptions=True
    )
    assert None in outcomes
    assert all(isinstance(outcome, ClaimLost) for outcome in outcomes if outcome is not None)
    stream.forget()
    await stream.deliver(bench.publisher(), request(render))
    assert len(stream.of(PUBLISH_DONE)) == 1
    assert bench.published() == [request(render).publication_id]


async def test_what_was_begun_is_finished_in_the_words_it_was_begun_with(bench: Bench) -> None:
    render = await a_render(bench.media)
    with pytest.raises(Killed):
        await deliver(bench.publisher(DyingClaims(bench.claims, at=3, after=True)), PUBLISH_REQUESTED, request(render))
    other = request(render, title="Other words")
    done = await deliver(bench.publisher(), PUBLISH_REQUESTED, other, event_id="other")
    assert [event.publication.title for event in done.of(PUBLISH_DONE)] == ["A short"]


async def test_a_claim_that_is_done_keeps_nothing_that_opens_an_upload(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    claim = await bench.claims.get(f"publish/{request(render).publication_id}")
    assert claim is not None
    assert claim.step == "said"
    assert "session-1" not in claim.model_dump_json()
