"""From events to rows: pure, so that the same stream always gives the same tables.

A change is a part of a row. Within one table the parts of the same row are laid over each other in the order of the
stream; what a later part does not tell (None) stays as it was. The result of a stage counts as a whole: a later one
takes the failure of an earlier one away. Laying parts over each other is associative, so it does not matter how a
stream is cut into batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from contracts import events as e
from contracts.envelope import Event

__all__ = ["KEYS", "STAGES", "STAGE_OF_ACTOR", "Changes", "Row", "stage_of_failure"]

Row = dict[str, Any]

KEYS: dict[str, tuple[str, ...]] = {
    "scans": ("scan_id",),
    "candidates": ("candidate_id",),
    "clips": ("clip_id",),
    "renders": ("render_id",),
    "publications": ("publication_id",),
    "approvals": ("about", "id"),
    "failures": ("sequence",),
    "stages": ("entity", "stage"),
}

STAGES = ("discover", "rank", "approve", "download", "transcribe", "analyze", "choose", "render", "publish", "archive")
STAGE_OF_ACTOR = {
    "discovery": "discover",
    "ranker": "rank",
    "downloader": "download",
    "transcriber": "transcribe",
    "vlm": "analyze",
    "renderer": "render",
    "publisher": "publish",
    "archiver": "archive",
}
_DECISIONS = {"candidate.ranked": "approve", "clip.analyzed": "choose", "render.done": "approve"}


def stage_of_failure(actor: str, subject: str) -> str:
    """The stage that failed. The producer has three, told apart by what it listened to; an unknown actor is its own."""
    if actor == "producer":
        return _DECISIONS.get(subject, actor)
    return STAGE_OF_ACTOR.get(actor, actor)


@dataclass
class Changes:
    """The rows that a run of events leads to, by table and key. Values are plain, or contracts for columns of JSON."""

    tables: dict[str, dict[tuple[Any, ...], Row]] = field(default_factory=lambda: {name: {} for name in KEYS})

    def add(self, sequence: int, event: Event[Any]) -> None:
        """Lay the changes of one event over what is there."""
        _HANDLERS[type(event.data)](_Scribe(self, sequence, event, event.time.isoformat()), event.data)

    def redriven(self, sequence: int, event: Event[Any], actor: str) -> None:
        """One actor is driven again with this event: its stage begins anew, nothing else happened."""
        scribe = _Scribe(self, sequence, event, event.time.isoformat())
        scribe.pending(event.data.key, stage_of_failure(actor, event.type))

    def rows(self, table: str) -> list[Row]:
        """The rows of a table, in the order in which they first came."""
        return list(self.tables[table].values())

    def _lay(self, table: str, row: Row, *, whole: bool = False) -> None:
        key = tuple(row[name] for name in KEYS[table])
        there = self.tables[table].setdefault(key, row)
        if there is not row:
            told = row.items() if whole else ((name, value) for name, value in row.items() if value is not None)
            there.update({name: value for name, value in told if name != "first_sequence"})


@dataclass(frozen=True)
class _Scribe:
    """Writes the changes of one event."""

    changes: Changes
    sequence: int
    event: Event[Any]
    time: str

    def row(self, table: str, **values: Any) -> None:
        places = {"first_sequence": self.sequence, "last_sequence": self.sequence, "updated_at": self.time}
        self.changes._lay(table, {**values, **places})

    def pending(self, entity: str, stage: str) -> None:
        """It is this stage's turn."""
        row = {"entity": entity, "stage": stage, "pending_sequence": self.sequence, "pending_time": self.time}
        self.changes._lay("stages", row, whole=True)

    def stage(self, entity: str, stage: str, result: str, failure: Row | None = None) -> None:
        """How a stage ended, or that it waits for a person."""
        row = {
            "entity": entity,
            "stage": stage,
            "result": result,
            "result_time": self.time,
            "result_sequence": self.sequence,
            "event_id": self.event.id,
            "failure": failure,
        }
        self.changes._lay("stages", row, whole=True)

    def failure(self, **values: Any) -> None:
        self.changes._lay("failures", {"sequence": self.sequence, "time": self.time, **values})


