"""An order is followed to its end, whatever that end is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.job import Job
from contracts.base import Payload
from contracts.envelope import Event
from contracts.events import (
    CandidateApproved,
    ClipAnalyzed,
    PublishDone,
    PublishRequested,
    RenderDone,
    RenderRequested,
    WorkFailed,
)
from contracts.renders import Render
from contracts.subjects import BY_NAME
from contracts.work import Failure, Publication

SAMPLES = Path(__file__).resolve().parents[1] / "contracts/samples/v1"
APPROVED = CandidateApproved(url="file:///x.mp4")


def _sample(name: str) -> Any:
    return BY_NAME[name].model.model_validate(json.loads((SAMPLES / f"{name}.json").read_text())["data"])


def _event(
    name: str, data: Payload, *, order: str = "order", cause: str | None = None, ident: str | None = None
) -> Event[Any]:
    return Event(
        id=ident or f"{name}-{data.key}", source="test", type=name, subject=data.key, time="2026-11-21T09:00:00Z",
        data=data, correlationid=order, causationid=cause,
    )  # fmt: skip


def _take(job: Job, name: str, data: Payload, *, cause: str | None = None, ident: str | None = None) -> str:
    event = _event(name, data, cause=cause, ident=ident)
    job.take(event)
    return event.id


def _handled(job: Job, event_id: str) -> None:
    """The consumer of the producer has nothing left to do."""
    job.steps.close(event_id)


def _begin(job: Job, analyzed: ClipAnalyzed) -> None:
    """From the order to what the producer asks the renderer for."""
    _take(job, "candidate.approved", APPROVED, ident="order")
    _take(job, "clip.downloaded", _sample("clip.downloaded"), cause="order", ident="downloaded")
    _take(job, "clip.transcribed", _sample("clip.transcribed"), cause="downloaded", ident="transcribed")
    _take(job, "clip.analyzed", analyzed, cause="transcribed", ident="analyzed")
    for order in _orders(analyzed):
        _take(job, "render.requested", order, cause="analyzed")
    _handled(job, "analyzed")


def _render(job: Job, order: RenderRequested) -> RenderDone:
    done = _rendered(order)
    _take(job, "render.done", done, cause=f"render.requested-{order.render_id}")
    return done


def _request(job: Job, done: RenderDone) -> str:
    request = PublishRequested(render_id=done.render.render_id, account_id="outbox:default")
    ident = _take(job, "publish.requested", request, cause=f"render.done-{done.key}")
    _handled(job, f"render.done-{done.key}")
    return ident


def _rendered(order: RenderRequested) -> RenderDone:
    render: Render = _sample("render.done").render
    changed = {"render_id": order.render_id, "start": order.start, "end": order.end, "title": order.title}
    return RenderDone(render=render.model_copy(update=changed))


def _published(done: RenderDone) -> PublishDone:
    request = PublishRequested(render_id=done.render.render_id, account_id="outbox:default")
    publication: Publication = _sample("publish.done").publication
    changed = {"publication_id": request.publication_id, "render_id": request.render_id}
    return PublishDone(publication=publication.model_copy(update=changed))


@pytest.fixture
def job() -> Job:
    return Job("order")


@pytest.fixture
def analyzed() -> ClipAnalyzed:
    sample: ClipAnalyzed = _sample("clip.analyzed")
    moments = tuple(sample.moments[0].model_copy(update={"start": s, "end": s + 20.0}) for s in (0.0, 30.0))
    return sample.model_copy(update={"moments": moments})


def _orders(analyzed: ClipAnalyzed) -> list[RenderRequested]:
    return [
        RenderRequested(clip_id=analyzed.clip.clip_id, start=moment.start, end=moment.end)
        for moment in analyzed.moments
    ]


def _failed(stage: str, entity: str) -> WorkFailed:
    failure = Failure(
        stage=stage, subject="x", event_id="x", entity=entity, kind="rejected", what="it broke", advice="mend it"
    )
    return WorkFailed(failure=failure)


def test_an_order_ends_when_every_short_is_out(job: Job, analyzed: ClipAnalyzed) -> None:
    _begin(job, analyzed)
    for order in _orders(analyzed):
        assert not job.finished
        done = _render(job, order)
        assert not job.finished
        request = _request(job, done)
        assert not job.finished
        _take(job, "publish.done", _published(done), cause=request)
    assert job.finished
    assert [render.render_id for render in job.ordered_renders] == [order.render_id for order in _orders(analyzed)]


def test_what_an_earlier_order_published_counts(job: Job, analyzed: ClipAnalyzed) -> None:
    dones = [_rendered(order) for order in _orders(analyzed)]
    for done in dones:
        job.take(_event("publish.done", _published(done), order="an earlier one"))
    _begin(job, analyzed)
    for order in _orders(analyzed):
        _request(job, _render(job, order))
    assert job.finished


def test_what_another_order_publishes_meanwhile_counts(job: Job, analyzed: ClipAnalyzed) -> None:
    _begin(job, analyzed)
    dones = [_render(job, order) for order in _orders(analyzed)]
    for done in dones:
        _request(job, done)
    assert not job.finished
    for done in dones:
        job.take(_event("publish.done", _published(done), order="another"))
    assert job.finished


def test_events_of_other_orders_change_nothing(job: Job, analyzed: ClipAnalyzed) -> None:
    _take(job, "candidate.approved", APPROVED, ident="order")
    job.take(_event("clip.analyzed", analyzed, order="another"))
    job.take(_event("work.failed", _failed("downloader", "file:x"), order="another", cause="order"))
    assert [step.actor for step in job.steps.open] == ["downloader"]
    assert not job.failures
    assert not job.finished


def test_an_order_that_was_not_read_yet_is_not_finished(job: Job) -> None:
    assert not job.finished


def test_a_failure_before_the_first_short_ends_the_order(job: Job) -> None:
    _take(job, "candidate.approved", APPROVED, ident="order")
    _take(job, "work.failed", _failed("downloader", "file:x"), cause="order")
    assert job.finished
    assert job.failures[0].what == "it broke"


def test_a_failure_of_the_archiver_ends_nothing(job: Job, analyzed: ClipAnalyzed) -> None:
    _begin(job, analyzed)
    first, second = _orders(analyzed)
    done = _render(job, first)
    _take(job, "work.failed", _failed("archiver", done.key), cause=f"render.done-{done.key}")
    _handled(job, f"render.done-{_render(job, second).key}")
    assert [step.actor for step in job.steps.open] == ["producer"], "it still has to look at the first"


def test_a_short_that_fails_does_not_stop_the_others(job: Job, analyzed: ClipAnalyzed) -> None:
    _begin(job, analyzed)
    first, second = _orders(analyzed)
    _take(job, "work.failed", _failed("renderer", first.render_id), cause=f"render.requested-{first.render_id}")
    assert not job.finished
    done = _render(job, second)
    _take(job, "publish.done", _published(done), cause=_request(job, done))
    assert job.finished
    assert [render.render_id for render in job.ordered_renders] == [second.render_id]


def test_a_publication_that_fails_ends_the_wait_for_it(job: Job, analyzed: ClipAnalyzed) -> None:
    _begin(job, analyzed)
    for order in _orders(analyzed):
        request = _request(job, _render(job, order))
        _take(job, "work.failed", _failed("publisher", request), cause=request)
    assert job.finished


def test_shorts_that_nobody_publishes_end_the_order(job: Job, analyzed: ClipAnalyzed) -> None:
    """What the producer makes of a finished short is its own business: a channel may have no accounts, or ask first."""
    _begin(job, analyzed)
    for order in _orders(analyzed):
        assert not job.finished
        _handled(job, f"render.done-{_render(job, order).key}")
    assert job.finished
