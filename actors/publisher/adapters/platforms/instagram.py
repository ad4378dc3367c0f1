"""Instagram: Reels on professional accounts, by the Instagram API with Instagram Login.

Sources: Meta's "Content Publishing", "IG User Media", "IG Container", "Content Publishing Limit", "IG Media Insights",
"Instagram Login". A container is created, gets its bytes, is worked on, and only `media_publish` shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, SecretStr

from actors.publisher.adapters.platforms import meta
from actors.publisher.adapters.platforms.answers import number_of, objects_of, whole_of
from actors.publisher.adapters.platforms.instagram_calls import Requests, posted, same
from actors.publisher.adapters.platforms.instagram_container import KEPT, Container, reels, user
from actors.publisher.adapters.platforms.meta_login import InstagramGrant, signed
from actors.publisher.adapters.platforms.meta_upload import begin_again, bytes_call
from actors.publisher.adapters.platforms.notes import unlabelled
from actors.publisher.core.addresses import id_in
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
        self._upload_url = f"{settings.instagram_upload_base_url.rstrip('/')}/ig-api-upload/{self._graph.version}"
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
        told = await self._graph.read(session, self._requests.quota(user(session.account)))
        quota = next((each for each in objects_of(told, "data") if isinstance(each.get("config"), dict)), None)
        used, total = whole_of(quota, "quota_usage"), whole_of(quota, "config", "quota_total")
        if used is not None and total is not None and used >= total:
            raise Retry(
                f"{session.account.title} has used the {total} posts that Instagram takes in a day",
                after=meta.CAP_S,
                advice="It is tried again by itself, as the window of 24 hours rolls on",
            )

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`."""

        container = Container(self._requests, self._upload_url, session, post, steps)

        async def make() -> str:
            call = self._requests.publish(user(session.account), steps.get("container"))
            told = await self._graph.make(session, call, ask=container.published)
            found = told if isinstance(told, str) else told.get("id")
            if not found:
                raise LostError("Instagram did not say what it made of the container")
            return str(found)

        try:
            if not steps.get("ready"):
                await container.prepare()
                await steps.keep(ready=True)
            media = await steps.once("media", make, ask=container.published)
        except meta.SpentError as error:
            raise await begin_again(steps, self.name, error, *KEPT) from error
        notes = (*unlabelled(post, "Instagram", "paid_promotion"), *self._requests.coverless())
        try:
            told = await self._graph.read(session, self._requests.media(media))
        except Reject as error:  # it is out, whatever may be read of it
            told, notes = {"id": media}, (*notes, f"its address could not be read: {error.what}")
        return replace(posted(told, session.now), notes=notes)

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`. The marker is the caption: nothing else of ours can be read there."""
        found = [told async for told in reels(self._requests, session) if same(told, post)]
        if len(found) > 1:
            raise UnconfirmedError(
                f"{session.account.title} has {len(found)} reels with these very words",
                advice="Look at the account, then say whether it is there",
            )
        return posted(found[0], session.now) if found else None

    async def located(self, session: Session, word: str) -> str | None:
        """See `Locates.located`: the address has a code, and the API takes numbers alone."""
        async for told in reels(self._requests, session):
            if id_in(self.name, str(told.get("permalink"))) == word and told.get("id"):
                return str(told["id"])
        return None

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
            seconds = {"watched_s": number_of(told, WATCHED), "average_s": number_of(told, AVERAGE)}
            values |= {name: value / 1000 for name, value in seconds.items() if value is not None}
            if values:
                counted[ident] = Metrics(**values)
        return counted

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        requests, me = self._requests, user(account)
        upload = [] if requests.media_url else [bytes_call("{upload_url}", post.film, 0)]
        return [
            requests.quota(me),
            requests.container(me, post),
            *upload,
            requests.status("{container}"),
            requests.publish(me, "{container}"),
            requests.media("{media}"),
        ]


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> Instagram:
    """Instagram, as the settings have it. Asks nothing yet."""
    return Instagram(InstagramSettings())
