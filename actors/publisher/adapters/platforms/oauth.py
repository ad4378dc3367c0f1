"""OAuth 2.0 (RFC 6749) with PKCE (RFC 7636) and state, as the platforms have it; what they do otherwise is a field."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode

from actors.publisher.adapters.http import said
from actors.publisher.ports import Answer, Api, Asked, Call, Consent, RevokedError, Tokens
from actors.publisher.store import now
from runtime.errors import Reject, Unavailable
from runtime.replies import fault_of

__all__ = ["CodeGrant", "challenge", "code_of", "reason_of", "tokens_of"]

REVOKED = frozenset({"invalid_grant", "access_denied", "unauthorized_client", "invalid_token"})
"""Error codes of RFC 6749, 5.2, after which the same tokens never work again."""


@dataclass(frozen=True)
class CodeGrant:
    """See `Grant`: the authorization code grant. `client_id` empty: the app's credentials are not set.

    `pkce`: how the challenge is written; `hex` is TikTok's. `client_in`: where the token endpoint wants the client's
    credentials. `setting`: the beginning of the settings with the credentials, for messages: `CLIPWIRE_TIKTOK`.
    """

    service: str
    setting: str
    authorize_url: str
    token_url: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    separator: str = " "
    pkce: Literal["S256", "hex", "none"] = "S256"
    client_in: Literal["form", "basic"] = "form"
    client_id_field: str = "client_id"
    authorize_more: Mapping[str, str] = field(default_factory=dict)
    token_more: Mapping[str, str] = field(default_factory=dict)
    revoke_url: str = ""
    """Where tokens are given back (RFC 7009); empty where the platform has no such address."""
    asks: Sequence[Asked] = ()
    clock: Callable[[], datetime] = now

    @property
    def missing(self) -> str | None:
        """See `NeedsApp.missing`."""
        return None if self.client_id else f"{self.setting}_CLIENT_ID and {self.setting}_CLIENT_SECRET"

    async def consent(
        self, api: Api, given: Mapping[str, str], *, state: str, verifier: str, redirect_uri: str
    ) -> Consent | None:
        """See `Grant.consent`."""
        if self.missing is not None:
            raise Reject(
                f"no app of {self.service} is set up, so that nobody can log in with it",
                advice=f"Register one there and set {self.missing}",
            )
        query = {
            self.client_id_field: self.client_id,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": self.separator.join(self.scopes),
            "state": state,
            **self.authorize_more,
        }
        if self.pkce != "none":
            query |= {"code_challenge": challenge(verifier, self.pkce), "code_challenge_method": "S256"}
        return Consent(f"{self.authorize_url}?{urlencode(query, quote_via=quote)}")

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        """See `Grant.tokens`."""
        form = {
            "grant_type": "authorization_code",
            "code": code_of(self.service, given),
            "redirect_uri": redirect_uri,
        }
        if self.pkce != "none":
            form["code_verifier"] = verifier
        answer = await api.ask(self._token_call(form))
        if not answer.json().get("access_token"):
            raise Reject(
                f"{self.service} gave no token: {reason_of(answer)}",
                advice="Connect again; a code is good for a short time",
            )
        return tokens_of(answer.json(), self.clock())

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        """See `Grant.refresh`. A platform that sends no new refresh token means the old one to be kept."""
        if tokens.refresh is None:
            raise RevokedError(f"{self.service} gave no token to renew the access with, and it has expired")
        answer = await api.ask(self._token_call({"grant_type": "refresh_token", "refresh_token": tokens.refresh}))
        told = answer.json()
        if told.get("access_token"):
            return tokens_of(told, self.clock(), before=tokens)
        if told.get("error") in REVOKED:
            raise RevokedError(f"{self.service} renews the access no more: {reason_of(answer)}")
        raise Unavailable(
            f"{self.service} did not renew the access: {reason_of(answer)}",
            advice=f"Check {self.setting}_CLIENT_ID and {self.setting}_CLIENT_SECRET; it is tried again",
        )

    async def revoke(self, api: Api, tokens: Tokens) -> None:
        """See `Revokes.revoke`. The refresh token takes the access with it (RFC 7009, 2.1)."""
        if not self.revoke_url:
            raise Reject(f"{self.service} takes no tokens back")
        answer = await api.ask(self._token_call({"token": tokens.refresh or tokens.access}, url=self.revoke_url))
        if not answer.ok:
            raise Reject(f"{self.service} did not take the tokens back: {reason_of(answer)}")

    def _token_call(self, form: Mapping[str, str], *, url: str = "") -> Call:
        client = {self.client_id_field: self.client_id}
        headers = {}
        if self.client_in == "basic":
            pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif self.client_secret:
            client["client_secret"] = self.client_secret
        return Call(
            "POST",
            url or self.token_url,
            headers=headers,
            form={**form, **client, **self.token_more},
            authorize=False,
        )


def code_of(service: str, given: Mapping[str, str]) -> str:
    """The code that a person came back with. Raises `Reject` where there is none, in the platform's words."""
    if "code" not in given:
        why = given.get("error_description") or given.get("error") or "it sent no code"
        raise Reject(f"{service} did not let you connect: {why}", advice="Connect again, and agree to it there")
    return given["code"]


def challenge(verifier: str, method: Literal["S256", "hex"]) -> str:
    """The code challenge of a verifier: base64url of its SHA-256 (RFC 7636, 4.2), or its hexadecimal digits."""
    digest = hashlib.sha256(verifier.encode())
    return digest.hexdigest() if method == "hex" else base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def tokens_of(told: Mapping[str, Any], at: datetime, *, before: Tokens | None = None) -> Tokens:
    """Tokens of a token answer (RFC 6749, 5.1): what it leaves out stays as it was `before`.

    `refresh_expires_in` and `refresh_token_expires_in` (seconds) are what platforms add.
    """
    old = before or Tokens(access="")
    later = told.get("refresh_expires_in") or told.get("refresh_token_expires_in")
    scope = told.get("scope")
    return old.model_copy(
        update={
            "access": told["access_token"],
            "refresh": told.get("refresh_token") or old.refresh,
            "expires_at": at + timedelta(seconds=float(told["expires_in"])) if told.get("expires_in") else None,
            "refresh_expires_at": at + timedelta(seconds=float(later)) if later else old.refresh_expires_at,
            "scopes": tuple(scope.replace(",", " ").split()) if isinstance(scope, str) else old.scopes,
        }
    )


def reason_of(answer: Answer) -> str:
    """Why a token endpoint said no, in its own words."""
    told = answer.json()
    words = told.get("error_description") or told.get("error_message") or fault_of(answer.body).get("message")
    words = words or told.get("message")
    return str(words)[:300] if words else f"HTTP {answer.status}{said(answer)}"
