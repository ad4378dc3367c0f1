"""Events about videos that somebody published."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from contracts.base import CandidateId, ChannelId, Name, Payload, RecipeName, Unit
from contracts.ids import candidate_id_for_url
from contracts.media import Candidate, Order, ScorePart

__all__ = ["CandidateApproved", "CandidateFound", "CandidateRanked", "CandidateRejected"]


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
