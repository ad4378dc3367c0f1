"""Routes that answer from the read models."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel

from gateway.http.context import Context, Cursor, Limit, TheContext
from gateway.http.problems import ProblemError
from gateway.http.views import (
    ApprovalView,
    CandidateView,
    ClipView,
    FailureView,
    JobState,
    JobSummary,
    JobView,
    Page,
    PublicationView,
    RenderView,
    StageView,
    paged,
)
from gateway.http.who import Sees, needs

__all__ = ["router"]

router = APIRouter()
V = TypeVar("V", bound=BaseModel)
Word = Annotated[str | None, Query(max_length=300)]


async def _page(
    context: Context,
    name: str,
    view: type[V],
    before: int | None,
    limit: int,
    sees: str | None,
    *filters: str | None,
    place: str = "first_sequence",
) -> Page[V]:
    rows = await context.reads.page(name, before, limit + 1, *filters, owner=sees)
    return paged(view, [_shown(row) for row in rows], limit, place=place)


async def _one(context: Context, name: str, view: type[V], key: str, sees: str | None) -> V:
    row = await context.reads.one(name, key, owner=sees)
    if row is None:
        raise ProblemError(
            404, f"there is no {name} {key!r}", advice=f"See GET /api/v1/{name}s for those that there are"
        )
    return view.model_validate(_shown(row))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """An empty text in a read model takes an earlier one away, or is the operator: it is not there."""
    return {
        name: None if value == "" and name in {"no_transcript", "decision_reason", "owner"} else value
        for name, value in row.items()
    }


@router.get("/candidates", tags=["candidates"], dependencies=[needs("candidates:read")])
async def candidates(
    context: TheContext,
    before: Cursor,
    sees: Sees,
    limit: Limit = 50,
    state: Literal["found", "ranked", "asked", "approved", "rejected"] | None = None,
    channel_id: Word = None,
    scan_id: Word = None,
) -> Page[CandidateView]:
    """Candidates, newest first."""
    return await _page(context, "candidates", CandidateView, before, limit, sees, state, channel_id, scan_id)


@router.get("/candidates/{candidate_id}", tags=["candidates"], dependencies=[needs("candidates:read")])
async def candidate(candidate_id: str, context: TheContext, sees: Sees) -> CandidateView:
    """One candidate."""
    return await _one(context, "candidate", CandidateView, candidate_id, sees)


@router.get("/clips", tags=["clips"], dependencies=[needs("clips:read")])
async def clips(
    context: TheContext,
    before: Cursor,
    sees: Sees,
    limit: Limit = 50,
    state: Literal["downloaded", "transcribed", "analyzed"] | None = None,
) -> Page[ClipView]:
    """Clips, newest first."""
    return await _page(context, "clips", ClipView, before, limit, sees, state)


@router.get("/clips/{clip_id}", tags=["clips"], dependencies=[needs("clips:read")])
async def clip(clip_id: str, context: TheContext, sees: Sees) -> ClipView:
    """One clip."""
    return await _one(context, "clip", ClipView, clip_id, sees)


@router.get("/renders", tags=["renders"], dependencies=[needs("renders:read")])
async def renders(
    context: TheContext,
    before: Cursor,
    sees: Sees,
    limit: Limit = 50,
    state: Literal["pending", "done", "failed", "rejected"] | None = None,
    clip_id: Word = None,
) -> Page[RenderView]:
    """Shorts, newest first."""
    return await _page(context, "renders", RenderView, before, limit, sees, state, clip_id)


@router.get("/renders/{render_id}", tags=["renders"], dependencies=[needs("renders:read")])
async def render(render_id: str, context: TheContext, sees: Sees) -> RenderView:
    """One short."""
    return await _one(context, "render", RenderView, render_id, sees)


@router.get("/publications", tags=["publications"], dependencies=[needs("publications:read")])
async def publications(
    context: TheContext,
    before: Cursor,
    sees: Sees,
    limit: Limit = 50,
    state: Literal["pending", "planned", "replaced", "done", "unconfirmed", "failed"] | None = None,
    render_id: Word = None,
    account_id: Word = None,
) -> Page[PublicationView]:
    """Publications, newest first."""
    return await _page(context, "publications", PublicationView, before, limit, sees, state, render_id, account_id)


@router.get("/publications/{publication_id}", tags=["publications"], dependencies=[needs("publications:read")])
async def publication(publication_id: str, context: TheContext, sees: Sees) -> PublicationView:
    """One publication."""
    return await _one(context, "publication", PublicationView, publication_id, sees)


@router.get("/failures", tags=["jobs"], dependencies=[needs("jobs:read")])
async def failures(
    context: TheContext, before: Cursor, sees: Sees, limit: Limit = 50, entity: Word = None
) -> Page[FailureView]:
    """What could not be done, newest first."""
    return await _page(context, "failures", FailureView, before, limit, sees, entity, place="sequence")


@router.get("/approvals", tags=["jobs"], dependencies=[needs("jobs:read")])
async def approvals(context: TheContext, before: Cursor, sees: Sees, limit: Limit = 50) -> Page[ApprovalView]:
    """What waits for a person, newest first."""
    return await _page(context, "approvals", ApprovalView, before, limit, sees)


@router.get("/jobs", tags=["jobs"], dependencies=[needs("jobs:read")])
async def jobs(
    context: TheContext,
    before: Cursor,
    sees: Sees,
    limit: Limit = 50,
    state: JobState | None = None,
    channel_id: Word = None,
) -> Page[JobSummary]:
    """Every candidate with how far it is, newest first."""
    return await _page(context, "jobs", JobSummary, before, limit, sees, state, channel_id)


@router.get("/jobs/{job_id}", tags=["jobs"], dependencies=[needs("jobs:read")])
async def job(job_id: str, context: TheContext, sees: Sees) -> JobView:
    """Every stage of a candidate, its renders and publications; found by the id of any of these, or of a scan."""
    there = await context.reads.job_of(job_id, owner=sees)
    if there is None:
        raise ProblemError(404, f"there is no job {job_id!r}", advice="See GET /api/v1/jobs for those that there are")
    found, owner = there
    stages = [StageView.model_validate(row) for row in await context.reads.stages(found, owner=owner)]
    about = await context.reads.one("candidate", found, owner=owner)
    scan = None if about else await context.reads.one("scan", found, owner=owner)
    row = about or scan or {}
    return JobView(
        job_id=found,
        owner=owner or None,
        kind="candidate" if about else "scan" if scan else "other",
        state=_state(found, stages),
        title=row.get("title"),
        url=row.get("url"),
        niche=row.get("niche"),
        sources=row.get("sources"),
        stages=stages,
        renders=list(dict.fromkeys(stage.entity for stage in stages if stage.stage == "render")),
        publications=list(dict.fromkeys(stage.entity for stage in stages if stage.stage == "publish")),
    )


def _state(job: str, stages: list[StageView]) -> JobState:
    """As the statement `jobs` says it of many."""
    states = {stage.state for stage in stages}
    if states & {"failed", "unconfirmed"}:
        return "failed"
    if "waiting" in states:
        return "waiting"
    pending = [stage for stage in stages if stage.state == "pending"]
    if any(stage.stage != "approve" or stage.entity == job for stage in pending):
        return "running"
    if "planned" in states:
        return "planned"
    if pending:
        return "rendered"  # nobody has said yet whether the shorts are published; without accounts nobody ever does
    return "rejected" if any(s.state == "rejected" and s.entity == job for s in stages) else "done"
