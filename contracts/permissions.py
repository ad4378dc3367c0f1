"""Who may do what: three roles, each with all that the one before it may, and permissions as `thing:verb`.

API tokens are narrowed by the same names: what a token may is what its user may and its scopes name.
"""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["COMMANDS", "LEAST_ROLE", "MEANINGS", "ROLES", "Permission", "Role", "allowed"]

Role = Literal["viewer", "creator", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""The least first."""

Permission = Literal[
    "candidates:read",
    "clips:read",
    "renders:read",
    "publications:read",
    "jobs:read",
    "events:read",
    "channels:read",
    "accounts:read",
    "webhooks:read",
    "health:read",
    "me:read",
    "me:write",
    "scans:write",
    "candidates:write",
    "clips:write",
    "renders:write",
    "publications:write",
    "channels:write",
    "accounts:write",
    "webhooks:write",
    "users:read",
    "users:write",
    "audit:read",
    "metrics:read",
]

_TABLE: tuple[tuple[Permission, Role, str], ...] = (
    ("candidates:read", "viewer", "see what was found, its score, and what was decided"),
    ("clips:read", "viewer", "see clips, their words and moments"),
    ("renders:read", "viewer", "see shorts and get their files"),
    ("publications:read", "viewer", "see what is published, planned or failed"),
    ("jobs:read", "viewer", "see stages, failures, and what waits for a person"),
    ("events:read", "viewer", "follow the event feed"),
    ("channels:read", "viewer", "see channels"),
    ("accounts:read", "viewer", "see platforms and publishing accounts"),
    ("webhooks:read", "viewer", "see webhooks and what came of their deliveries"),
    ("health:read", "viewer", "see whether the engine is ready"),
    ("me:read", "viewer", "see and export what is one's own: name, role, sessions, tokens, work"),
    ("me:write", "viewer", "change one's name and password, make and end tokens and sessions, delete oneself"),
    ("scans:write", "creator", "look for videos about a niche"),
    ("candidates:write", "creator", "approve and reject candidates"),
    ("clips:write", "creator", "make shorts of a video by its address or of an upload"),
    ("renders:write", "creator", "order shorts, and reject them"),
    ("publications:write", "creator", "publish shorts, and take posts down"),
    ("channels:write", "creator", "make, change and remove channels"),
    ("accounts:write", "creator", "connect and remove publishing accounts"),
    ("webhooks:write", "creator", "make, change and remove webhooks"),
    ("users:read", "admin", "see every user and invitation"),
    ("users:write", "admin", "invite, make, change and delete users and services"),
    ("audit:read", "admin", "see who did what, when and from where"),
    ("metrics:read", "admin", "read the figures of the whole engine"),
)
LEAST_ROLE: dict[Permission, Role] = {permission: role for permission, role, _ in _TABLE}
"""The least role that has each permission."""
MEANINGS: dict[Permission, str] = {permission: meaning for permission, _, meaning in _TABLE}
"""What each permission allows, for a person."""

COMMANDS: dict[str, Permission] = {
    "discovery.requested": "scans:write",
    "candidate.approved": "candidates:write",
    "candidate.rejected": "candidates:write",
    "render.requested": "renders:write",
    "render.rejected": "renders:write",
    "publish.requested": "publications:write",
}
"""What sending each command needs, by its subject."""


def allowed(role: Role) -> frozenset[Permission]:
    """Everything that a role may do."""
    return frozenset(each for each, least in LEAST_ROLE.items() if ROLES.index(least) <= ROLES.index(role))
