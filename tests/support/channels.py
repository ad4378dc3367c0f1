"""Channels in memory, as they behave on the server, for tests of one handler without a bus."""

from __future__ import annotations

from contracts.work import Channel
from runtime.errors import Reject

__all__ = ["MemoryChannels"]


class MemoryChannels:
    """See `runtime.channels.Channels`."""

    def __init__(self, *channels: Channel) -> None:
        self._kept = {channel.channel_id: channel for channel in channels}

    async def get(self, channel_id: str) -> Channel:
        """See `Channels.get`."""
        if channel_id in self._kept:
            return self._kept[channel_id]
        if channel_id == "default":
            return Channel()
        raise Reject(f"there is no channel {channel_id!r}", advice="Make it, or use `default`", field="channel_id")

    async def put(self, channel: Channel) -> None:
        """See `Channels.put`."""
        self._kept[channel.channel_id] = channel

    async def remove(self, channel_id: str) -> None:
        """See `Channels.remove`."""
        self._kept.pop(channel_id, None)

    async def all(self) -> list[Channel]:
        """See `Channels.all`."""
        return [await self.get(name) for name in ("default", *sorted(self._kept.keys() - {"default"}))]
