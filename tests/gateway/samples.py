"""Events of whole jobs, for the tests of the read models and of what is answered from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts import events as e
from contracts import subjects as s
from contracts.base import Payload
from contracts.envelope import Event
from contracts.media import Candidate, Clip, MediaRef, Rights
from contracts.renders import Recipe, Render
from contracts.sight import Moment
from contracts.subjects import Subject
from contracts.work import Failure, Publication, SourceReport

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SHA = "0" * 64
JOB = "youtube:abcdefghijk"


def ref(uri: str, kind: str = "video/mp4", size: int = 10, sha: str = SHA) -> MediaRef:
    return MediaRef(uri=uri, bytes=size, sha256=sha, content_type=kind)


def candidate(ident: str = "youtube:abcdefghijk", title: str = "A talk") -> Candidate:
    native = ident.split(":")[1]
    return Candidate(candidate_id=ident, url=f"https://www.youtube.com/watch?v={native}", title=title, source="youtube")


def clip(ident: str = "youtube:abcdefghijk") -> Clip:
    return Clip(
        clip_id=ident,
        source_url="https://example.org/v",
        title="A talk",
        media=ref(f"media://clips/{ident.replace(':', '/')}/source.mp4"),
        duration=60,
        width=1920,
        height=1080,
        fps=25,
        video_codec="h264",
        candidate=candidate(ident),
    )


def order(ident: str = "youtube:abcdefghijk", start: float = 1, end: float = 20) -> e.RenderRequested:
    return e.RenderRequested(clip_id=ident, start=start, end=end, title="One")


def render(requested: e.RenderRequested, video: MediaRef | None = None) -> Render:
    folder = f"media://renders/{requested.render_id}"
    return Render(
        render_id=requested.render_id,
        clip_id=requested.clip_id,
        start=requested.start,
        end=requested.end,
        recipe=Recipe(),
        title="One",
        video=video or ref(f"{folder}/video.mp4"),
        thumbnail=ref(f"{folder}/thumbnail.jpg", "image/jpeg"),
        duration=19,
        width=1080,
        height=1920,
        fps=30,
        encoder="libx264",
        seconds_spent=1,
        rights=Rights(),
    )


def failed(entity: str, *, actor: str, subject: str, event_id: str = "e1", kind: Any = "rejected") -> e.WorkFailed:
    return e.WorkFailed(
        failure=Failure(
            stage=actor,
            subject=subject,
            event_id=event_id,
            entity=entity,
            kind=kind,
            what="it is no video",
            advice="Send a video",
        )
    )


def scan_done(scan_id: str = "scan-1") -> e.DiscoveryDone:
    report = SourceReport(source="youtube", status="ok", found=1, took=timedelta(seconds=1))
    return e.DiscoveryDone(scan_id=scan_id, niche="ai", found=1, sources=(report,))


def whole_job(ident: str = "youtube:abcdefghijk") -> list[tuple[Subject[Any], Payload]]:
    """From the scan to the publication."""
    found = candidate(ident)
    span = Moment(start=1, end=20, score=0.8, reason="it stands alone")
    wanted = order(ident)
    publish = e.PublishRequested(render_id=wanted.render_id, account_id="outbox:default")
    published = Publication(
        publication_id=publish.publication_id,
        render_id=wanted.render_id,
        account_id="outbox:default",
        platform="outbox",
        platform_id="1",
        url="file:///outbox/1",
        published_at=START,
        title="One",
    )
    return [
        (s.DISCOVERY_REQUESTED, e.DiscoveryRequested(niche="ai", scan_id="scan-1")),
        (s.CANDIDATE_FOUND, e.CandidateFound(candidate=found, niche="ai", scan_id="scan-1")),
        (s.DISCOVERY_DONE, scan_done()),
        (
            s.CANDIDATE_RANKED,
            e.CandidateRanked(candidate=found, niche="ai", scan_id="scan-1", score=0.7, parts=(), method="local/1"),
        ),
        (
            s.APPROVAL_ASKED,
            e.ApprovalAsked(
                about="candidate",
                id=ident,
                title="A talk",
                reason="rights are unknown",
                yes="candidate.approved",
                no="candidate.rejected",
            ),
        ),
        (s.CANDIDATE_APPROVED, e.CandidateApproved(candidate_id=ident, approved_by="ada")),
        (s.CLIP_DOWNLOADED, e.ClipDownloaded(clip=clip(ident))),
        (s.CLIP_TRANSCRIBED, e.ClipTranscribed(clip=clip(ident), reason="nothing is said")),
        (
            s.CLIP_ANALYZED,
            e.ClipAnalyzed(clip=clip(ident), analysis="media://a.json", moments=(span,), method="local/1"),
        ),
        (s.RENDER_REQUESTED, wanted),
        (s.RENDER_DONE, e.RenderDone(render=render(wanted))),
        (s.PUBLISH_REQUESTED, publish),
        (s.PUBLISH_DONE, e.PublishDone(publication=published)),
    ]


def event(subject: Subject[Any], data: Payload, place: int) -> Event[Any]:
    """An envelope whose id and time follow from `place`."""
    return Event(
        id=f"e{place}",
        source="clipwire/test",
        type=subject.name,
        subject=data.key,
        time=START + timedelta(seconds=place),
        data=data,
        correlationid="e1",
    )
