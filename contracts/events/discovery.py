"""Events about a search for videos."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from contracts.base import ChannelId, Name, Payload
from contracts.ids import digest
from contracts.work import SourceReport

__all__ = ["DiscoveryDone", "DiscoveryRequested"]

_SourceName = Annotated[str, StringConstraints(max_length=64)]


class DiscoveryRequested(Payload):
    """Look for videos about a niche."""

    niche: Annotated[str, Field(min_length=1, max_length=500, description="the topic, in words")]
    sources: Annotated[
        tuple[_SourceName, ...], Field(max_length=50, description="which sources; none: as the channel says")
    ] = ()
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
