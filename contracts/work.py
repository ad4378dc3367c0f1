"""Value types of the work itself: channels and their rules, publications, failures."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from contracts.base import (
    AccountId,
    ChannelId,
    Contract,
    Name,
    PublicationId,
    RecipeName,
    RenderId,
    Timestamp,
    Unit,
)
from contracts.publishing import Schedule, Wording
from contracts.renders import Recipe
from contracts.style import Label

__all__ = ["Channel", "Failure", "Publication", "Rules", "SourceReport"]

RightsRule = Literal["owned", "licensed", "permission", "any"]


class Rules(Contract):
    """What a channel does by itself. What no rule decides, a person is asked."""

    approve_from: Annotated[
        Unit | None, Field(description="score from which a candidate is approved; none: always ask")
    ] = 0.5
    approve_sources: tuple[str, ...] = Field(
        default=("folder",), description="sources whose candidates are approved at any score"
    )
    reject_below: Unit = Field(default=0.15, description="score below which a candidate is rejected without asking")
    rights: tuple[RightsRule, ...] = Field(
        default=("owned", "licensed", "permission"),
        description="what may be published without a person vouching for it",
    )
    publish: Literal["always", "ask"] = Field(default="always", description="publish finished shorts, or ask first")


class Channel(Contract):
    """What a person runs: niches to watch, sources, rules, look, targets."""

    channel_id: ChannelId = "default"
    title: str = "Default channel"
    owner: Name | None = Field(default=None, description="id of the user whose it is; absent: the operator's")
    niches: tuple[str, ...] = ()
    sources: tuple[str, ...] = Field(default=(), description="discovery sources; none: every source that is set up")
    rules: Rules = Rules()
    clips: Annotated[int, Field(ge=1, le=50, description="shorts to make from one source at most")] = 4
    min_score: Unit = Field(default=0.0, description="score below which a moment is not rendered")
    model_budget_usd: Annotated[
        float | None,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="USD a day (UTC) that models may cost that judge moments; transcription by a service is not "
            "among it. Beyond it, what is found on this machine alone is used. 0: no model is asked; absent: "
            "CLIPWIRE_VLM_BUDGET_USD",
        ),
    ] = None
    recipe: RecipeName = "default"
    recipes: tuple[Recipe, ...] = (Recipe(),)
    targets: tuple[AccountId, ...] = Field(default=("outbox:default",), description="accounts that get every short")
    schedule: Schedule | None = Field(default=None, description="when shorts go out; absent: as soon as they are ready")
    wording: Wording = Wording()
    wordings: dict[Label, Wording] = Field(default={}, description="other templates for some platforms, by their names")


class Publication(Contract):
    """One render on one account."""

    publication_id: PublicationId
    render_id: RenderId
    account_id: AccountId
    platform: str
    platform_id: str = Field(description="the platform's own id of the post; empty: only its address is known")
    url: str = Field(description="where it is watched")
    published_at: Timestamp
    title: str
    description: str = ""
    notes: tuple[str, ...] = Field(
        default=(), description="what could not be added to it, such as a thumbnail, and why"
    )


class Failure(Contract):
    """What happened, to what, and what to do next."""

    stage: Name = Field(description="the actor or door that gave up")
    subject: Name = Field(description="subject of the message that could not be done")
    event_id: Name = Field(description="id of that message")
    entity: Name = Field(description="the candidate, render or publication that it was about; else the message id")
    kind: Literal["invalid", "rejected", "exhausted", "crashed"] = Field(
        description="`invalid`: fits no contract; `rejected`: can never work; `exhausted`: tried often enough; "
        "`crashed`: ends its worker"
    )
    what: str = Field(max_length=4000, description="what happened, for a person")
    advice: str = Field(max_length=4000, description="what to do next, for a person")
    field: str | None = Field(default=None, description="the field that does not fit, as a path")
    attempts: Annotated[int, Field(ge=1)] = 1


class SourceReport(Contract):
    """How one source answered one discovery."""

    source: str
    status: Literal["ok", "not_configured", "failed", "timeout"]
    found: int = 0
    took: timedelta = timedelta(0)
    reason: str | None = Field(default=None, description="why it is not `ok`, and what to do")
