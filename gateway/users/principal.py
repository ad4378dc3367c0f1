"""Who asks: a user by a session or a token of theirs, or the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.permissions import Permission, Role, allowed
from gateway.users.errors import ForbiddenError

__all__ = ["OPERATOR", "Principal", "User", "Via"]

Via = Literal["operator", "session", "token"]


@dataclass(frozen=True)
class User:
    """A person, or a service: a program that has tokens and no password. A disabled one may do nothing."""

    id: str
    name: str
    role: Role
    made_at: datetime
    service: bool = False
    disabled_at: datetime | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this user may do now."""
        return frozenset() if self.disabled_at else allowed(self.role)


@dataclass(frozen=True)
class Principal:
    """Who sent a request. `user`: none is the operator, whoever holds the token of this machine.

    `scopes`: what an API token is narrowed to; none: everything that the user may. `key`: id of the session or token.
    """

    user: User | None
    via: Via
    scopes: frozenset[Permission] | None = None
    key: str | None = None

    @property
    def owner(self) -> str | None:
        """For the envelope of commands: whose it is what comes of them. None: the operator's."""
        return self.user.id if self.user else None

    @property
    def name(self) -> str:
        """For people, as in `approved_by`."""
        return self.user.name if self.user else "operator"

    @property
    def role(self) -> Role:
        """The operator is an admin."""
        return self.user.role if self.user else "admin"

    @property
    def sees(self) -> str | None:
        """The owner whose things alone are seen; None: those of all."""
        return None if self.role == "admin" or self.user is None else self.user.id

    def may(self, permission: Permission) -> bool:
        """Whether the role has it and, where a token asks, its scopes name it."""
        permissions = self.user.permissions if self.user else allowed("admin")
        return permission in permissions and (self.scopes is None or permission in self.scopes)

    def may_all_of(self, role: Role) -> bool:
        """Whether nothing that the role may is closed to whoever asks."""
        return all(self.may(permission) for permission in allowed(role))

    def given(self, role: Role) -> Role:
        """The role that this one gives somebody. Raises `ForbiddenError`: no token makes who may more than itself."""
        if not self.may_all_of(role):
            raise ForbiddenError(f"role: this token's scopes are fewer than what a {role} may", field="role")
        return role


OPERATOR = Principal(None, "operator")
