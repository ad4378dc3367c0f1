"""What the HTTP door answers, as models, so that the OpenAPI document tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.media import Candidate, Clip, ScorePart, TranscriptRef
from contracts.renders import Render
from contracts.sight import Moment
from contracts.work import Publication, SourceReport
from gateway.http.cursor import encode_cursor

__all__ = [
    "Accepted",
    "ApprovalView",
    "CandidateView",
    "ClipView",
    "FailureView",
    "JobSummary",
    "JobView",
    "Page",
    "PublicationView",
    "RenderView",
    "StageView",
    "paged",
]

T = TypeVar("T")


class View(BaseModel):
    """Made from a row of a read model; columns that are not shown are left out."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)


Owner = Annotated[str | None, Field(description="id of the user whose it is; absent: the operator's")]


class Page(BaseModel, Generic[T]):
    """A page of a list, newest first."""

    items: list[T]
    next: Annotated[str | None, Field(description="`cursor` of the next page; absent: this is the last one")] = None


V = TypeVar("V", bound=BaseModel)


def paged(view: type[V], rows: Sequence[Mapping[str, Any]], limit: int, *, place: str = "number") -> Page[V]:
    """Of `rows`, one more than `limit` where there is a further page; `place`: the column that they are ordered by."""
    following = encode_cursor(rows[limit - 1][place]) if len(rows) > limit else None
    return Page[V](items=[view.model_validate(row) for row in rows[:limit]], next=following)


class Accepted(BaseModel):
    """A command is on the stream. What comes of it is seen in the job and on the event feed."""

    event_id: str
    sequence: Annotated[int, Field(description="its place in the stream")]
    subject: str
    job: Annotated[str, Field(description="id for `GET /api/v1/jobs/{id}`")]
    duplicate: Annotated[bool, Field(description="it was there already: nothing happens twice")] = False


class PublicationAccepted(Accepted):
    """As `Accepted`; where the post is out already, nothing more comes of it."""

    out_at: Annotated[
        str | None, Field(description="where it is out already; absent: it is not, as far as is known")
    ] = None


class CandidateView(View):
    """A candidate: what its source tells, its score, and what was decided."""

    candidate_id: str
    state: Literal["found", "ranked", "asked", "approved", "rejected"]
    updated_at: AwareDatetime
    owner: Owner = None
    title: str | None = None
    url: str | None = None
    channel_id: str | None = None
    niche: str | None = None
    scan_id: str | None = None
    source: str | None = None
    score: float | None = None
    method: str | None = None
    parts: list[ScorePart] | None = None
    decided_by: str | None = None
    decision_reason: str | None = None
    candidate: Candidate | None = None


class ClipView(View):
    """The media of a candidate, and what is known of it."""

    clip_id: str
    state: Literal["downloaded", "transcribed", "analyzed"]
    updated_at: AwareDatetime
    owner: Owner = None
    title: str | None = None
    channel_id: str | None = None
    clip: Clip | None = None
    transcript: TranscriptRef | None = None
    no_transcript: Annotated[str | None, Field(description="why there is no transcript")] = None
    method: str | None = None
    moments: list[Moment] | None = None


class RenderView(View):
    """A short: ordered, finished, failed or rejected."""

    render_id: str
    state: Literal["pending", "done", "failed", "rejected"]
    updated_at: AwareDatetime
    owner: Owner = None
    clip_id: str | None = None
    channel_id: str | None = None
    title: str | None = None
    start: float | None = Field(default=None, validation_alias="start_s")
    end: float | None = Field(default=None, validation_alias="end_s")
    reject_reason: str | None = None
    render: Render | None = None


class PublicationView(View):
    """A render on an account."""

    publication_id: str
    state: Literal["pending", "planned", "replaced", "done", "unconfirmed", "failed"]
    updated_at: AwareDatetime
    owner: Owner = None
    render_id: str | None = None
    account_id: str | None = None
    channel_id: str | None = None
    title: str | None = None
    requested_by: str | None = None
    planned_at: AwareDatetime | None = None
    planned_note: str | None = None
    anew: str | None = Field(default=None, description="the render that is published instead")
    unconfirmed_reason: str | None = None
    unconfirmed_advice: str | None = None
    failed_what: str | None = None
    failed_advice: str | None = None
    publication: Publication | None = None


class FailureView(View):
    """What happened, to what, and what to do next."""

    sequence: int
    time: AwareDatetime
    entity: str
    stage: str
    actor: str
    subject: str
    event_id: str
    kind: str
    what: str
    advice: str
    field: str | None = None
    attempts: int
    owner: Owner = None


class ApprovalView(View):
    """A question that waits for a person. The answer is the command that `yes` or `no` names."""

    about: Literal["candidate", "render"]
    id: str
    updated_at: AwareDatetime
    owner: Owner = None
    channel_id: str | None = None
    title: str
    reason: str
    yes: str
    no: str
    accounts: list[str]


class StageView(View):
    """How one stage of one thing stands."""

    stage: str
    entity: Annotated[str, Field(description="the candidate, render, publication or scan that it is about")]
    state: Annotated[
        str, Field(description="`pending`, `waiting` (for a person), `done`, `failed`, `rejected`, `unconfirmed`, …")
    ]
    time: Annotated[AwareDatetime, Field(description="since when it is in this state")]
    since: Annotated[AwareDatetime | None, Field(description="when its turn came last")] = None
    sequence: Annotated[int, Field(description="the event in the stream that says so")]
    event_id: str | None = None
    failure: dict[str, Any] | None = None


JobState = Literal["running", "waiting", "planned", "failed", "rejected", "rendered", "done"]
State = Annotated[
    JobState,
    Field(
        description="`running`; `waiting` for a person; `failed`: something in it failed, the rest may go on; "
        "`rejected`; `rendered`: the shorts are finished, and not (yet) ordered for publishing; `done`: that was all"
    ),
]


class JobSummary(View):
    """A candidate with how far it is."""

    job_id: str
    state: State
    owner: Owner = None
    updated_at: AwareDatetime | None = None
    title: str | None = None
    url: str | None = None
    channel_id: str | None = None
    score: float | None = None
    renders_done: int = 0
    publications_done: int = 0
    failed: int = 0


class JobView(View):
    """Every stage of one candidate (or of one scan, or of a message that fits no contract)."""

    job_id: str
    kind: Literal["candidate", "scan", "other"]
    state: State
    owner: Owner = None
    title: str | None = None
    url: str | None = None
    niche: str | None = None
    sources: list[SourceReport] | None = None
    stages: list[StageView]
    renders: list[str] = []
    publications: list[str] = []
