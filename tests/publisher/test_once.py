"""Exactly once: whatever dies, whoever asks again, there is one publication and one `publish.done`."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.publisher.adapters.platforms.outbox import Outbox
from actors.publisher.core.limits import Limits, Text
from actors.publisher.ports import LostError, NotSentError, Post, Posted, Session, Steps, UnconfirmedError
from contracts.keys import rejection_key, render_uri
from contracts.media import Rights
from contracts.renders import Render
from contracts.subjects import PUBLISH_DONE, PUBLISH_PLANNED, PUBLISH_REQUESTED, PUBLISH_UNCONFIRMED, RENDER_REQUESTED
from runtime.actor import Actor
from runtime.claims import ClaimLost
from runtime.errors import Reject, Retry
from tests.publisher.support import START, Bench, DyingClaims, Killed, a_render, request
from tests.support.work import deliver


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


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


class Remote(Outbox):
    """A platform that holds what it is sent as often as it is sent; `fails` says how its next answer fails."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.folder, media=bench.media)
        self._bench = bench
        self.posts: list[str] = []
        self.sessions: list[str] = []
        self.answers = True
        self.hides = False
        self.fails: BaseException | None = None

    async def check(self, session: Session, post: Post) -> None:
        if len(post.title) > 100:
            raise Reject("the title is too long", advice="Shorten it", field="title")

    async def find(self, session: Session, post: Post) -> Posted | None:
        if not self.answers:
            raise UnconfirmedError("the platform does not list its posts", advice="Look at the account")
        return self._posted_now() if post.publication_id in self.posts and not self.hides else None

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        if steps.get("session") is None:
            self.sessions.append(post.publication_id)
            await steps.keep(session=f"session-{len(self.sessions)}")

        async def make() -> str:
            error, self.fails = self.fails, None
            if error is None or not isinstance(error, Reject | NotSentError):
                self.posts.append(post.publication_id)
            if error is not None:
                raise error
            return "42"

        async def ask() -> str | None:
            return "42" if await self.find(session, post) else None

        await steps.once("post", make, ask=ask)
        return self._posted_now()

    def _posted_now(self) -> Posted:
        return Posted(platform_id="42", url="https://remote.example/42", published_at=self._bench.clock.now)


def remote_publisher(bench: Bench, remote: Remote) -> Actor:
    return bench.publisher(platform=remote)


async def test_a_post_that_went_out_before_the_crash_is_found_and_not_sent_again(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails = Killed()
    with pytest.raises(Killed):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    done = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=2)
    assert len(done.of(PUBLISH_DONE)) == 1
    assert remote.posts == [request(render).publication_id]


async def test_an_upload_goes_on_with_the_session_that_was_noted(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails = NotSentError("no route")
    with pytest.raises(Retry, match="no route"):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=2)
    assert len(remote.sessions) == len(remote.posts) == 1


async def test_after_a_lost_answer_the_platform_is_asked_and_nothing_is_sent_before_the_quarantine(
    bench: Bench,
) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails, remote.hides = LostError("no whole answer"), True
    with pytest.raises(Retry, match="may have carried out"):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    bench.clock.move(20)
    with pytest.raises(Retry, match="not visible") as later:
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=2)
    assert later.value.after == pytest.approx(100)
    remote.hides = False
    await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=3)
    assert len(remote.posts) == 1


async def test_what_the_platform_does_not_show_after_the_quarantine_is_sent_again(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails = LostError("no whole answer")
    with pytest.raises(Retry):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    remote.posts.clear()  # it did not carry it out after all
    bench.clock.move(121)
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=2)
    assert len(work.of(PUBLISH_DONE)) == len(remote.posts) == 1


async def test_a_platform_that_cannot_tell_leads_to_a_person_and_to_no_second_post(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails = Killed()
    with pytest.raises(Killed):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    remote.answers = False
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=2)
    (unsure,) = work.of(PUBLISH_UNCONFIRMED)
    assert unsure.advice == "Look at the account"
    assert not work.of(PUBLISH_DONE)
    assert len(remote.posts) == 1


async def unconfirmed(bench: Bench, render: Render) -> Remote:
    """A platform that took a post, gave no answer, and cannot be searched."""
    remote = Remote(bench)
    remote.fails, remote.answers = LostError("no whole answer"), False
    with pytest.raises(Retry):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=2)
    assert len(work.of(PUBLISH_UNCONFIRMED)) == 1
    return remote


async def test_a_person_who_found_it_has_it_written_down_as_published(bench: Bench) -> None:
    render = await a_render(bench.media)
    remote = await unconfirmed(bench, render)
    there = request(render, outcome="there", url="https://remote.example/42")
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, there, event_id="person")
    (done,) = work.of(PUBLISH_DONE)
    assert (done.publication.platform_id, done.publication.url) == ("42", "https://remote.example/42")
    assert len(remote.posts) == 1


