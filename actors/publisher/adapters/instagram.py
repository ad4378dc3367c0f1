"""Instagram: Reels on professional accounts, by the Instagram API with Instagram Login.

Sources: Meta's "Content Publishing", "IG User Media", "IG Container", "Content Publishing Limit", "IG Media Insights",
"Instagram Login". A container is created, gets its bytes, is worked on, and only `media_publish` shows it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr

from actors.publisher.adapters import meta
from actors.publisher.adapters.instagram_calls import Requests, posted, same
from actors.publisher.adapters.meta_login import InstagramGrant, signed
from actors.publisher.adapters.meta_upload import begin_again, bytes_call, offset_at, send_bytes
from actors.publisher.core.limits import Hashtags, Limits, Quota, Text
from actors.publisher.ports import (
    Api,
    Call,
    Grant,
    LostError,
    Owner,
    Post,
    Posted,
    Session,
    Steps,
    Tokens,
    UnconfirmedError,
)
from actors.publisher.settings import PublisherSettings
from contracts.publishing import Account, Metrics
from runtime.errors import Reject, Retry, Unavailable
from runtime.media import MediaStore
from runtime.settings import Settings

__all__ = ["Instagram", "InstagramSettings", "open_platform"]

LIMITS = Limits(
    source="Instagram: Content Publishing, Reels specifications",
    description=Text(2200),
    hashtags=Hashtags(30),
    bytes=(1, 300_000_000),
    duration=(3, 15 * 60),
    fps=(23, 60),
    aspect=(0.01, 10),
    content_types=("video/mp4", "video/quicktime"),
    quotas=(Quota(50),),  # the least of the figures that Meta names; what holds today is read before each post
)
SCOPES = ("instagram_business_basic", "instagram_business_content_publish", "instagram_business_manage_insights")
WIDEST = 1920
MENTIONS = 20
POLLS_S = (3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 60.0, 60.0)
STUCK = timedelta(hours=1)
"""A container that is worked on for longer is given up; a new one usually comes through."""
SKEW = timedelta(minutes=5)
"""Between our clock and Instagram's."""
PAGES = 10
METRICS = {
    "views": "views",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "saved": "saves",
    "reach": "reach",
}
WATCHED, AVERAGE = "ig_reels_video_view_total_time", "ig_reels_avg_watch_time"
"""In milliseconds."""
_SUBCODE = re.compile(r"\b22\d{5}\b")
_CONTAINER = ("container", "upload_url", "made_at", "sent", "ready")


class InstagramSettings(Settings):
    """Where Instagram is, and the app that people log in with."""

    instagram_base_url: Annotated[str, Field(pattern=r"^https?://", description="address of Instagram's Graph API")] = (
        "https://graph.instagram.com"
    )
    instagram_oauth_base_url: Annotated[
        str, Field(pattern=r"^https?://", description="address that gives tokens for codes of Instagram Login")
    ] = "https://api.instagram.com"
    instagram_authorize_url: Annotated[
        str, Field(pattern=r"^https?://", description="page on which a person lets Clipwire use an Instagram account")
    ] = "https://www.instagram.com/oauth/authorize"
    instagram_upload_base_url: Annotated[
        str,
        Field(pattern=r"^https?://", description="address that takes bytes of Instagram, where an answer names none"),
    ] = "https://rupload.facebook.com"
    instagram_graph_version: Annotated[
        str, Field(pattern=r"^v\d+\.\d+$", description="version of the Graph API for Instagram; each lives two years")
    ] = "v26.0"
    instagram_client_id: Annotated[
        str, Field(description="Instagram app id, of the product Instagram Login; not the id of the Meta app")
    ] = ""
    instagram_client_secret: Annotated[SecretStr | None, Field(description="Instagram app secret")] = None
    instagram_media_base_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://",
            description="public address under which a web server shows the media folder; set: Instagram fetches videos "
            "and covers there, in place of an upload",
        ),
    ] = None


