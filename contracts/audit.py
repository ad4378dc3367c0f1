"""An entry of the audit, as it is told on the bus; the table `users.audit` is what is kept."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from contracts.base import Contract, Name, Timestamp

__all__ = ["AUDIT", "AuditEntry"]

AUDIT = "audit"
"""First token of the core NATS subjects `audit.<action>`; they are not kept on a stream."""


class AuditEntry(Contract):
    """Who did what, when and from where. `via`: `session`, `token`, `operator`, or `none` where nobody knows,
    or where it was no person but the door itself.
    """

    id: int
    at: Timestamp
    action: Name = Field(pattern=r"^[a-z]+\.[a-z_]+$", description="for example `login.failed`")
    user_id: Name | None = None
    name: Name = ""
    via: Name
    about: Name | None = None
    address: Name
    details: dict[str, Any] = Field(default={})