async def test_a_person_who_did_not_find_it_has_it_sent_again_once_whatever_is_redelivered(bench: Bench) -> None:
    render = await a_render(bench.media)
    remote = await unconfirmed(bench, render)
    remote.posts.clear()
    again = request(render, outcome="not_there")
    remote.fails = LostError("no whole answer")
    with pytest.raises(Retry):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, again, event_id="person")
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, again, event_id="person", attempt=2)
    assert len(work.of(PUBLISH_UNCONFIRMED)) == len(remote.posts) == 1


async def test_what_was_never_sent_cannot_be_there(bench: Bench) -> None:
    there = request(await a_render(bench.media), outcome="there", url="https://remote.example/42")
    with pytest.raises(Reject, match="nobody has asked"):
        await deliver(bench.publisher(), PUBLISH_REQUESTED, there)


async def test_a_refused_post_may_be_tried_again_at_once_in_other_words(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails = Reject("the title is not allowed")
    with pytest.raises(Reject):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    better = request(render, title="Better")
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, better, event_id="second")
    assert [event.publication.title for event in work.of(PUBLISH_DONE)] == ["Better"]


async def test_a_rule_may_not_publish_what_a_person_has_rejected_and_a_person_may(bench: Bench) -> None:
    render = await a_render(bench.media)
    await bench.claims.take(rejection_key(render.render_id), "person")
    with pytest.raises(Reject, match="wants"):
        await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render, requested_by="rule:publish=always"))
    work = await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render), event_id="person")
    assert len(work.of(PUBLISH_DONE)) == 1


async def test_a_post_that_waits_for_its_time_comes_back_and_falls_with_a_no_that_came_meanwhile(
    bench: Bench,
) -> None:
    kept, fallen = await a_render(bench.media, start=1), await a_render(bench.media, start=2)
    at = START + timedelta(hours=1)
    for render in (kept, fallen):
        work = await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render, publish_at=at))
        assert [planned.at for planned in work.of(PUBLISH_PLANNED)] == [at]
        assert not work.of(PUBLISH_DONE)
    assert [when for when, _ in bench.timers.set.values()] == [at, at]
    await bench.claims.take(rejection_key(fallen.render_id), "person")
    bench.clock.move(3600)
    due = bench.timers.set[request(kept).publication_id][1]
    assert len((await deliver(bench.publisher(), PUBLISH_REQUESTED, due, event_id="due")).of(PUBLISH_DONE)) == 1
    with pytest.raises(Reject, match="wants"):
        await deliver(bench.publisher(), PUBLISH_REQUESTED, request(fallen, publish_at=at), event_id="due 2")


class Narrow(Outbox):
    """A platform that takes upright videos of at most ten seconds."""

    limits = Limits(source="the test", description=Text(100), aspect=(0.5, 0.8), duration=(1.0, 10.0))


async def test_a_short_that_is_too_long_is_ordered_anew_for_this_account_alone(bench: Bench) -> None:
    render = await a_render(bench.media)
    narrow = Narrow(bench.folder, media=bench.media)
    for attempt in (1, 2):  # the worker may die after it has ordered
        work = await deliver(bench.publisher(platform=narrow), PUBLISH_REQUESTED, request(render), attempt=attempt)
        (order,) = work.of(RENDER_REQUESTED)
        assert (order.start, order.end, order.accounts) == (1.0, 10.5, ("outbox:default",))
        assert [planned.anew for planned in work.of(PUBLISH_PLANNED)] == [order.render_id]
        assert not work.of(PUBLISH_DONE)


async def test_what_no_order_would_mend_is_refused_naming_the_rule_and_the_fix(bench: Bench) -> None:
    render = await a_render(bench.media)
    slow = Narrow(bench.folder, media=bench.media)
    slow.limits = Limits(source="the test", description=Text(100), fps=(50.0, 60.0), bytes=(1, 1000))
    with pytest.raises(Reject, match="frame rate is 30 fps, allowed is 50 to 60 fps") as refused:
        await deliver(bench.publisher(platform=slow), PUBLISH_REQUESTED, request(render))
    assert "file size" in refused.value.what
    assert "recipe" in refused.value.advice


class Public(Remote):
    """A platform that people see."""

    name = "peertube"


async def test_rights_that_nobody_vouches_for_are_refused_and_a_person_may_vouch(bench: Bench) -> None:
    render = await a_render(bench.media, rights=Rights(status="unknown"))
    public = Public(bench)
    asked = request(render).model_copy(update={"account_id": "peertube:me"})
    publisher = bench.publisher(platform=public)
    for refused in (asked, asked.model_copy(update={"requested_by": "rule:publish=always", "vouch": True})):
        with pytest.raises(Reject, match="nobody has vouched"):
            await deliver(publisher, PUBLISH_REQUESTED, refused)
    vouched = asked.model_copy(update={"vouch": True, "requested_by": "ada"})
    assert len((await deliver(publisher, PUBLISH_REQUESTED, vouched)).of(PUBLISH_DONE)) == 1


async def test_limits_are_checked_before_anything_is_claimed_as_sent(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media, title="x" * 101)
    with pytest.raises(Reject, match="too long"):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    claim = await bench.claims.get(f"publish/{request(render).publication_id}")
    assert claim is not None
    assert claim.step == "taken"


