"""Which events of an order are still being worked on, told by the events themselves. Does no I/O, knows no policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.envelope import Event
from contracts.events import WorkFailed
from contracts.subjects import (
    CANDIDATE_APPROVED,
    CANDIDATE_FOUND,
    CANDIDATE_RANKED,
    CLIP_ANALYZED,
    CLIP_DOWNLOADED,
    CLIP_TRANSCRIBED,
    DISCOVERY_DONE,
    DISCOVERY_REQUESTED,
    PUBLISH_DONE,
    PUBLISH_PLANNED,
    PUBLISH_REQUESTED,
    PUBLISH_UNCONFIRMED,
    RENDER_DONE,
    RENDER_REQUESTED,
    Subject,
)

__all__ = ["MAKING", "SCANNING", "Stage", "Step", "Steps"]


@dataclass(frozen=True)
class Stage:
    """Who handles a subject. `ends`: what it then says, once; none: any number of events, so its consumer tells."""

    actor: str
    ends: frozenset[str] = frozenset()


def _stage(actor: str, *ends: Subject[Any]) -> Stage:
    return Stage(actor, frozenset(subject.name for subject in ends))


MAKING: Mapping[str, Stage] = {
    CANDIDATE_APPROVED.name: _stage("downloader", CLIP_DOWNLOADED),
    CLIP_DOWNLOADED.name: _stage("transcriber", CLIP_TRANSCRIBED),
    CLIP_TRANSCRIBED.name: _stage("vlm", CLIP_ANALYZED),
    CLIP_ANALYZED.name: _stage("producer"),
    RENDER_REQUESTED.name: _stage("renderer", RENDER_DONE),
    RENDER_DONE.name: _stage("producer"),
    PUBLISH_REQUESTED.name: _stage("publisher", PUBLISH_PLANNED, PUBLISH_DONE, PUBLISH_UNCONFIRMED),
}
"""From a video to published shorts."""

SCANNING: Mapping[str, Stage] = {
    DISCOVERY_REQUESTED.name: _stage("discovery", DISCOVERY_DONE),
    CANDIDATE_FOUND.name: _stage("ranker", CANDIDATE_RANKED),
}
"""From a topic to ranked candidates."""


@dataclass(frozen=True)
class Step:
    """One event of the order that `actor` has to handle."""

    event_id: str
    actor: str
    subject: str
    entity: str


class Steps:
    """The open steps of one order."""

    def __init__(self, order_id: str, stages: Mapping[str, Stage]) -> None:
        self.order_id = order_id
        self.stages = stages
        self.begun = False
        self._open: dict[str, Step] = {}

    @property
    def open(self) -> tuple[Step, ...]:
        """What is still being worked on, oldest first."""
        return tuple(self._open.values())

    @property
    def finished(self) -> bool:
        """Whether the order has been read, and everything that it led to has been handled."""
        return self.begun and not self._open

    def take(self, event: Event[Any]) -> bool:
        """Learn from the next event of the stream; whether it belongs to the order."""
        if event.correlationid != self.order_id:
            return False
        self.begun = True
        cause = self._open.get(event.causationid or "")
        if cause is not None and self._ended(cause, event):
            self.close(cause.event_id)
        if (stage := self.stages.get(event.type)) is not None:
            entity = event.subject or event.data.key
            self._open[event.id] = Step(event.id, stage.actor, event.type, entity)
        return True

    def _ended(self, step: Step, event: Event[Any]) -> bool:
        if isinstance(event.data, WorkFailed):
            return event.data.failure.stage == step.actor
        return event.type in self.stages[step.subject].ends

    def close(self, event_id: str) -> None:
        """It has been handled, as somebody else knows."""
        self._open.pop(event_id, None)

    def close_about(self, subject: str, entity: str) -> None:
        """What was asked for with `subject` about `entity` is there already."""
        for step in self.open:
            if (step.subject, step.entity) == (subject, entity):
                self.close(step.event_id)