def _discovery_requested(to: _Scribe, data: e.DiscoveryRequested) -> None:
    to.row("scans", scan_id=data.key, niche=data.niche, channel_id=data.channel_id, requested_sequence=to.sequence)
    to.pending(data.key, "discover")


def _discovery_done(to: _Scribe, data: e.DiscoveryDone) -> None:
    to.row(
        "scans",
        scan_id=data.key,
        niche=data.niche,
        channel_id=data.channel_id,
        found=data.found,
        sources=data.sources,
        done_sequence=to.sequence,
    )
    to.stage(data.key, "discover", "done")


def _found_row(data: e.CandidateFound | e.CandidateRanked) -> Row:
    candidate = data.candidate
    return {
        "candidate_id": data.key,
        "channel_id": data.channel_id,
        "niche": data.niche,
        "scan_id": data.scan_id,
        "url": candidate.url,
        "title": candidate.title,
        "source": candidate.source,
        "candidate": candidate,
    }


def _candidate_found(to: _Scribe, data: e.CandidateFound) -> None:
    to.row("candidates", **_found_row(data), found_sequence=to.sequence)
    to.stage(data.key, "discover", "done")
    to.pending(data.key, "rank")


def _candidate_ranked(to: _Scribe, data: e.CandidateRanked) -> None:
    ranked = {"score": data.score, "method": data.method, "parts": data.parts}
    to.row("candidates", **_found_row(data), **ranked, ranked_sequence=to.sequence)
    to.stage(data.key, "rank", "done")
    to.pending(data.key, "approve")


def _candidate_approved(to: _Scribe, data: e.CandidateApproved) -> None:
    to.row(
        "candidates",
        candidate_id=data.key,
        channel_id=data.channel_id,
        niche=data.niche or None,
        url=data.url,
        decided_by=data.approved_by,
        decision_reason="",
        approved_sequence=to.sequence,
    )
    to.stage(data.key, "approve", "done")
    to.pending(data.key, "download")


def _candidate_rejected(to: _Scribe, data: e.CandidateRejected) -> None:
    to.row(
        "candidates",
        candidate_id=data.key,
        decided_by=data.rejected_by,
        decision_reason=data.reason,
        rejected_sequence=to.sequence,
    )
    to.stage(data.key, "approve", "rejected")


def _clip_row(data: e.ClipDownloaded | e.ClipTranscribed | e.ClipAnalyzed) -> Row:
    return {
        "clip_id": data.key,
        "channel_id": data.order.channel_id,
        "title": data.clip.title,
        "clip": data.clip,
    }


def _clip_downloaded(to: _Scribe, data: e.ClipDownloaded) -> None:
    candidate = data.clip.candidate
    to.row("clips", **_clip_row(data), downloaded_sequence=to.sequence)
    to.row(
        "candidates",
        candidate_id=data.key,
        channel_id=data.order.channel_id,
        url=candidate.url,
        title=candidate.title,
        source=candidate.source,
        candidate=candidate,
    )
    to.stage(data.key, "download", "done")
    to.pending(data.key, "transcribe")


def _clip_transcribed(to: _Scribe, data: e.ClipTranscribed) -> None:
    transcript = data.transcript
    to.row(
        "clips",
        **_clip_row(data),
        transcript=transcript,
        no_transcript="" if transcript else data.reason,
        transcribed_sequence=to.sequence,
    )
    to.stage(data.key, "transcribe", "done")
    to.pending(data.key, "analyze")


def _clip_analyzed(to: _Scribe, data: e.ClipAnalyzed) -> None:
    to.row(
        "clips",
        **_clip_row(data),
        analysis=data.analysis,
        method=data.method,
        moments=data.moments,
        analyzed_sequence=to.sequence,
    )
    to.stage(data.key, "analyze", "done")
    if data.moments:
        to.pending(data.key, "choose")
    else:
        to.stage(data.key, "choose", "done")


def _render_requested(to: _Scribe, data: e.RenderRequested) -> None:
    to.row(
        "renders",
        render_id=data.key,
        clip_id=data.clip_id,
        channel_id=data.channel_id,
        title=data.title or None,
        start_s=data.start,
        end_s=data.end,
        request=data,
        requested_sequence=to.sequence,
    )
    to.stage(data.clip_id, "choose", "done")
    to.pending(data.key, "render")


