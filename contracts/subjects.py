"""Every subject with the type of its payload, so that mypy refuses the wrong event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from contracts import events as e
from contracts.base import Payload

__all__ = ["BY_NAME", "COMMANDS", "SUBJECTS", "Subject", "progress_subject"]

T = TypeVar("T", bound=Payload)


@dataclass(frozen=True)
class Subject(Generic[T]):
    """A subject of the bus and the contract of its payload. `command`: a person or program may send it."""

    name: str
    model: type[T]
    command: bool = False

    def __str__(self) -> str:
        return self.name


DISCOVERY_REQUESTED = Subject("discovery.requested", e.DiscoveryRequested, command=True)
DISCOVERY_DONE = Subject("discovery.done", e.DiscoveryDone)
CANDIDATE_FOUND = Subject("candidate.found", e.CandidateFound)
CANDIDATE_RANKED = Subject("candidate.ranked", e.CandidateRanked)
CANDIDATE_APPROVED = Subject("candidate.approved", e.CandidateApproved, command=True)
CANDIDATE_REJECTED = Subject("candidate.rejected", e.CandidateRejected, command=True)
CLIP_DOWNLOADED = Subject("clip.downloaded", e.ClipDownloaded)
CLIP_TRANSCRIBED = Subject("clip.transcribed", e.ClipTranscribed)
CLIP_ANALYZED = Subject("clip.analyzed", e.ClipAnalyzed)
RENDER_REQUESTED = Subject("render.requested", e.RenderRequested, command=True)
RENDER_DONE = Subject("render.done", e.RenderDone)
RENDER_REJECTED = Subject("render.rejected", e.RenderRejected, command=True)
APPROVAL_ASKED = Subject("approval.asked", e.ApprovalAsked)
PUBLISH_REQUESTED = Subject("publish.requested", e.PublishRequested, command=True)
PUBLISH_PLANNED = Subject("publish.planned", e.PublishPlanned)
PUBLISH_DONE = Subject("publish.done", e.PublishDone)
PUBLISH_UNCONFIRMED = Subject("publish.unconfirmed", e.PublishUnconfirmed)
MEDIA_ARCHIVED = Subject("media.archived", e.MediaArchived)
MEDIA_PURGED = Subject("media.purged", e.MediaPurged)
WORK_FAILED = Subject("work.failed", e.WorkFailed)

SUBJECTS: tuple[Subject[Any], ...] = (
    DISCOVERY_REQUESTED,
    DISCOVERY_DONE,
    CANDIDATE_FOUND,
    CANDIDATE_RANKED,
    CANDIDATE_APPROVED,
    CANDIDATE_REJECTED,
    CLIP_DOWNLOADED,
    CLIP_TRANSCRIBED,
    CLIP_ANALYZED,
    RENDER_REQUESTED,
    RENDER_DONE,
    RENDER_REJECTED,
    APPROVAL_ASKED,
    PUBLISH_REQUESTED,
    PUBLISH_PLANNED,
    PUBLISH_DONE,
    PUBLISH_UNCONFIRMED,
    MEDIA_ARCHIVED,
    MEDIA_PURGED,
    WORK_FAILED,
)
BY_NAME: dict[str, Subject[Any]] = {subject.name: subject for subject in SUBJECTS}
COMMANDS: tuple[Subject[Any], ...] = tuple(subject for subject in SUBJECTS if subject.command)


def progress_subject(stage: str, entity: str) -> str:
    """Core NATS subject of live progress; not kept on the stream."""
    return f"progress.{stage}.{entity}"