async def test_a_render_that_is_not_there_is_refused_by_name(bench: Bench) -> None:
    render = await a_render(bench.media)
    unknown = request(render.model_copy(update={"render_id": "r_" + "0" * 20}))
    with pytest.raises(Reject, match="r_00000000000000000000") as refused:
        await deliver(bench.publisher(), PUBLISH_REQUESTED, unknown)
    assert refused.value.field == "render_id"


async def test_an_unknown_platform_is_refused_naming_the_known_ones(bench: Bench) -> None:
    render = await a_render(bench.media)
    elsewhere = request(render).model_copy(update={"account_id": "youtube:me"})
    with pytest.raises(Reject, match="youtube") as refused:
        await deliver(bench.publisher(), PUBLISH_REQUESTED, elsewhere)
    assert "outbox:<account>" in refused.value.advice
    assert refused.value.field == "account_id"


async def test_what_was_taken_and_then_refused_is_left_to_a_person_and_not_sent_again(bench: Bench) -> None:
    class Fickle(Remote):
        async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
            await super().publish(session, post, steps)
            raise Reject("the account may not read what it posted", advice="Connect it again")

    remote, render = Fickle(bench), await a_render(bench.media)
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    assert "may be there" in work.of(PUBLISH_UNCONFIRMED)[0].reason
    await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), event_id="again")
    assert len(remote.posts) == 1


async def test_a_platform_that_is_full_until_tomorrow_is_asked_again_by_a_timer(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails = Retry("the project's uploads of today are used up", after=20 * 3600.0)
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    (planned,) = work.of(PUBLISH_PLANNED)
    assert planned.at == START + timedelta(hours=20)
    assert "used up" in planned.note
    bench.clock.move(20 * 3600)
    (due,) = [order for _, order, *_ in bench.timers.set.values()]
    remote.posts.clear()
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, due, event_id="due")
    assert len(work.of(PUBLISH_DONE)) == len(remote.posts) == 1


async def test_of_two_answers_of_people_the_first_counts(bench: Bench) -> None:
    render = await a_render(bench.media)
    remote = await unconfirmed(bench, render)
    remote.posts.clear()
    again = request(render, outcome="not_there")
    remote.fails = LostError("no whole answer")
    with pytest.raises(Retry):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, again, event_id="one press")
    with pytest.raises(Reject, match="answered already"):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, again, event_id="another press")
    assert len(remote.posts) == 1


async def test_an_answer_is_not_given_again_by_the_timer_of_a_platform_that_is_full(bench: Bench) -> None:
    render = await a_render(bench.media)
    remote = await unconfirmed(bench, render)
    remote.posts.clear()
    remote.fails = Retry("full until tomorrow", after=20 * 3600.0)
    await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render, outcome="not_there"))
    (due,) = [order for _, order, *_ in bench.timers.set.values()]
    assert (due.outcome, due.url) == (None, None)


async def test_a_bug_after_the_platform_has_taken_it_leads_to_no_second_post(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails = KeyError("id")
    with pytest.raises(KeyError):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=2)
    assert len(work.of(PUBLISH_DONE)) == len(remote.posts) == 1


async def test_what_does_not_answer_is_asked_again_for_hours_and_not_six_times(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    waits = []
    for attempt in range(1, 20):
        remote.fails = NotSentError("no route")
        with pytest.raises(Retry) as later:
            await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=attempt)
        waits.append(later.value.after)
    assert waits[:3] == [5, 10, 20]
    assert waits[-1] == 600


async def test_an_account_that_is_taken_away_while_it_is_unknown_whether_it_is_there_asks_a_person(
    bench: Bench,
) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    remote.fails = LostError("no whole answer")
    with pytest.raises(Retry):
        await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    (bench.media.root / render_uri(render.render_id).removeprefix("media://")).unlink()
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render), attempt=2)
    assert "cannot be followed" in work.of(PUBLISH_UNCONFIRMED)[0].reason
    there = request(render, outcome="there", url="https://remote.example/42")
    work = await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, there, event_id="person")
    assert work.of(PUBLISH_DONE)[0].publication.title == "A short"


@pytest.mark.parametrize("at", ["9999-12-31T23:59:00-01:00", "0001-01-01T00:00:00+14:00", "2263-01-01T00:00:00+00:00"])
async def test_a_time_out_of_reach_is_refused_and_takes_no_place(bench: Bench, at: str) -> None:
    order = request(await a_render(bench.media), publish_at=at)
    with pytest.raises(Reject, match="days away"):
        await deliver(bench.publisher(), PUBLISH_REQUESTED, order)
    assert not bench.timers.set


async def test_a_claim_that_is_done_keeps_nothing_that_opens_an_upload(bench: Bench) -> None:
    remote, render = Remote(bench), await a_render(bench.media)
    await deliver(remote_publisher(bench, remote), PUBLISH_REQUESTED, request(render))
    claim = await bench.claims.get(f"publish/{request(render).publication_id}")
    assert claim is not None
    assert claim.step == "said"
    assert "session-1" not in claim.model_dump_json()
