"""Every event and command on the bus. Past tense is a fact, `*Requested` is a command."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from contracts.base import (
    AccountId,
    CandidateId,
    ChannelId,
    MediaUri,
    Name,
    Payload,
    PublicationId,
    RecipeName,
    RenderId,
    Seconds,
    Timestamp,
    Unit,
)
from contracts.ids import candidate_id_for_url, digest, publication_id, render_id
from contracts.media import Candidate, Clip, MediaRef, Moment, Order, Recipe, Render, ScorePart, TranscriptRef
from contracts.work import Failure, Publication, SourceReport

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
    "PublishRequested",
    "PublishUnconfirmed",
    "RenderDone",
    "RenderRejected",
    "RenderRequested",
    "WorkFailed",
]


class DiscoveryRequested(Payload):
    """Look for videos about a niche."""

    niche: Annotated[str, Field(min_length=1, max_length=500, description="the topic, in words")]
    sources: tuple[str, ...] = Field(default=(), description="which sources; none: as the channel says")
    since_days: Annotated[
        float | None, Field(gt=0, le=3650, description="only videos published in the last N days")
    ] = None
    limit: Annotated[int, Field(ge=1, le=500, description="at most so many candidates per source")] = 25
    channel_id: ChannelId = "default"
    scan_id: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="to find the answer again")] = (
        None
    )

    @property
    def key(self) -> str:
        return self.scan_id or f"scan:{digest(self.niche, self.channel_id)}"


class DiscoveryDone(Payload):
    """A discovery has ended; every source says how it went."""

    scan_id: Name
    niche: str
    channel_id: ChannelId = "default"
    found: Annotated[int, Field(ge=0)]
    sources: tuple[SourceReport, ...]

    @property
    def key(self) -> str:
        return self.scan_id


class CandidateFound(Payload):
    """A source knows this video."""

    candidate: Candidate
    niche: str
    scan_id: Name
    channel_id: ChannelId = "default"

    @property
    def key(self) -> str:
        return self.candidate.candidate_id


class CandidateRanked(Payload):
    """A candidate with its score, part by part."""

    candidate: Candidate
    niche: str
    scan_id: Name
    channel_id: ChannelId = "default"
    score: Unit
    parts: tuple[ScorePart, ...]
    method: str = Field(description="name and version of what scored it, for example `local/1`")

    @property
    def key(self) -> str:
        return self.candidate.candidate_id


class CandidateApproved(Payload):
    """Make shorts of this video: one that was found (`candidate_id`), or any that a person points at (`url`).

    Both together only where the id is made from the address: rights that a source told are those of its own video.
    """

    candidate_id: CandidateId | None = None
    url: Annotated[str | None, Field(max_length=4096, description="http, https or file address of a video")] = None
    captions_url: Annotated[
        str | None, Field(max_length=4096, description="http, https or file address of its captions")
    ] = None
    channel_id: ChannelId = "default"
    niche: Annotated[str, Field(max_length=500)] = ""
    clips: Annotated[int | None, Field(ge=1, le=50, description="how many shorts; absent: as the channel says")] = None
    recipe: RecipeName | None = None
    approved_by: Annotated[str, Field(max_length=200)] = "operator"
    vouch: Annotated[
        bool, Field(description="the approver vouches for the rights where the source does not tell them")
    ] = False

    @field_validator("url", "captions_url")
    @classmethod
    def _has_scheme(cls, value: str | None) -> str | None:
        try:
            scheme = urlsplit(value).scheme if value is not None else "none"
        except ValueError:  # such as an unclosed bracket
            scheme = ""
        if not scheme:
            raise ValueError("needs a full address: https://… or file:///absolute/path")
        return value

    @field_validator("url")
    @classmethod
    def _is_the_candidate(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Else any file could be published with the licence and the credit of a candidate that has them."""
        candidate_id = info.data.get("candidate_id")
        if value is not None and candidate_id is not None and candidate_id_for_url(value) != candidate_id:
            raise ValueError(f"is not the address of {candidate_id}: give `candidate_id` or `url`, not both")
        return value

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.candidate_id is None and self.url is None:
            raise ValueError("give `url` (any video) or `candidate_id` (one that was found)")
        return self

    @property
    def key(self) -> str:
        return self.candidate_id or candidate_id_for_url(self.url or "")

    @property
    def order(self) -> Order:
        """What was asked for, as it travels on with the clip."""
        return Order(
            channel_id=self.channel_id,
            niche=self.niche,
            clips=self.clips,
            recipe=self.recipe,
            approved_by=self.approved_by,
        )


