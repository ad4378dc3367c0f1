"""Two platforms for tests of accounts: `tube` with a consent page, and `garden`, where one types in a password."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import ClassVar

from actors.publisher.adapters.platforms.oauth import CodeGrant, tokens_of
from actors.publisher.core.limits import Limits, Text
from actors.publisher.ports import (
    Api,
    Asked,
    Call,
    Consent,
    Grant,
    Owner,
    Platform,
    Post,
    Posted,
    RevokedError,
    Session,
    Steps,
    Tokens,
)
from actors.publisher.store import now
from contracts.publishing import Account, Metrics
from runtime.errors import Reject
from tests.publisher.oauth_server import CLIENT_ID, CLIENT_SECRET

__all__ = ["URL", "Garden", "Tube", "platforms"]

URL = "TUBE_URL"


class Tube:
    """A platform whose accounts are connected on a consent page."""

    name: ClassVar[str] = "tube"
    limits = Limits(source="tests", description=Text(5000))

    def __init__(self, url: str, *, client_id: str = CLIENT_ID) -> None:
        self.url = url
        self.grant: Grant | None = CodeGrant(
            service="Tube",
            setting="CLIPWIRE_TUBE",
            authorize_url=f"{url}/authorize",
            token_url=f"{url}/token",
            revoke_url=f"{url}/revoke",
            client_id=client_id,
            client_secret=CLIENT_SECRET,
            scopes=("post",),
        )

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        headers = {"Authorization": f"Bearer {tokens.access}"}
        answer = await api.ask(Call("GET", f"{self.url}/me", headers=headers))
        names = answer.json()["channels"]
        if not names:
            raise Reject(f"there is no channel behind {tokens.access}", advice="Make one there")
        return [Owner(name=name, title=name.title(), tokens=tokens, details={"kind": "channel"}) for name in names]

    async def check(self, session: Session, post: Post) -> None:
        return None

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        async def make() -> str:
            answer = await session.make(Call("POST", f"{self.url}/videos", body=post.film.path.read_bytes()))
            if not answer.ok:
                raise Reject(f"Tube takes no videos from {post.account_id}: HTTP {answer.status}")
            return str(answer.json()["id"])

        async def ask() -> str | None:
            return None

        made = await steps.once("post", make, ask=ask)
        return Posted(made, f"{self.url}/videos/{made}", session.now)

    async def find(self, session: Session, post: Post) -> Posted | None:
        return None

    async def delete(self, session: Session, platform_id: str) -> None:
        raise Reject("Tube deletes nothing")

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        return {}

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        return [Call("POST", f"{self.url}/videos")]


class PasswordGrant:
    """See `Grant`: a handle and a password that a person types in, as Bluesky has it."""

    asks = (Asked("handle", "Handle"), Asked("password", "App password", secret=True))

    def __init__(self, url: str) -> None:
        self._url = url

    async def consent(
        self, api: Api, given: Mapping[str, str], *, state: str, verifier: str, redirect_uri: str
    ) -> Consent | None:
        return None

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        answer = await api.ask(Call("POST", f"{self._url}/session", json=dict(given)))
        if not answer.ok:
            raise Reject(f"Garden did not let you in: {answer.json()['message']}", advice="Check the app password")
        return tokens_of(answer.json(), now())

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        raise RevokedError("Garden renews nothing")


class Garden(Tube):
    """A platform whose accounts are connected with what a person types in."""

    name: ClassVar[str] = "garden"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.grant = PasswordGrant(url)


def platforms(url: str = "") -> dict[str, Platform]:
    """Both, on the server at `url`; without one, on that of the environment."""
    both: list[Platform] = [Tube(url or os.environ[URL]), Garden(url or os.environ[URL])]
    return {platform.name: platform for platform in both}
