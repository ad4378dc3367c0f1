"""How accounts of Instagram and Pages of Facebook are connected: a code, a short token for it, a long one for that.

Sources: Meta's "Business Login for Instagram", "Facebook Login: Manually Build a Login Flow", "Long-Lived Tokens".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from actors.publisher.adapters.platforms.meta import TOKEN, checked
from actors.publisher.adapters.platforms.oauth import CodeGrant, code_of, reason_of
from actors.publisher.ports import Answer, Api, Call, RevokedError, Tokens
from runtime.errors import Reject, Unavailable
from runtime.replies import fault_of

__all__ = ["FacebookGrant", "InstagramGrant"]


@dataclass(frozen=True, kw_only=True)
class InstagramGrant(CodeGrant):
    """See `Grant`. The token renews itself for as long as it is good (60 days), once it is a day old.

    `graph_url`: host of the Graph API.
    """

    graph_url: str

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        """See `Grant.tokens`."""
        code = code_of(self.service, given).removesuffix("#_")
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        answer = await api.ask(self._token_call(form))
        told = answer.json()
        if isinstance(told.get("data"), list):
            told = next((each for each in told["data"] if isinstance(each, dict)), {})
        short, agreed = told.get("access_token"), told.get("permissions")
        if not answer.ok or not short:
            raise Reject(f"instagram gave no token: {reason_of(answer)}", advice="Connect again; a code is good once")
        scopes = tuple(agreed.split(",") if isinstance(agreed, str) else agreed or self.scopes)
        _need("instagram", scopes, self.scopes[:2])
        params = {"grant_type": "ig_exchange_token", "client_secret": self.client_secret, "access_token": short}
        answer = await api.ask(Call("GET", f"{self.graph_url}/access_token", params=params, authorize=False))
        return self._tokens(checked("instagram", answer), scopes)

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        """See `Grant.refresh`."""
        params = {"grant_type": "ig_refresh_token", "access_token": tokens.access}
        answer = await api.ask(Call("GET", f"{self.graph_url}/refresh_access_token", params=params, authorize=False))
        return self._tokens(_renewed("instagram", answer), tokens.scopes)

    def _tokens(self, told: Mapping[str, Any], scopes: tuple[str, ...]) -> Tokens:
        token, life = told.get("access_token"), told.get("expires_in")
        if not token or not isinstance(life, int | float):
            raise Unavailable("instagram gave no token", advice="It is tried again")
        expires = self.clock() + timedelta(seconds=life)
        return Tokens(access=str(token), refresh=str(token), expires_at=expires, scopes=scopes)


@dataclass(frozen=True, kw_only=True)
class FacebookGrant(CodeGrant):
    """See `Grant`. `tokens` are a person's, good for 60 days; those of their Pages (`owners`) have no end, and know
    in `more` the person's token and the Page, to be asked for again. `graph_url`: host and version of the Graph API.
    """

    graph_url: str

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        """See `Grant.tokens`."""
        app = {"client_id": self.client_id, "client_secret": self.client_secret}
        code = {"code": code_of(self.service, given), "redirect_uri": redirect_uri}
        short = await self._token(api, {**app, **code})
        long = await self._token(api, {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": short})
        told = checked("facebook", await api.ask(signed(f"{self.graph_url}/me/permissions", long)))
        granted = tuple(
            str(each.get("permission")) for each in told.get("data") or () if each.get("status") == "granted"
        )
        _need("facebook", granted, self.scopes)
        return Tokens(access=long, scopes=granted)

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        """See `Grant.refresh`: the Page's token as it is now, asked for with the person's."""
        user, page = tokens.more.get("user"), tokens.more.get("page")
        if not user or not page:
            raise RevokedError("facebook takes the token no more")
        call = signed(f"{self.graph_url}/{page}", user, fields="access_token")
        token = _renewed("facebook", await api.ask(call)).get("access_token")
        if not token or token == tokens.access:
            raise RevokedError("facebook takes the token of the Page no more, and gives no other")
        return tokens.model_copy(update={"access": str(token)})

    async def _token(self, api: Api, params: Mapping[str, str]) -> str:
        answer = await api.ask(Call("GET", self.token_url, params=params, authorize=False))
        token = answer.json().get("access_token")
        if not answer.ok or not token:
            raise Reject(f"facebook gave no token: {reason_of(answer)}", advice="Connect again; a code is good once")
        return str(token)


def signed(url: str, token: str, **params: str) -> Call:
    """A question with a token that is no account's yet."""
    return Call("GET", url, params=params, headers={"Authorization": f"Bearer {token}"}, authorize=False)


def _need(service: str, granted: tuple[str, ...], needed: tuple[str, ...]) -> None:
    lacking = [scope for scope in needed if scope not in granted]
    if lacking:
        raise Reject(
            f"you did not agree to {', '.join(lacking)}, without which nothing can be posted on {service}",
            advice="Connect again, and leave every switch on",
        )


def _renewed(service: str, answer: Answer) -> dict[str, Any]:
    fault = fault_of(answer.body)
    if fault.get("code") in TOKEN:
        raise RevokedError(f"{service} renews the access no more: {reason_of(answer)}")
    if not answer.ok or fault:
        raise Unavailable(f"{service} did not renew the access: {reason_of(answer)}", advice="It is tried again")
    return answer.json()
