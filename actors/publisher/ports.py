"""What the publisher needs of a platform. One adapter each, in `adapters/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from contracts.renders import Render

__all__ = ["Note", "Platform", "Post", "Posted", "UnconfirmedError"]


@dataclass(frozen=True)
class Post:
    """A render as it is to appear on one account. `publication_id` is the marker to leave on the platform."""

    publication_id: str
    account_id: str
    account: str
    render: Render
    title: str
    description: str


@dataclass(frozen=True)
class Posted:
    """How the platform knows it. The same answer every time it is asked."""

    platform_id: str
    url: str
    published_at: datetime


class UnconfirmedError(Exception):
    """The platform cannot tell whether the post is there; a person has to look. `advice` says where."""

    def __init__(self, reason: str, *, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class Note(Protocol):
    """Writes progress down, in the claim, before it returns: an upload session, a container id, the id of the post."""

    async def __call__(self, **data: Any) -> None:
        """Keep JSON values under names; they come back as `noted` after a crash. Raises `ClaimLost`: stop at once."""
        ...


class Platform(Protocol):
    """A place to publish to. Every method may raise `Retry` or `Unavailable`.

    An adapter with several steps (open a session, send bytes, confirm) looks at `noted` to see how far it got, and
    calls `note` before a step that it could not recognise afterwards.
    """

    @property
    def exclusive(self) -> bool:
        """Whether the platform itself cannot hold one publication twice, whoever sends it at the same time."""
        ...

    async def check(self, post: Post) -> None:
        """Before the first byte: account, limits, room. Raises `Reject` for what the platform will never take."""
        ...

    async def find(self, post: Post, noted: Mapping[str, Any]) -> Posted | None:
        """Ask the platform for the post, by what was noted or by its marker. Raises `UnconfirmedError`."""
        ...

    async def publish(self, post: Post, noted: Mapping[str, Any], note: Note) -> Posted:
        """Send it. Raises `Reject` only where it is certain that nothing was published."""
        ...
