"""Events about shorts on accounts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from contracts.base import AccountId, ChannelId, Payload, PublicationId, RenderId, Timestamp
from contracts.ids import publication_id
from contracts.work import Publication

__all__ = ["PublishDone", "PublishPlanned", "PublishRequested", "PublishUnconfirmed"]


class PublishRequested(Payload):
    """Publish a finished short on an account."""

    render_id: RenderId
    account_id: AccountId
    channel_id: ChannelId = "default"
    title: Annotated[str | None, Field(max_length=300, description="absent: the render's own")] = None
    description: Annotated[str | None, Field(max_length=5000, description="absent: the render's own")] = None
    requested_by: Annotated[str, Field(max_length=200)] = "operator"
    publish_at: Annotated[
        Timestamp | None,
        Field(description="when it goes out; absent: in the next slot of the channel's schedule, else at once"),
    ] = None
    vouch: Annotated[
        bool, Field(description="whoever asks vouches for rights that the channel's rules do not allow by themselves")
    ] = False
    outcome: Annotated[
        Literal["there", "not_there"] | None,
        Field(
            description="what a person found who looked after `publish.unconfirmed`: `there` writes it down as "
            "published, `not_there` tries again"
        ),
    ] = None
    url: Annotated[
        str | None, Field(max_length=2000, validate_default=True, description="where it was found, if it is `there`")
    ] = None

    @field_validator("url")
    @classmethod
    def _found(cls, url: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("outcome") == "there" and not (url and url.strip()):
            raise ValueError("what is `there` has an address: say where it was found")
        return url

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


class PublishPlanned(Payload):
    """It is not published now: it waits for its time (`at`), or for another render of the same moment (`anew`)."""

    publication_id: PublicationId
    render_id: RenderId
    account_id: AccountId
    at: Timestamp | None = Field(default=None, description="when it is to be seen")
    anew: RenderId | None = Field(
        default=None, description="the render that was ordered and is published instead, since this one does not suit"
    )
    note: str = Field(default="", description="why, for a person")

    @property
    def key(self) -> str:
        return self.publication_id


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
