"""A server that lets people log in and gives out tokens, strictly: PKCE, codes used once, rotating refresh tokens."""

from __future__ import annotations

import base64
import hashlib
import itertools
import threading
from urllib.parse import parse_qsl, urlsplit

from tests.publisher.platforms.server import PlatformServer, Reply, Request, json_reply

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "PASSWORD", "OAuthServer"]

CLIENT_ID = "clip-client"
CLIENT_SECRET = "client-secret-8f2b1c"
PASSWORD = "app-password-77aa-bb"


class OAuthServer(PlatformServer):
    """Refresh tokens rotate; one that was used before ends the login, as RFC 9700 (4.14.2) recommends."""

    def __init__(self, *, lasts: int = 3600, login_lasts: int | None = None) -> None:
        super().__init__()
        self.lasts = lasts
        self.login_lasts = login_lasts
        self.channels = ["alice"]
        self.revoked = False
        self.given: list[str] = []
        """Every token and code that was ever given out."""
        self.access = self.refresh = ""
        self.answer_held = threading.Event()
        """Set when a refresh is done and its answer held back, if `release` is not set."""
        self.release = threading.Event()
        self.release.set()
        self._codes: dict[str, tuple[str, str]] = {}
        self._used: set[str] = set()
        self._numbers = itertools.count(1)
        self.on("POST", "/token", self._token)
        self.on("POST", "/revoke", self._revoke)
        self.on("POST", "/session", self._session)
        self.on("GET", "/me", self._me)
        self.on("POST", "/videos", self._post)
        self.on("GET", "/echo", lambda request: Reply(503, request.headers["authorization"].encode()))

    def agree(self, consent_url: str) -> dict[str, str]:
        """What a person's browser brings back who went to the consent page and agreed."""
        asked = dict(parse_qsl(urlsplit(consent_url).query))
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = self._new("code")
        self._codes[code] = asked["code_challenge"], asked["redirect_uri"]
        return {"code": code, "state": asked["state"]}

    def _token(self, request: Request) -> Reply:
        form = request.form()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return json_reply({"error": "invalid_client"}, 401)
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if self._codes.pop(form["code"], None) != (challenge, form["redirect_uri"]):
                return self._no(f"the code {form['code']} is wrong")
            self.revoked = False
            return self._tokens()
        used = form["refresh_token"]
        if self.revoked or used != self.refresh:
            self.revoked = True
            return self._no(f"{used} was used before")  # quoting it, as some do
        answer = self._tokens()
        self.answer_held.set()
        self.release.wait(20)
        return answer

    def _session(self, request: Request) -> Reply:
        body = request.json()
        if body["password"] != PASSWORD:
            return json_reply({"error": "AuthenticationRequired", "message": f"not {body['password']}"}, 401)
        self.revoked = False
        return self._tokens()

    def _revoke(self, request: Request) -> Reply:
        self.revoked = request.form()["token"] in (self.refresh, self.access)
        return Reply()

    def _me(self, request: Request) -> Reply:
        return json_reply({"channels": self.channels}) if self._opens(request) else json_reply({}, 401)

    def _post(self, request: Request) -> Reply:
        if not self._opens(request):
            return json_reply({"error": f"no such token: {request.headers.get('authorization')}"}, 401)
        self.posted.append(request.body)
        return json_reply({"id": f"v{len(self.posted)}"})

    def _opens(self, request: Request) -> bool:
        return not self.revoked and request.headers.get("authorization") == f"Bearer {self.access}"

    def _tokens(self) -> Reply:
        self.access, self.refresh = self._new("access"), self._new("refresh")
        told = {"access_token": self.access, "refresh_token": self.refresh, "expires_in": self.lasts, "scope": "post"}
        return json_reply(told | ({"refresh_expires_in": self.login_lasts} if self.login_lasts else {}))

    def _new(self, kind: str) -> str:
        token = f"{kind}-{next(self._numbers)}-{hashlib.sha256(kind.encode()).hexdigest()[:16]}"
        self.given.append(token)
        return token

    @staticmethod
    def _no(why: str) -> Reply:
        return json_reply({"error": "invalid_grant", "error_description": why}, 400)
