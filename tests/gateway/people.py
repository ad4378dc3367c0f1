"""Users of the tests, and clients that ask as them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from contracts.permissions import Permission, Role

__all__ = ["PASSWORD", "Asking", "MakeUser", "log_in", "register"]

PASSWORD = "four words and a dash"


@dataclass
class Asking:
    """One user, logged in. `client` asks as them."""

    id: str
    name: str
    client: httpx.AsyncClient
    refresh_token: str

    async def token(self, *scopes: Permission, title: str = "for a test") -> str:
        """A new API token of theirs."""
        made = await self.client.post("/users/me/tokens", json={"title": title, "scopes": list(scopes)})
        assert made.status_code == 201, made.text
        text: str = made.json()["token"]
        return text


MakeUser = Callable[..., Awaitable[Asking]]


async def register(operator: httpx.AsyncClient, name: str, role: Role | None = None) -> None:
    asked = {"name": name, "password": PASSWORD, **({"role": role} if role else {})}
    answer = await operator.post("/auth/register", json=asked)
    assert answer.status_code == 201, answer.text


async def log_in(anybody: httpx.AsyncClient, name: str, password: str = PASSWORD) -> dict[str, str]:
    answer = await anybody.post("/auth/login", json={"name": name, "password": password})
    assert answer.status_code == 200, answer.text
    told: dict[str, str] = answer.json()
    return told
