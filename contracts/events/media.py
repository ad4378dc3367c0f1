"""Events about files that are kept or deleted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import MediaUri, Name, Payload, Timestamp
from contracts.media import MediaRef

__all__ = ["MediaArchived", "MediaPurged"]


class MediaArchived(Payload):
    """What was made is written down: a manifest with the checksum of every file."""

    about: Literal["render", "publication"]
    id: Name
    manifest: MediaRef
    files: tuple[MediaRef, ...]
    archived_at: Timestamp

    @property
    def key(self) -> str:
        return self.id


class MediaPurged(Payload):
    """Files were deleted, by the rule that is named."""

    id: Name
    uris: tuple[MediaUri, ...]
    bytes: Annotated[int, Field(ge=0)]
    rule: str

    @property
    def key(self) -> str:
        return self.id
