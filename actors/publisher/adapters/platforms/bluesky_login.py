"""How an account of Bluesky is connected: with an app password, which is not kept.

Source: AT Protocol, lexicons `com.atproto.server.createSession`, `refreshSession` and `deleteSession`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from actors.publisher.adapters.http import said
from actors.publisher.adapters.platforms.addresses import first_answer, server_address
from actors.publisher.adapters.platforms.answers import objects_of, text_of, words_in
from actors.publisher.ports import Answer, Api, Asked, Call, Consent, RevokedError, Tokens
from actors.publisher.store import now
from runtime.errors import Reject, Unavailable

__all__ = ["AppPasswordGrant", "error_of", "reason_of"]

_DEAD = {"ExpiredToken", "InvalidToken", "AccountTakedown", "AccountDeactivated", "AuthenticationRequired"}
_LOGIN = {"AccountTakedown", "AuthenticationRequired", "InvalidRequest"}
"""What a PDS says to a login that fails; another server is not quoted."""


@dataclass(frozen=True)
class AppPasswordGrant:
    """See `Grant`. `base_url`: the server that is offered."""

    base_url: str
    clock: Callable[[], datetime] = now

    @property
    def asks(self) -> Sequence[Asked]:
        """See `Grant.asks`."""
        return (
            Asked("identifier", "Handle, as name.bsky.social"),
            Asked("password", "App password, of Settings, Privacy and security, App passwords; not kept", secret=True),
            Asked("base_url", "Address of the server that the account is on (PDS)", default=self.base_url),
        )

    async def consent(
        self, api: Api, given: Mapping[str, str], *, state: str, verifier: str, redirect_uri: str
    ) -> Consent | None:
        """See `Grant.consent`. There is no page to be sent to."""
        return None

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        """See `Grant.tokens`."""
        base = server_address(given.get("base_url") or self.base_url, "PDS")
        login = {"identifier": given.get("identifier", "").strip().lstrip("@"), "password": given.get("password", "")}
        answer = await first_answer(api, _call(base, "createSession", json=login))
        told = answer.json()
        if error_of(answer) == "AuthFactorTokenRequired":
            raise Reject(
                f"{base} wants a second factor for this password",
                advice="Make an app password, in Settings, Privacy and security, App passwords, and give that one",
                field="password",
            )
        if not answer.ok or not all(text_of(told, name) for name in ("accessJwt", "refreshJwt", "did")):
            known = error_of(answer) in _LOGIN
            raise Reject(
                f"{base} did not let you in: {reason_of(answer) if known else f'HTTP {answer.status}'}",
                advice="Give the handle and an app password of it, and the address of the server it is on",
            )
        if told.get("active") is False:
            raise Reject(f"the account is not active there: {told.get('status') or 'no reason is told'}")
        handle = str(told.get("handle") or told["did"])
        more = {"base_url": base, "did": told["did"], "handle": handle, "pds": _pds(told) or base}
        return _tokens(told, Tokens(access="", more=more))

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        """See `Grant.refresh`. Every refresh token is good for one use."""
        answer = await api.ask(_with_refresh("refreshSession", tokens))
        told = answer.json()
        if answer.ok and text_of(told, "accessJwt") and text_of(told, "refreshJwt"):
            return _tokens(told, tokens)
        if answer.status == 401 or error_of(answer) in _DEAD:
            raise RevokedError(f"{tokens.more.get('base_url')} renews the access no more: {reason_of(answer)}")
        raise Unavailable(
            f"{tokens.more.get('base_url')} did not renew the access: {reason_of(answer)}",
            advice="It is tried again by itself",
        )

    async def revoke(self, api: Api, tokens: Tokens) -> None:
        """See `Revokes.revoke`."""
        answer = await api.ask(_with_refresh("deleteSession", tokens))
        if not answer.ok and error_of(answer) not in _DEAD:
            raise Reject(f"{tokens.more.get('base_url')} did not take the tokens back: {reason_of(answer)}")


def error_of(answer: Answer) -> str:
    """The name of an XRPC error; empty where there is none."""
    return text_of(answer.json(), "error")


def reason_of(answer: Answer) -> str:
    """Why not, in the server's own words."""
    return words_in(answer.json(), "message", "error") or f"HTTP {answer.status}{said(answer)}"


def _call(base: str, method: str, *, json: Any = None, token: str = "") -> Call:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Call("POST", f"{base}/xrpc/com.atproto.server.{method}", headers=headers, json=json, authorize=False)


def _with_refresh(method: str, tokens: Tokens) -> Call:
    return _call(tokens.more.get("base_url", ""), method, token=tokens.refresh or "")


def _tokens(told: Mapping[str, Any], before: Tokens) -> Tokens:
    fresh = {"access": told["accessJwt"], "refresh": told["refreshJwt"], "expires_at": _expiry(told["accessJwt"])}
    return before.model_copy(update=fresh)


def _expiry(token: str) -> datetime | None:
    """When a JSON Web Token ends (`exp`, RFC 7519); none where it is no such token. The session itself does not say."""
    try:
        middle = token.split(".")[1]
        told = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return datetime.fromtimestamp(float(told["exp"]), UTC)
    except (ValueError, LookupError, TypeError, OverflowError):
        return None


def _pds(told: Mapping[str, Any]) -> str | None:
    """The server that has the account's data, of its DID document; bsky.social only lets in. Raises `Reject`."""
    for service in objects_of(told, "didDoc", "service"):
        if text_of(service, "id").endswith("#atproto_pds"):
            return server_address(text_of(service, "serviceEndpoint"), "PDS")
    return None
