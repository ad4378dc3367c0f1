"""An order is followed to its end, whatever that end is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from actors.producer.core import after_analysis, after_render
from cli.job import Job
from contracts.base import Payload
from contracts.envelope import Event
from contracts.events import ClipAnalyzed, PublishDone, PublishRequested, RenderDone, RenderRequested, WorkFailed
from contracts.media import Render
from contracts.subjects import BY_NAME
from contracts.work import Channel, Failure, Publication, Rules

SAMPLES = Path(__file__).resolve().parents[1] / "contracts/samples/v1"
CHANNEL = Channel()


def _sample(name: str) -> Any:
    return BY_NAME[name].model.model_validate(json.loads((SAMPLES / f"{name}.json").read_text())["data"])


def _event(name: str, data: Payload, *, order: str = "order") -> Event[Any]:
    return Event(
        id=f"{name}-{data.key}", source="test", type=name, subject=data.key, time="2026-11-21T09:00:00Z", data=data,
        correlationid=order,
    )  # fmt: skip


def _rendered(order: RenderRequested) -> RenderDone:
    render: Render = _sample("render.done").render
    changed = {"render_id": order.render_id, "start": order.start, "end": order.end, "title": order.title}
    return RenderDone(render=render.model_copy(update=changed))


def _published(done: RenderDone) -> PublishDone:
    request = next(c.data for c in after_render(CHANNEL, done) if isinstance(c.data, PublishRequested))
    publication: Publication = _sample("publish.done").publication
    changed = {"publication_id": request.publication_id, "render_id": request.render_id}
    return PublishDone(publication=publication.model_copy(update=changed))


@pytest.fixture
def job() -> Job:
    return Job("order", CHANNEL)


@pytest.fixture
def analyzed() -> ClipAnalyzed:
    sample: ClipAnalyzed = _sample("clip.analyzed")
    moments = tuple(sample.moments[0].model_copy(update={"start": s, "end": s + 20.0}) for s in (0.0, 30.0))
    return sample.model_copy(update={"moments": moments})


def _orders(analyzed: ClipAnalyzed) -> list[RenderRequested]:
    return [command.data for command in after_analysis(CHANNEL, analyzed)]


def _failed(stage: str, entity: str) -> WorkFailed:
    failure = Failure(
        stage=stage, subject="x", event_id="x", entity=entity, kind="rejected", what="it broke", advice="mend it"
    )
    return WorkFailed(failure=failure)


def test_an_order_ends_when_every_short_is_out(job: Job, analyzed: ClipAnalyzed) -> None:
    job.take(_event("clip.analyzed", analyzed))
    for order in _orders(analyzed):
        assert not job.finished
        done = _rendered(order)
        job.take(_event("render.done", done))
        assert not job.finished
        job.take(_event("publish.done", _published(done)))
    assert job.finished
    assert [render.render_id for render in job.ordered_renders] == [order.render_id for order in _orders(analyzed)]


def test_what_an_earlier_order_published_counts(job: Job, analyzed: ClipAnalyzed) -> None:
    dones = [_rendered(order) for order in _orders(analyzed)]
    for done in dones:
        job.take(_event("publish.done", _published(done), order="an earlier one"))
    job.take(_event("clip.analyzed", analyzed))
    for done in dones:
        job.take(_event("render.done", done))
    assert job.finished


def test_events_of_other_orders_change_nothing(job: Job, analyzed: ClipAnalyzed) -> None:
    job.take(_event("clip.analyzed", analyzed, order="another"))
    job.take(_event("work.failed", _failed("downloader", "file:x"), order="another"))
    assert job.expected_renders is None
    assert not job.failures
    assert not job.finished


@pytest.mark.parametrize("stage", ["downloader", "transcriber", "vlm", "producer"])
def test_a_failure_before_the_first_short_ends_the_order(job: Job, stage: str) -> None:
    job.take(_event("work.failed", _failed(stage, "file:x")))
    assert job.finished
    assert job.failures[0].what == "it broke"


def test_a_short_that_fails_does_not_stop_the_others(job: Job, analyzed: ClipAnalyzed) -> None:
    job.take(_event("clip.analyzed", analyzed))
    first, second = _orders(analyzed)
    job.take(_event("work.failed", _failed("renderer", first.render_id)))
    assert not job.finished
    done = _rendered(second)
    job.take(_event("render.done", done))
    job.take(_event("publish.done", _published(done)))
    assert job.finished
    assert [render.render_id for render in job.ordered_renders] == [second.render_id]


def test_a_publication_that_fails_ends_the_wait_for_it(job: Job, analyzed: ClipAnalyzed) -> None:
    job.take(_event("clip.analyzed", analyzed))
    for order in _orders(analyzed):
        done = _rendered(order)
        job.take(_event("render.done", done))
        job.take(_event("work.failed", _failed("publisher", _published(done).key)))
    assert job.finished


def test_a_channel_that_asks_first_does_not_make_the_order_wait(analyzed: ClipAnalyzed) -> None:
    job = Job("order", Channel(rules=Rules(publish="ask")))
    job.take(_event("clip.analyzed", analyzed))
    for order in _orders(analyzed):
        job.take(_event("render.done", _rendered(order)))
    assert job.finished
