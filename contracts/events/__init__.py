"""Every event and command on the bus. Past tense is a fact, `*Requested` is a command."""

from __future__ import annotations

from contracts.events.approval import ApprovalAsked
from contracts.events.candidate import CandidateApproved, CandidateFound, CandidateRanked, CandidateRejected
from contracts.events.clip import ClipAnalyzed, ClipDownloaded, ClipTranscribed
from contracts.events.discovery import DiscoveryDone, DiscoveryRequested
from contracts.events.media import MediaArchived, MediaPurged
from contracts.events.publish import PublishDone, PublishPlanned, PublishRequested, PublishUnconfirmed
from contracts.events.render import RenderDone, RenderRejected, RenderRequested
from contracts.events.work import WorkFailed

__all__ = [
    "ApprovalAsked",
    "CandidateApproved",
    "CandidateFound",
    "CandidateRanked",
    "CandidateRejected",
    "ClipAnalyzed",
    "ClipDownloaded",
    "ClipTranscribed",
    "DiscoveryDone",
    "DiscoveryRequested",
    "MediaArchived",
    "MediaPurged",
    "PublishDone",
    "PublishPlanned",
    "PublishRequested",
    "PublishUnconfirmed",
    "RenderDone",
    "RenderRejected",
    "RenderRequested",
    "WorkFailed",
]
