"""Channels: kept as contracts in the key-value bucket `channels`, so that actors need no database for them."""

from __future__ import annotations

from typing import Protocol

from contracts.work import Channel

__all__ = ["Channels"]


class Channels(Protocol):
    """Port of the channels."""

    async def get(self, channel_id: str) -> Channel:
        """The channel; `default` is always there. Raises `Reject` for one that nobody made."""
        ...

    async def put(self, channel: Channel) -> None:
        """Make or replace a channel."""
        ...

    async def all(self) -> list[Channel]:
        """Every channel, the default one first."""
        ...

    async def remove(self, channel_id: str) -> None:
        """Forget a channel; `default` is as it was made."""
        ...
