"""What the publisher is asked about posts: what one would be, what waits, what is out, how it does."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.asks.question import Ask
from contracts.base import AccountId, Contract, Name, PublicationId, RenderId, Timestamp
from contracts.events import PublishRequested
from contracts.publishing import Metrics
from contracts.work import Publication

__all__ = [
    "DELETE",
    "METRICS",
    "PLAN",
    "PLANNED",
    "PUBLISHED",
    "CallView",
    "Counted",
    "Deleted",
    "Plan",
    "Planned",
    "Published",
    "RuleCheck",
    "Waiting",
    "WhichMetrics",
    "WhichPlanned",
    "WhichPost",
    "WhichPublications",
]


class RuleCheck(Contract):
    """One rule of a platform, and how a post stands to it."""

    name: str
    kept: bool
    found: str
    allowed: str
    fix: str = ""


class CallView(Contract):
    """One request that would be sent. Secrets, and what only the platform's answers tell, stand as `{…}` in it."""

    method: str
    url: str
    headers: dict[str, str] = Field(default={})
    body: str = Field(default="", description="text as it would be sent; files by name and size")


class Plan(Contract):
    """What a publication would do: nothing is sent, claimed or placed."""

    publication_id: PublicationId
    account_id: AccountId
    state: str = Field(description="how far it is: `new`, `waiting`, `sending`, `published`, …")
    when: str = Field(description="when it would go out, for a person")
    barred: str | None = Field(default=None, description="why it may not be published, and what to do; absent: it may")
    anew: RenderId | None = Field(
        default=None, description="the render that would be ordered, since this one does not suit"
    )
    title: str
    description: str
    tags: tuple[str, ...] = ()
    file: str = Field(description="the video that would be sent, with its shape, length and size")
    rules: tuple[RuleCheck, ...] = ()
    source: str = Field(description="where the rules are told")
    calls: tuple[CallView, ...] = ()


PLAN = Ask("publisher", "plan", PublishRequested, Plan)


class WhichMetrics(Contract):
    """Posts of one account, by the platform's own ids."""

    account_id: AccountId
    platform_ids: Annotated[tuple[Name, ...], Field(max_length=50)]


class Counted(Contract):
    """What the platform counts, by platform id; posts that it does not show are left out."""

    metrics: dict[str, Metrics]


METRICS = Ask("publisher", "metrics", WhichMetrics, Counted)


class WhichPlanned(Contract):
    """What waits on these accounts."""

    account_ids: Annotated[tuple[AccountId, ...], Field(max_length=1000)]


class Waiting(Contract):
    """A publication that is to be seen at a time; `wanted`: when a person wanted it to be."""

    publication_id: PublicationId
    account_id: AccountId
    at: Timestamp
    wanted: Timestamp | None = None


class Planned(Contract):
    """Everything that waits, the next first; at most 2,000, `left_off` says how many more there are."""

    waiting: tuple[Waiting, ...]
    left_off: int = 0


PLANNED = Ask("publisher", "planned", WhichPlanned, Planned)


class WhichPublications(Contract):
    """Publications, each one render on one account."""

    publication_ids: Annotated[tuple[PublicationId, ...], Field(max_length=1000)]


class Published(Contract):
    """Those of them that are out."""

    publications: tuple[Publication, ...]


PUBLISHED = Ask("publisher", "published", WhichPublications, Published)


class WhichPost(Contract):
    """A post, by the platform's own id."""

    account_id: AccountId
    platform_id: Name


class Deleted(Contract):
    """The platform has taken it down."""

    account_id: AccountId
    platform_id: Name


DELETE = Ask("publisher", "delete", WhichPost, Deleted)
