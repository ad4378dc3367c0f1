"""A server that stands in for Facebook: Facebook Login, Pages, Reels in three phases, insights."""

from __future__ import annotations

from typing import Any

from actors.publisher.adapters.platforms.facebook import Facebook, FacebookSettings
from actors.publisher.ports import Tokens
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.meta_server import VERSION, GraphServer, error
from tests.publisher.platforms.server import Reply, Request, json_reply

__all__ = ["FACEBOOK", "PAGE", "FacebookServer"]

PAGE = "10020030040050"
SEEN_AT = "2027-01-01T00:00:00+0000"


class FacebookServer(GraphServer):
    """`works_for`: so often a reel is worked on after it was finished. `fails`: what went wrong with the next one.
    `page_token`: what the Page's token is now, for who asks with the person's.
    """

    def __init__(self) -> None:
        super().__init__("page-1", "video-upload")
        self.works_for = 1
        self.fails: list[dict[str, Any]] = []
        self.page_token = "page-1"
        self.tasks = ["CREATE_CONTENT"]
        self.refused_scopes: set[str] = set()
        self.finished: dict[str, dict[str, str]] = {}
        self.left: dict[str, int] = {}
        self.broken: dict[str, dict[str, Any]] = {}
        self.reels: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.lacks: set[str] = set()
        self.graph("POST", rf"{PAGE}/video_reels", self._reel)
        self.graph("GET", rf"{PAGE}/video_reels", self._list)
        self.graph("GET", r"(\d+)/video_insights", self._insights)
        self.on("GET", rf"/{VERSION}/{PAGE}", self._page)
        self.graph("GET", r"(\d+)", self._read)
        self.graph("DELETE", r"(\d+)", self._delete)
        self.on("GET", rf"/{VERSION}/oauth/access_token", self._token)
        self.on("GET", rf"/{VERSION}/me/permissions", self._permissions)
        self.on("GET", rf"/{VERSION}/me/accounts", self._accounts)

    # -- Login ----------------------------------------------------------------------------------------------------

    def _token(self, request: Request) -> Reply:
        query = request.query
        if (query.get("client_id"), query.get("client_secret")) != ("app", "hush"):
            return error(101, message="Error validating application")
        if query.get("fb_exchange_token") == "short" and query.get("grant_type") == "fb_exchange_token":
            return json_reply({"access_token": "person", "token_type": "bearer", "expires_in": 5_184_000})
        if query.get("code") == "AQB1" and query.get("redirect_uri"):
            return json_reply({"access_token": "short", "token_type": "bearer", "expires_in": 3600})
        return error(100, 36009, message="This authorization code has been used")

    def _permissions(self, request: Request) -> Reply:
        if request.headers.get("authorization") != "Bearer person":
            return error(190)
        names = ("pages_show_list", "pages_read_engagement", "pages_manage_posts")
        states = {name: "declined" if name in self.refused_scopes else "granted" for name in names}
        return json_reply({"data": [{"permission": name, "status": state} for name, state in states.items()]})

    def _accounts(self, request: Request) -> Reply:
        if request.headers.get("authorization") != "Bearer person":
            return error(190)
        if "after" not in request.query:
            other = {"id": "5", "name": "Only read", "access_token": "page-5", "tasks": ["ANALYZE"]}
            return json_reply({"data": [other], "paging": {"cursors": {"after": "A"}, "next": "more"}})
        own = {"id": PAGE, "name": "My Films", "access_token": self.page_token, "tasks": self.tasks}
        return json_reply({"data": [own], "paging": {"cursors": {"after": "B"}}})

    def _page(self, request: Request) -> Reply:
        if request.headers.get("authorization") != "Bearer person":
            return error(190, 460, message="The session has been invalidated: the password was changed")
        return json_reply({"access_token": self.page_token, "id": PAGE})

    # -- Publishing -----------------------------------------------------------------------------------------------

    def _reel(self, request: Request) -> Reply:
        form = request.form()
        if form.get("upload_phase") == "start":
            ident = self.new_id()
            self.bytes[ident] = bytearray()
            return json_reply({"video_id": ident, "upload_url": self.upload_url(ident)})
        ident = form["video_id"]
        if form.get("upload_phase") != "finish" or form.get("video_state") not in {"PUBLISHED", "SCHEDULED"}:
            return error(100, message="Unknown phase or state")
        if (form["video_state"] == "SCHEDULED") != form.get("scheduled_publish_time", "").isdigit():
            return error(100, message="scheduled_publish_time goes with SCHEDULED alone")
        if ident not in self.bytes or not self.whole(ident):
            return error(6000, 1363130, message="There was a problem uploading your video file")
        if ident in self.finished:
            return error(100, 1363041, message="The video was finished already")
        self.finished[ident], self.left[ident] = form, self.works_for
        if self.fails:
            self.broken[ident] = self.fails.pop(0)
            return json_reply({"success": True})
        self.posted.append(bytes(self.bytes[ident]))
        if form["video_state"] == "PUBLISHED":
            self.reels.insert(0, {"id": ident, "description": form["description"], "created_time": SEEN_AT})
        return json_reply({"success": True, "post_id": f"{PAGE}_{ident}"})

    def _read(self, request: Request, ident: str) -> Reply:
        if ident not in self.bytes or ident in self.deleted:
            return error(100, 33, message="Unsupported get request. Object does not exist")
        whole = self.whole(ident)
        uploading: dict[str, Any] = {"status": "complete" if whole else "in_progress"}
        uploading["bytes_transfered"] = len(self.bytes[ident])
        status: dict[str, Any] = {"video_status": "upload_complete", "uploading_phase": uploading}
        status |= {"processing_phase": {"status": "not_started"}, "publishing_phase": {"status": "not_started"}}
        if ident in self.broken:
            failed = {"status": "error", "errors": [self.broken[ident]]}
            status |= {"video_status": "error", "processing_phase": failed}
        elif ident in self.finished:
            self.left[ident] -= 1
            done = self.left[ident] < 0
            status |= {
                "video_status": "ready" if done else "processing",
                "processing_phase": {"status": "complete" if done else "in_progress"},
            }
            if done:
                kind = self.finished[ident]["video_state"].lower()
                status["publishing_phase"] = {"status": "complete", "publish_status": kind}
        return json_reply({"status": status, "id": ident})

    def _list(self, request: Request) -> Reply:
        return json_reply({"data": [each for each in self.reels if each["id"] not in self.deleted]})

    def _delete(self, request: Request, ident: str) -> Reply:
        if ident not in self.bytes or ident in self.deleted:
            return error(100, 33, message="Object does not exist")
        self.deleted.append(ident)
        return json_reply({"success": True})

    def _insights(self, request: Request, ident: str) -> Reply:
        if ident not in self.bytes or ident in self.deleted:
            return error(100, 33, message="Object does not exist")
        names = request.query["metric"].split(",")
        if self.lacks & set(names):
            return error(100, message="(#100) The value must be a valid insights metric")
        known: dict[str, Any] = {"post_video_social_actions": {"SHARE": 3, "COMMENT": 4, "LIKE": 5}}
        values = {name: known.get(name, 2000) for name in names}
        return json_reply({"data": [{"name": name, "values": [{"value": value}]} for name, value in values.items()]})


def opened(url: str) -> Facebook:
    """The platform for a server's address."""
    return Facebook(
        FacebookSettings(
            _env_file=None,
            facebook_base_url=url,
            facebook_upload_base_url=url,
            facebook_client_id="app",
            facebook_client_secret="hush",
        )
    )


FACEBOOK = Case(
    server=FacebookServer,
    open=opened,
    tokens=Tokens(access="page-1", more={"user": "person", "page": PAGE}),
    account=PAGE,
)
