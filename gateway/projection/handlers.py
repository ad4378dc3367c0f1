"""Which event changes which rows, one function per subject. No clock, no counter, no order of arrival."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts import events as e
from contracts.envelope import Event
from gateway.projection import publications
from gateway.projection.changes import Changes, Row, Scribe
from gateway.projection.stages import stage_of_failure

__all__ = ["apply", "apply_redrive"]


def apply(changes: Changes, sequence: int, event: Event[Any]) -> None:
    """Lay the changes of one event over what is there."""
    _HANDLERS[type(event.data)](_scribe(changes, sequence, event), event.data)


def apply_redrive(changes: Changes, sequence: int, event: Event[Any], actor: str) -> None:
    """One actor is driven again with this event: its stage begins anew, nothing else happened."""
    _scribe(changes, sequence, event).pending(event.data.key, stage_of_failure(actor, event.type))


def _scribe(changes: Changes, sequence: int, event: Event[Any]) -> Scribe:
    return Scribe(changes, sequence, event, event.time.isoformat())


def _discovery_requested(to: Scribe, data: e.DiscoveryRequested) -> None:
    to.row("scans", scan_id=data.key, niche=data.niche, channel_id=data.channel_id, requested_sequence=to.sequence)
    to.pending(data.key, "discover")


def _discovery_done(to: Scribe, data: e.DiscoveryDone) -> None:
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


def _candidate_found(to: Scribe, data: e.CandidateFound) -> None:
    to.row("candidates", **_found_row(data), found_sequence=to.sequence)
    to.stage(data.key, "discover", "done")
    to.pending(data.key, "rank")


def _candidate_ranked(to: Scribe, data: e.CandidateRanked) -> None:
    ranked = {"score": data.score, "method": data.method, "parts": data.parts}
    to.row("candidates", **_found_row(data), **ranked, ranked_sequence=to.sequence)
    to.stage(data.key, "rank", "done")
    to.pending(data.key, "approve")


def _candidate_approved(to: Scribe, data: e.CandidateApproved) -> None:
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


def _candidate_rejected(to: Scribe, data: e.CandidateRejected) -> None:
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


def _clip_downloaded(to: Scribe, data: e.ClipDownloaded) -> None:
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


def _clip_transcribed(to: Scribe, data: e.ClipTranscribed) -> None:
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


def _clip_analyzed(to: Scribe, data: e.ClipAnalyzed) -> None:
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


def _render_requested(to: Scribe, data: e.RenderRequested) -> None:
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


def _render_done(to: Scribe, data: e.RenderDone) -> None:
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
    to.pending(data.key, "approve")  # publish it? A channel without accounts says nothing to that


def _render_rejected(to: Scribe, data: e.RenderRejected) -> None:
    to.row("renders", render_id=data.key, reject_reason=data.reason, rejected_sequence=to.sequence)
    to.stage(data.key, "approve", "rejected")


def _approval_asked(to: Scribe, data: e.ApprovalAsked) -> None:
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


def _media_archived(to: Scribe, data: e.MediaArchived) -> None:
    to.stage(data.id, "archive", "done")


def _media_purged(to: Scribe, data: e.MediaPurged) -> None:
    to.stage(data.id, "archive", "purged")


def _work_failed(to: Scribe, data: e.WorkFailed) -> None:
    failure = data.failure
    stage = stage_of_failure(failure.stage, failure.subject)
    shown = failure.model_dump(mode="json", exclude={"stage", "entity"})
    to.failure(**shown, entity=failure.entity, actor=failure.stage, stage=stage)
    to.stage(failure.entity, stage, "failed", {"actor": failure.stage, **shown})
    if stage == "render" and failure.entity.startswith("r_"):
        to.row("renders", render_id=failure.entity, failed_sequence=to.sequence)
    if stage == "publish" and failure.entity.startswith("p_"):
        to.row(
            "publications",
            publication_id=failure.entity,
            failed_what=failure.what,
            failed_advice=failure.advice,
            failed_sequence=to.sequence,
        )


_HANDLERS: dict[type[Any], Callable[[Scribe, Any], None]] = {
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
    e.PublishRequested: publications.publish_requested,
    e.PublishPlanned: publications.publish_planned,
    e.PublishDone: publications.publish_done,
    e.PublishUnconfirmed: publications.publish_unconfirmed,
    e.MediaArchived: _media_archived,
    e.MediaPurged: _media_purged,
    e.WorkFailed: _work_failed,
}
