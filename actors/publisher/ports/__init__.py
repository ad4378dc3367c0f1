"""What the publisher needs of the outside: platforms, the people's accounts on them, and a way to send requests."""

from __future__ import annotations

from actors.publisher.ports.accounts import (
    Asked,
    Consent,
    Grant,
    NeedsApp,
    Owner,
    Revokes,
    Session,
    Tokens,
    Vault,
    secrets_of,
)
from actors.publisher.ports.calendar import Calendar, Place, Planned, Timers
from actors.publisher.ports.errors import LostError, NotSentError, RevokedError, UnconfirmedError
from actors.publisher.ports.platforms import Locates, Moves, Platform, Sessions, Steps
from actors.publisher.ports.posts import Film, Post, Posted
from actors.publisher.ports.requests import Answer, Api, Call, Part, Piece

__all__ = [
    "Answer",
    "Api",
    "Asked",
    "Calendar",
    "Call",
    "Consent",
    "Film",
    "Grant",
    "Locates",
    "LostError",
    "Moves",
    "NeedsApp",
    "NotSentError",
    "Owner",
    "Part",
    "Piece",
    "Place",
    "Planned",
    "Platform",
    "Post",
    "Posted",
    "RevokedError",
    "Revokes",
    "Session",
    "Sessions",
    "Steps",
    "Timers",
    "Tokens",
    "UnconfirmedError",
    "Vault",
    "secrets_of",
]