class CandidateRejected(Payload):
    """No shorts of this video."""

    candidate_id: CandidateId
    reason: Annotated[str, Field(max_length=1000)] = ""
    rejected_by: Annotated[str, Field(max_length=200)] = "operator"

    @property
    def key(self) -> str:
        return self.candidate_id


class ClipDownloaded(Payload):
    """The media of a candidate is in the media store."""

    clip: Clip
    order: Order = Order()

    @property
    def key(self) -> str:
        return self.clip.clip_id


class ClipTranscribed(Payload):
    """What is said in a clip is known, or why it is not."""

    clip: Clip
    order: Order = Order()
    transcript: TranscriptRef | None = None
    reason: Annotated[str | None, Field(description="why there is no transcript, and what would give one")] = None

    @property
    def key(self) -> str:
        return self.clip.clip_id


class ClipAnalyzed(Payload):
    """What is seen in a clip is known, and which moments can stand alone."""

    clip: Clip
    order: Order = Order()
    transcript: TranscriptRef | None = None
    analysis: MediaUri
    moments: tuple[Moment, ...]
    method: str

    @property
    def key(self) -> str:
        return self.clip.clip_id


class RenderRequested(Payload):
    """Make a short of this span of a clip."""

    clip_id: CandidateId
    start: Seconds
    end: Seconds
    recipe: Recipe = Recipe()
    channel_id: ChannelId = "default"
    title: Annotated[str, Field(max_length=300)] = ""
    reason: str = ""
    requested_by: Annotated[str, Field(max_length=200)] = "operator"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"end ({self.end}) must be later than start ({self.start})")
        return self

    @property
    def render_id(self) -> str:
        """Made from clip, span and recipe; fields at their default do not count, so that new ones change no id."""
        return render_id(self.clip_id, self.start, self.end, self.recipe.model_dump(mode="json", exclude_defaults=True))

    @property
    def key(self) -> str:
        return self.render_id


class RenderDone(Payload):
    """A short is finished and in the media store."""

    render: Render
    channel_id: ChannelId = "default"

    @property
    def key(self) -> str:
        return self.render.render_id


class RenderRejected(Payload):
    """A finished short is not to be published."""

    render_id: RenderId
    reason: Annotated[str, Field(max_length=1000)] = ""
    rejected_by: Annotated[str, Field(max_length=200)] = "operator"

    @property
    def key(self) -> str:
        return self.render_id


class ApprovalAsked(Payload):
    """No rule decides: a person is asked. The answer is the plain command itself."""

    about: Literal["candidate", "render"]
    id: Annotated[Name, Field(description="the candidate_id or render_id in question")]
    channel_id: ChannelId = "default"
    title: str
    reason: Annotated[str, Field(description="why no rule decides")]
    yes: Literal["candidate.approved", "publish.requested"]
    no: Literal["candidate.rejected", "render.rejected"]
    accounts: tuple[AccountId, ...] = ()

    @property
    def key(self) -> str:
        return self.id


class PublishRequested(Payload):
    """Publish a finished short on an account."""

    render_id: RenderId
    account_id: AccountId
    channel_id: ChannelId = "default"
    title: Annotated[str | None, Field(max_length=300, description="absent: the render's own")] = None
    description: Annotated[str | None, Field(max_length=5000, description="absent: the render's own")] = None
    requested_by: Annotated[str, Field(max_length=200)] = "operator"

    @property
    def publication_id(self) -> str:
        """Made from render and account, so it happens once."""
        return publication_id(self.render_id, self.account_id)

    @property
    def key(self) -> str:
        return self.publication_id


class PublishDone(Payload):
    """A short is published."""

    publication: Publication

    @property
    def key(self) -> str:
        return self.publication.publication_id


class PublishUnconfirmed(Payload):
    """Whether it was published cannot be found out; a person has to look."""

    publication_id: PublicationId
    render_id: RenderId
    account_id: AccountId
    reason: str
    advice: str

    @property
    def key(self) -> str:
        return self.publication_id


class MediaArchived(Payload):
    """What was made is written down: a manifest with the checksum of every file."""

    about: Literal["render", "publication"]
    id: Name
    manifest: MediaRef
    files: tuple[MediaRef, ...]
    archived_at: Timestamp

    @property
    def key(self) -> str:
        return self.id


class MediaPurged(Payload):
    """Files were deleted, by the rule that is named."""

    id: Name
    uris: tuple[MediaUri, ...]
    bytes: Annotated[int, Field(ge=0)]
    rule: str

    @property
    def key(self) -> str:
        return self.id


class WorkFailed(Payload):
    """Something could not be done."""

    failure: Failure

    @property
    def key(self) -> str:
        return self.failure.entity
