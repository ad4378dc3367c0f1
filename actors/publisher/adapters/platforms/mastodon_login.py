"""How an account of a Mastodon instance is connected: Clipwire registers itself there, and the person agrees to it.

Source: docs.joinmastodon.org, methods `apps` and `oauth`. Every instance has apps of its own; tokens do not expire.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actors.publisher.adapters.http import said
from actors.publisher.adapters.platforms.addresses import first_answer, server_address
from actors.publisher.adapters.platforms.answers import words_in
from actors.publisher.adapters.platforms.oauth import CodeGrant
from actors.publisher.ports import Answer, Api, Asked, Call, Consent, RevokedError, Tokens
from runtime.errors import Reject

__all__ = ["SCOPES", "InstanceGrant", "reason_of"]

SCOPES = ("read:accounts", "read:statuses", "write:media", "write:statuses")


@dataclass(frozen=True)
class InstanceGrant:
    """See `Grant`. `base_url`: the instance that is offered."""

    base_url: str = ""

    @property
    def asks(self) -> Sequence[Asked]:
        """See `Grant.asks`."""
        address = "Address of the instance, as https://mastodon.example.org"
        return (Asked("base_url", address, default=self.base_url or None),)

    async def consent(
        self, api: Api, given: Mapping[str, str], *, state: str, verifier: str, redirect_uri: str
    ) -> Consent | None:
        """See `Grant.consent`. An app that nobody agrees to is worth nothing, so it is registered for each consent."""
        base = server_address(given.get("base_url") or self.base_url, "Mastodon instance")
        form = {"client_name": "Clipwire", "redirect_uris": redirect_uri, "scopes": " ".join(SCOPES)}
        answer = await first_answer(api, Call("POST", f"{base}/api/v1/apps", form=form, authorize=False))
        told = answer.json()
        ident, secret = told.get("client_id"), told.get("client_secret")
        if not answer.ok or not isinstance(ident, str) or not isinstance(secret, str):
            raise Reject(
                f"{base} does not register Clipwire as a Mastodon instance does: HTTP {answer.status}",
                advice="Give the address of its start page",
                field="base_url",
            )
        app = {"base_url": base, "client_id": ident, "client_secret": secret}
        page = await _code_grant(app).consent(api, given, state=state, verifier=verifier, redirect_uri=redirect_uri)
        return Consent(page.url, app) if page else None

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        """See `Grant.tokens`."""
        app = {name: given.get(name, "") for name in ("base_url", "client_id", "client_secret")}
        tokens = await _code_grant(app).tokens(api, given, verifier=verifier, redirect_uri=redirect_uri)
        return tokens.model_copy(update={"more": app})

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        """See `Grant.refresh`."""
        raise RevokedError(f"{tokens.more.get('base_url')} takes the access no more, and gives none without the person")

    async def revoke(self, api: Api, tokens: Tokens) -> None:
        """See `Revokes.revoke`."""
        await _code_grant(tokens.more).revoke(api, tokens)


def reason_of(answer: Answer) -> str:
    """Why not, in the instance's own words."""
    return words_in(answer.json(), "error_description", "error") or f"HTTP {answer.status}{said(answer)}"


def _code_grant(app: Mapping[str, str]) -> CodeGrant:
    base = app.get("base_url", "")
    return CodeGrant(
        service=base,
        setting="CLIPWIRE_MASTODON",
        authorize_url=f"{base}/oauth/authorize",
        token_url=f"{base}/oauth/token",
        revoke_url=f"{base}/oauth/revoke",
        client_id=app.get("client_id", ""),
        client_secret=app.get("client_secret", ""),
        scopes=SCOPES,
    )
