"""What the publisher works with, and a request that is being worked on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actors.publisher.adapters.preparing import platform_of
from actors.publisher.adapters.timers import brought
from actors.publisher.ports import Calendar, Platform, Sessions, Timers
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import BEGUN, ClaimedSteps, Clock, now
from contracts.events import PublishRequested
from runtime.actor import Work
from runtime.channels import Channels
from runtime.claims import Claim, Claims
from runtime.media import MediaStore

__all__ = ["Desk", "TakenRequest"]


@dataclass(frozen=True)
class Desk:
    """What the publisher works with. `slowest`: seconds until what does not answer is asked again, at most."""

    settings: PublisherSettings
    media: MediaStore
    claims: Claims
    channels: Channels
    platforms: Mapping[str, Platform]
    sessions: Sessions
    calendar: Calendar
    timers: Timers
    clock: Clock = now
    slowest: float = 600.0


class TakenRequest:
    """A request whose publication's claim was taken: how far it got is written down here. `whose`: the user for whom
    it is followed; none: the operator."""

    def __init__(self, desk: Desk, request: PublishRequested, work: Work, claim: Claim, whose: str | None) -> None:
        self.desk = desk
        self.request = request
        self.work = work
        self.whose = whose
        self.steps = ClaimedSteps(
            desk.claims,
            claim,
            clock=desk.clock,
            quarantine=desk.settings.publisher_quarantine_s,
            patience=desk.settings.publisher_patience_s,
        )
        self.platform = platform_of(desk.platforms, request.account_id)

    @property
    def claim(self) -> Claim:
        """As it was written last."""
        return self.steps.claim

    @property
    def timed(self) -> str:
        """When it was ordered (ISO 8601, UTC): what a timer brings, or an older order, leaves what the claim has."""
        event = self.work.event
        kept: str | None = self.claim.data.get("timed")
        if kept is not None and (brought(event) or event.time < datetime.fromisoformat(kept)):
            return kept
        return event.time.isoformat()

    async def advance(self, step: str, **data: Any) -> Claim:
        """Write a step down, as this order's."""
        event = self.work.event
        if event.owner is None:
            data["operator"] = True
        if self.claim.step not in BEGUN:
            data["whose"] = self.whose
        self.steps.claim = await self.desk.claims.advance(self.claim, step, owner=event.id, **data)
        return self.claim
