"""A server that stands in for Instagram: Instagram Login, containers, resumable uploads, insights."""

from __future__ import annotations

from typing import Any

from actors.publisher.adapters.platforms.instagram import Instagram, InstagramSettings
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.meta_server import VERSION, GraphServer, error
from tests.publisher.platforms.server import Reply, Request, json_reply

__all__ = ["INSTAGRAM", "SEEN_AT", "USER", "InstagramServer", "opened"]

USER = "17841400000000001"
SEEN_AT = "2027-01-01T00:00:00+0000"
"""When everything is published: later than the clock of any test."""


class InstagramServer(GraphServer):
    """`works_for`: so often a container is `IN_PROGRESS` after its bytes. `states`: what it is called instead.
    `resumes`: whether it tells how many bytes it has. `hides`: what is published is not listed.
    `lies`: what is answered in place of the id of what was published.
    """

    def __init__(self) -> None:
        super().__init__("ig-1", "ig-api-upload")
        self.works_for, self.quota, self.resumes, self.hides = 1, (2, 50), True, False
        self.states: dict[str, str] = {}
        self.left: dict[str, int] = {}
        self.asked_for: dict[str, dict[str, str]] = {}
        self.media: list[dict[str, Any]] = []
        self.published: dict[str, str] = {}
        self.lacks: set[str] = set()
        self.lies: Reply | None = None
        self.account_type = "BUSINESS"
        self.permissions: Any = "instagram_business_basic,instagram_business_content_publish"
        self.graph("GET", "me", self._me)
        self.graph("GET", rf"{USER}/content_publishing_limit", self._quota)
        self.graph("POST", rf"{USER}/media", self._create)
        self.graph("POST", rf"{USER}/media_publish", self._publish)
        self.graph("GET", rf"{USER}/media", self._list)
        self.graph("GET", r"(\d+)/insights", self._insights)
        self.graph("GET", r"(\d+)", self._read)
        self.on("GET", rf"/ig-api-upload/{VERSION}/(\d+)", self._offset)
        self.on("POST", "/oauth/access_token", self._code)
        self.on("GET", "/access_token", self._exchange)
        self.on("GET", "/refresh_access_token", self._refresh)

    # -- Login ----------------------------------------------------------------------------------------------------

    def _code(self, request: Request) -> Reply:
        form = request.form()
        wanted = {"client_id": "app", "client_secret": "hush", "grant_type": "authorization_code", "code": "AQB1"}
        if any(form.get(name) != value for name, value in wanted.items()) or not form.get("redirect_uri"):
            told = {"error_type": "OAuthException", "code": 400, "error_message": "Invalid authorization code"}
            return json_reply(told, 400)
        return json_reply({"data": [{"access_token": "short", "user_id": USER, "permissions": self.permissions}]})

    def _exchange(self, request: Request) -> Reply:
        wanted = {"grant_type": "ig_exchange_token", "client_secret": "hush", "access_token": "short"}
        if request.query != wanted:
            return error(190)
        return json_reply({"access_token": self.token, "token_type": "bearer", "expires_in": 5_184_000})

    def _refresh(self, request: Request) -> Reply:
        if request.query != {"grant_type": "ig_refresh_token", "access_token": "ig-1"}:
            return error(190, 463, message="Session has expired")
        return json_reply({"access_token": self.token, "token_type": "bearer", "expires_in": 5_184_000})

    def _me(self, request: Request) -> Reply:
        return json_reply({"user_id": USER, "username": "me.films", "account_type": self.account_type, "id": "9"})

    # -- Publishing -----------------------------------------------------------------------------------------------

    def _quota(self, request: Request) -> Reply:
        used, total = self.quota
        config = {"quota_total": total, "quota_duration": 86_400}
        return json_reply({"data": [{"quota_usage": used, "config": config}]})

    def _create(self, request: Request) -> Reply:
        form = request.form()
        if form.get("media_type") != "REELS" or (form.get("upload_type") != "resumable") == ("video_url" not in form):
            return error(100, message="Only REELS, with bytes or an address")
        if len(form.get("caption", "")) > 2200:
            return error(100, 2207010, message="Caption too long")
        ident = self.new_id()
        self.asked_for[ident], self.bytes[ident], self.left[ident] = form, bytearray(), self.works_for
        if "video_url" in form:
            self.sizes[ident] = 0  # it is fetched, not sent
            return json_reply({"id": ident})
        return json_reply({"id": ident, "uri": self.upload_url(ident)})

    def _offset(self, request: Request, ident: str) -> Reply:
        if request.headers.get("authorization") != f"OAuth {self.token}" or not self.resumes:
            return json_reply({}, 404)
        return json_reply({"offset": len(self.bytes[ident])})

    def _state(self, ident: str) -> str:
        if ident in self.published:
            return "PUBLISHED"
        if ident in self.states:
            return self.states[ident]
        return "FINISHED" if self.whole(ident) and self.left[ident] <= 0 else "IN_PROGRESS"

    def _read(self, request: Request, ident: str) -> Reply:
        if ident in self.bytes:
            state, _, status = self._state(ident).partition(": ")
            self.left[ident] -= self.whole(ident)
            return json_reply({"status_code": state, "status": status or state.title(), "id": ident})
        for each in self.media:
            if each["id"] == ident:
                return json_reply(each)
        return error(100, 33, message="Unsupported get request. Object does not exist")

    def _publish(self, request: Request) -> Reply:
        ident = request.form()["creation_id"]
        state = self._state(ident) if ident in self.bytes else "GONE"
        if state == "IN_PROGRESS":
            return error(9007, 2207027, message="Media is not ready to be published")
        if state != "FINISHED":
            return error(24, 2207006, message="The media could not be found")
        media = self.new_id()
        self.published[ident] = media
        self.posted.append(bytes(self.bytes[ident]))
        shown = {"caption": self.asked_for[ident]["caption"], "media_product_type": "REELS"}
        link = f"https://www.instagram.com/reel/{media}/"
        self.media.insert(0, {"id": media, **shown, "permalink": link, "timestamp": SEEN_AT})
        return self.lies or json_reply({"id": media})

    def _list(self, request: Request) -> Reply:
        """Pages of two."""
        start = int(request.query.get("after", "0"))
        listed = [] if self.hides else self.media
        paging = {"cursors": {"after": str(start + 2)}} | ({"next": "more"} if start + 2 < len(listed) else {})
        return json_reply({"data": listed[start : start + 2], "paging": paging})

    def _insights(self, request: Request, ident: str) -> Reply:
        if ident not in {each["id"] for each in self.media}:
            return error(100, 33, message="Object does not exist")
        names = request.query["metric"].split(",")
        if self.lacks & set(names):
            return error(100, message="The media does not have these metrics")
        found = [{"name": name, "period": "lifetime", "values": [{"value": 1000}]} for name in names]
        return json_reply({"data": found})


def opened(url: str, **more: Any) -> Instagram:
    """The platform for a server's address."""
    return Instagram(
        InstagramSettings(
            _env_file=None,
            instagram_base_url=url,
            instagram_oauth_base_url=url,
            instagram_upload_base_url=url,
            instagram_client_id="app",
            instagram_client_secret="hush",
            **more,
        )
    )


INSTAGRAM = Case(server=InstagramServer, open=opened, tokens=Tokens(access="ig-1"), account=USER)
