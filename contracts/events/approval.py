"""The question to a person."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import AccountId, ChannelId, Name, Payload

__all__ = ["ApprovalAsked"]


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
