"""How an account of a PeerTube instance is connected: with its password, which is not kept.

Source: PeerTube's REST API, “Authentication”: every instance has a client of its own, the password grant of RFC 6749,
4.3, and refresh tokens that are good for one use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from actors.publisher.adapters.platforms.addresses import first_answer, server_address
from actors.publisher.adapters.platforms.answers import text_of, words_in
from actors.publisher.adapters.platforms.oauth import tokens_of
from actors.publisher.ports import Answer, Api, Asked, Call, Consent, RevokedError, Tokens
from actors.publisher.store import now
from runtime.errors import Reject, Unavailable

__all__ = ["PasswordGrant", "reason_of"]

_CODES = {
    "invalid_grant": "the name or the password is wrong",
    "missing_two_factor": "the account has a second factor: give its code as well",
    "invalid_two_factor": "the code of the second factor is wrong, or too old",
    "account_waiting_for_approval": "the account is not approved yet",
    "account_approval_rejected": "the instance did not approve the account",
}
_DEAD = {"invalid_grant", "invalid_client", "unauthorized_client"}


@dataclass(frozen=True)
class PasswordGrant:
    """See `Grant`. `base_url`: the instance that is offered."""

    base_url: str = ""
    clock: Callable[[], datetime] = now

    @property
    def asks(self) -> Sequence[Asked]:
        """See `Grant.asks`."""
        return (
            Asked("base_url", "Address of the instance, as https://videos.example.org", default=self.base_url or None),
            Asked("username", "Name or e-mail address"),
            Asked("password", "Password; it is not kept", secret=True),
            Asked("otp", "Code of the second factor, if the account has one", default=""),
            Asked("channel", "Name of the channel; empty: its first", default=""),
        )

    async def consent(
        self, api: Api, given: Mapping[str, str], *, state: str, verifier: str, redirect_uri: str
    ) -> Consent | None:
        """See `Grant.consent`. There is no page to be sent to."""
        return None

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        """See `Grant.tokens`."""
        base = server_address(given.get("base_url") or self.base_url, "PeerTube instance")
        client = await self._client(api, base)
        form = {**client, "grant_type": "password", "response_type": "code"}
        form |= {"username": given.get("username", ""), "password": given.get("password", "")}
        headers = {"x-peertube-otp": given["otp"]} if given.get("otp") else {}
        answer = await api.ask(_token_call(base, form, headers))
        told = answer.json()
        if not told.get("access_token"):
            why = next((_CODES[code] for code in _codes(answer) if code in _CODES), reason_of(answer))
            raise Reject(f"{base} did not let you in: {why}", advice="Connect again")
        more = {**client, "base_url": base, "channel": given.get("channel", "")}
        return tokens_of(told, self.clock()).model_copy(update={"more": more})

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        """See `Grant.refresh`."""
        more = tokens.more
        form = {
            "client_id": more.get("client_id", ""),
            "client_secret": more.get("client_secret", ""),
            "grant_type": "refresh_token",
            "refresh_token": tokens.refresh or "",
        }
        answer = await api.ask(_token_call(more.get("base_url", ""), form, {}))
        if answer.json().get("access_token"):
            return tokens_of(answer.json(), self.clock(), before=tokens)
        if _DEAD & set(_codes(answer)):
            raise RevokedError(f"{more.get('base_url')} renews the access no more: {reason_of(answer)}")
        raise Unavailable(
            f"{more.get('base_url')} did not renew the access: {reason_of(answer)}",
            advice="It is tried again by itself",
        )

    async def _client(self, api: Api, base: str) -> dict[str, str]:
        """The credentials that an instance gives to every client."""
        answer = await first_answer(api, Call("GET", f"{base}/api/v1/oauth-clients/local", authorize=False))
        told = answer.json()
        ident, secret = text_of(told, "client_id"), text_of(told, "client_secret")
        if not ident or not secret:
            raise Reject(
                f"{base} does not answer as a PeerTube instance does: HTTP {answer.status}",
                advice="Give the address of its start page",
                field="base_url",
            )
        return {"client_id": ident, "client_secret": secret}


def _token_call(base: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Call:
    return Call("POST", f"{base}/api/v1/users/token", form=form, headers=headers, authorize=False)


def _codes(answer: Answer) -> list[str]:
    """The machine's words for why not: `code`, or the end of `type`, an address in the documentation."""
    told = answer.json()
    return [text_of(told, name).rpartition("/")[2] for name in ("code", "type", "error")]


def reason_of(answer: Answer) -> str:
    """Why not, in the instance's own words (RFC 9457)."""
    return words_in(answer.json(), "detail", "error") or f"HTTP {answer.status}"
