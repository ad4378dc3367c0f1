"""Events about finished shorts."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.base import AccountId, CandidateId, ChannelId, Payload, RenderId, Seconds
from contracts.ids import render_id
from contracts.publishing import PublishWish
from contracts.renders import Recipe, Render

__all__ = ["RenderDone", "RenderRejected", "RenderRequested"]


class RenderRequested(Payload):
    """Make a short of this span of a clip."""

    clip_id: CandidateId
    start: Seconds
    end: Seconds
    recipe: Recipe = Recipe()
    channel_id: ChannelId = "default"
    title: Annotated[str, Field(max_length=300)] = ""
    reason: Annotated[str, Field(max_length=1000, description="why this span")] = ""
    requested_by: Annotated[str, Field(max_length=200)] = "operator"
    accounts: Annotated[
        tuple[AccountId, ...] | None,
        Field(max_length=100, description="accounts that get it; absent: the targets of the channel"),
    ] = None
    publish: PublishWish | None = Field(default=None, description="how they get it; absent: as the channel's rules say")

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
    accounts: Annotated[
        tuple[AccountId, ...] | None, Field(description="accounts that get it; absent: the targets of the channel")
    ] = None
    publish: PublishWish | None = Field(default=None, description="how they get it; absent: as the channel's rules say")

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