def _render_done(to: _Scribe, data: e.RenderDone) -> None:
    render = data.render
    to.row(
        "renders",
        render_id=data.key,
        clip_id=render.clip_id,
        channel_id=data.channel_id,
        title=render.title,
        start_s=render.start,
        end_s=render.end,
        render=render,
        done_sequence=to.sequence,
    )
    to.stage(data.key, "render", "done")


def _render_rejected(to: _Scribe, data: e.RenderRejected) -> None:
    to.row("renders", render_id=data.key, reject_reason=data.reason, rejected_sequence=to.sequence)
    to.stage(data.key, "approve", "rejected")


def _approval_asked(to: _Scribe, data: e.ApprovalAsked) -> None:
    to.row(
        "approvals",
        about=data.about,
        id=data.id,
        channel_id=data.channel_id,
        title=data.title,
        reason=data.reason,
        yes=data.yes,
        no=data.no,
        accounts=list(data.accounts),
    )
    if data.about == "candidate":
        to.row("candidates", candidate_id=data.id, asked_sequence=to.sequence)
    to.stage(data.id, "approve", "waiting")


def _publish_requested(to: _Scribe, data: e.PublishRequested) -> None:
    to.row(
        "publications",
        publication_id=data.key,
        render_id=data.render_id,
        account_id=data.account_id,
        channel_id=data.channel_id,
        requested_by=data.requested_by,
        title=data.title,
        requested_sequence=to.sequence,
    )
    to.stage(data.render_id, "approve", "done")
    to.pending(data.key, "publish")


def _publish_done(to: _Scribe, data: e.PublishDone) -> None:
    publication = data.publication
    to.row(
        "publications",
        publication_id=data.key,
        render_id=publication.render_id,
        account_id=publication.account_id,
        title=publication.title,
        publication=publication,
        done_sequence=to.sequence,
    )
    to.stage(data.key, "publish", "done")


def _publish_unconfirmed(to: _Scribe, data: e.PublishUnconfirmed) -> None:
    to.row(
        "publications",
        publication_id=data.key,
        render_id=data.render_id,
        account_id=data.account_id,
        unconfirmed_reason=data.reason,
        unconfirmed_advice=data.advice,
        unconfirmed_sequence=to.sequence,
    )
    to.stage(data.key, "publish", "unconfirmed")


def _media_archived(to: _Scribe, data: e.MediaArchived) -> None:
    to.stage(data.id, "archive", "done")


def _media_purged(to: _Scribe, data: e.MediaPurged) -> None:
    to.stage(data.id, "archive", "purged")


def _work_failed(to: _Scribe, data: e.WorkFailed) -> None:
    failure = data.failure
    stage = stage_of_failure(failure.stage, failure.subject)
    shown = failure.model_dump(mode="json", exclude={"stage", "entity"})
    to.failure(**shown, entity=failure.entity, actor=failure.stage, stage=stage)
    to.stage(failure.entity, stage, "failed", {"actor": failure.stage, **shown})
    if stage == "render" and failure.entity.startswith("r_"):
        to.row("renders", render_id=failure.entity, failed_sequence=to.sequence)
    if stage == "publish" and failure.entity.startswith("p_"):
        to.row("publications", publication_id=failure.entity, failed_sequence=to.sequence)


_HANDLERS: dict[type[Any], Callable[[_Scribe, Any], None]] = {
    e.DiscoveryRequested: _discovery_requested,
    e.DiscoveryDone: _discovery_done,
    e.CandidateFound: _candidate_found,
    e.CandidateRanked: _candidate_ranked,
    e.CandidateApproved: _candidate_approved,
    e.CandidateRejected: _candidate_rejected,
    e.ClipDownloaded: _clip_downloaded,
    e.ClipTranscribed: _clip_transcribed,
    e.ClipAnalyzed: _clip_analyzed,
    e.RenderRequested: _render_requested,
    e.RenderDone: _render_done,
    e.RenderRejected: _render_rejected,
    e.ApprovalAsked: _approval_asked,
    e.PublishRequested: _publish_requested,
    e.PublishDone: _publish_done,
    e.PublishUnconfirmed: _publish_unconfirmed,
    e.MediaArchived: _media_archived,
    e.MediaPurged: _media_purged,
    e.WorkFailed: _work_failed,
}