class Instagram:
    """See `Platform`. An account is an Instagram user id. No scheduling, no deleting: the API has neither."""

    name: ClassVar[str] = "instagram"
    limits: Limits = LIMITS

    def __init__(self, settings: InstagramSettings) -> None:
        self._graph = meta.Graph(self.name, settings.instagram_base_url, settings.instagram_graph_version)
        self._upload_url = f"{settings.instagram_upload_base_url.rstrip('/')}/ig-api-upload"
        self._requests = Requests(self._graph, settings.instagram_media_base_url)
        secret = settings.instagram_client_secret
        self.grant: Grant | None = InstagramGrant(
            service="Instagram",
            setting="CLIPWIRE_INSTAGRAM",
            client_id=settings.instagram_client_id,
            client_secret=secret.get_secret_value() if secret else "",
            authorize_url=settings.instagram_authorize_url,
            token_url=f"{settings.instagram_oauth_base_url.rstrip('/')}/oauth/access_token",
            graph_url=settings.instagram_base_url.rstrip("/"),
            scopes=SCOPES,
            separator=",",
            pkce="none",
        )

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`: the one professional account that was logged in with."""
        call = signed(f"{self._graph.address}/me", tokens.access, fields="user_id,username,name,account_type")
        told = meta.checked(self.name, await api.ask(call))
        ident, username, kind = (str(told.get(field) or "") for field in ("user_id", "username", "account_type"))
        if not ident:
            raise Unavailable("instagram did not tell whose account it is", advice="Connect it again")
        if kind and kind not in {"BUSINESS", "MEDIA_CREATOR"}:
            raise Reject(
                f"@{username} is no professional account, and only those can be posted to",
                advice="Switch it to Business or Creator in Instagram's settings, then connect it again",
            )
        return [Owner(ident, f"@{username}", tokens, {"username": username, "account_type": kind})]

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`: what the account may still post today, as Instagram counts it."""
        if post.film.width > WIDEST:
            raise Reject(
                f"the video is {post.film.width} px wide and Instagram takes {WIDEST} at most",
                advice="Set `width` in the recipe",
            )
        if post.description.count("@") > MENTIONS:
            raise Reject(
                f"the description has more than {MENTIONS} mentions (@), which Instagram does not take",
                advice="Publish it with another `description`",
                field="description",
            )
        told = await self._graph.ask(session, self._requests.quota(_user(session.account)))
        quota = next((each for each in meta.items(told) if isinstance(each.get("config"), dict)), None)
        used, total = (quota.get("quota_usage"), quota["config"].get("quota_total")) if quota else (None, None)
        if isinstance(used, int) and isinstance(total, int) and used >= total:
            raise Retry(
                f"{session.account.title} has used the {total} posts that Instagram takes in a day",
                after=meta.CAP_S,
                advice="It is tried again by itself, as the window of 24 hours rolls on",
            )

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`."""

        async def ask() -> str | None:
            return await self._published(session, post, steps)

        async def make() -> str:
            call = self._requests.publish(_user(session.account), steps.get("container"))
            told = await self._graph.make(session, call, ask=ask)
            found = told if isinstance(told, str) else told.get("id")
            if not found:
                raise LostError("Instagram did not say what it made of the container")
            return str(found)

        try:
            if not steps.get("ready"):
                await self._prepare(session, post, steps)
                await steps.keep(ready=True)
            media = await steps.once("media", make, ask=ask)
        except meta.SpentError as error:
            raise await begin_again(steps, self.name, error, *_CONTAINER) from error
        try:
            told = await self._graph.ask(session, self._requests.media(media))
        except meta.SpentError as error:
            raise Retry(f"Instagram does not show the reel {media} yet: {error}", after=30.0) from error
        return posted(told, session.now)

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`. The marker is the caption: nothing else of ours can be read there."""
        found = [told async for told in self._reels(session) if same(told, post)]
        if len(found) > 1:
            raise UnconfirmedError(
                f"{session.account.title} has {len(found)} reels with these very words",
                advice="Look at the account, then say whether it is there",
            )
        return posted(found[0], session.now) if found else None

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`."""
        raise Reject(
            "Instagram does not let programs delete reels", advice="Delete it in the app, then take it off the list"
        )

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`. Instagram counts up to two days behind."""
        counted = {}
        for ident in platform_ids:
            told = await self._graph.insights(session, f"{ident}/insights", [*METRICS, WATCHED, AVERAGE])
            values = {METRICS[name]: value for name, value in told.items() if name in METRICS}
            seconds = {"watched_s": told.get(WATCHED), "average_s": told.get(AVERAGE)}
            values |= {name: value / 1000 for name, value in seconds.items() if isinstance(value, int | float)}
            if values:
                counted[ident] = Metrics(**values)
        return counted

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        user = _user(account)
        upload = [] if self._requests.media_url else [bytes_call("{upload_url}", post.film, 0)]
        return [
            self._requests.quota(user),
            self._requests.container(user, post),
            *upload,
            self._requests.status("{container}"),
            self._requests.publish(user, "{container}"),
            self._requests.media("{media}"),
        ]

    async def _prepare(self, session: Session, post: Post, steps: Steps) -> None:
        """Bring a container to where it can be published. What is created here is seen by nobody."""
        fresh = steps.get("container") is None
        if fresh:
            told = await self._graph.ask(session, self._requests.container(_user(session.account), post))
            if not told.get("id"):
                raise Unavailable("instagram named no container", advice="It is tried again by itself")
            container = str(told["id"])
            upload_url = told.get("uri") or f"{self._upload_url}/{self._graph.version}/{container}"
            await steps.keep(container=container, upload_url=upload_url, made_at=session.now.isoformat())
        if not self._requests.media_url and not steps.get("sent"):
            url = steps.get("upload_url")

            async def asked() -> int:
                return await offset_at(session, url)

            start = 0 if fresh else await asked()
            await send_bytes(session, self.name, url, post.film, start, asked=asked)
            await steps.keep(sent=True)
        await self._worked_on(session, steps)

    async def _worked_on(self, session: Session, steps: Steps) -> None:
        for pause in POLLS_S:
            if await self._state(session, steps) in {"FINISHED", "PUBLISHED"}:
                return
            await session.pause(pause)
        if session.now - datetime.fromisoformat(steps.get("made_at")) > STUCK:
            raise meta.SpentError("Instagram works on it for more than an hour")
        raise Retry("Instagram is still working on the video", after=60.0, advice="It is asked again by itself")

    async def _published(self, session: Session, post: Post, steps: Steps) -> str | None:
        """The reel of the container, if that was published."""
        state, spent = "", None
        try:
            state = await self._state(session, steps)
        except meta.SpentError as error:
            spent = error
        if state == "FINISHED":
            return None
        since = datetime.fromisoformat(steps.get("made_at")) - SKEW
        found = [told async for told in self._reels(session, since) if same(told, post)]
        if isinstance(spent, meta.AbsentError) and not found:
            raise UnconfirmedError(
                "Instagram knows the container no more, and shows no reel with these words",
                advice="Look at the account, then say whether it is there",
            )
        if spent and not found:
            raise spent
        if not found:
            raise Retry(
                f"Instagram calls the container {state} and does not show its reel yet",
                after=15.0,
                advice="It is asked again by itself",
            )
        return str(found[-1]["id"])

    async def _state(self, session: Session, steps: Steps) -> str:
        """`IN_PROGRESS`, `FINISHED` or `PUBLISHED`. Raises `SpentError` or `Reject` for one that never will be."""
        told = await self._graph.ask(session, self._requests.status(steps.get("container")))
        state, status = str(told.get("status_code")), str(told.get("status") or "")[:300]
        if state == "EXPIRED":
            raise meta.SpentError("the container was not published within a day")
        if state == "ERROR":
            subcode = _SUBCODE.search(status)
            if subcode and int(subcode[0]) in meta.ADVICE:
                raise meta.advised(self.name, status, int(subcode[0]))
            raise meta.SpentError(status)
        return state

    async def _reels(self, session: Session, since: datetime | None = None) -> AsyncIterator[dict[str, Any]]:
        """What the account shows, newest first, until `since`."""
        after: dict[str, str] = {}
        for _ in range(PAGES):
            told = await self._graph.ask(session, self._requests.list(_user(session.account), after))
            for each in meta.items(told):
                at = meta.moment(each.get("timestamp"))
                if since is not None and at is not None and at < since:
                    return
                yield each
            after = meta.next_page(told)
            if not after:
                return


def _user(account: Account) -> str:
    return account.account_id.partition(":")[2]


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> Instagram:
    """Instagram, as the settings have it. Asks nothing yet."""
    return Instagram(InstagramSettings())
