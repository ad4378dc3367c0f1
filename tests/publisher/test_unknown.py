"""What a platform did not answer: it is asked, or a person is, and nothing is sent twice meanwhile."""

from __future__ import annotations

import pytest

from actors.publisher.ports import LostError, NotSentError, Post, Posted, Session, Steps
from contracts.keys import render_uri
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED, PUBLISH_UNCONFIRMED
from runtime.errors import Reject, Retry
from tests.publisher.remote import Remote, remote_publisher, unconfirmed
from tests.publisher.support import Bench, Killed, a_render, request
from tests.support.work import deliver


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
