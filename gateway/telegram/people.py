"""Who is behind a chat, and what they may do: asked anew for every update, because roles change."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.permissions import COMMANDS, Role, allowed
from gateway.users.principal import User
from gateway.users.users import Users

__all__ = ["OPERATOR", "People", "Person"]

OPERATOR = "operator"


@dataclass(frozen=True)
class Person:
    """A user; without an id the operator."""

    user_id: str | None
    name: str
    role: Role

    @property
    def sees(self) -> str | None:
        """The owner whose things alone are seen; None: those of all."""
        return None if self.role == "admin" else self.user_id

    def may_touch(self, owner: str | None) -> bool:
        """Whether what belongs to `owner` (None: the operator) is theirs to decide about."""
        return self.role == "admin" or owner == self.user_id

    def may_send(self, subject: str) -> bool:
        """Whether the role has the permission that a command needs."""
        return COMMANDS[subject] in allowed(self.role)


class People:
    """The users, and the operator, who is an admin."""

    def __init__(self, users: Users) -> None:
        self._users = users

    async def user(self, user_id: str) -> User | None:
        """The user of this id; none, if there is none any more."""
        return await self._users.get(user_id)

    async def person(self, user_id: str | None) -> Person | None:
        """Who that is; none for a user who is there no more, or is locked."""
        if user_id is None:
            return Person(None, OPERATOR, "admin")
        user = await self.user(user_id)
        return Person(user.id, user.name, user.role) if user is not None and user.disabled_at is None else None
