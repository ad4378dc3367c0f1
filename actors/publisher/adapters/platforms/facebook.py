"""Facebook: Reels of Pages, shown at once or at a time that Facebook keeps itself.

Sources: Meta's "Reels Publishing API", "Video Insights", "Facebook Login". An upload is started, gets its bytes, and is
finished: only that lets Facebook work on it and show it, which is waited for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr

from actors.publisher.adapters.platforms import meta
from actors.publisher.adapters.platforms.answers import objects_of, time_of
from actors.publisher.adapters.platforms.facebook_calls import (
    METRICS,
    SOONEST,
    Requests,
    State,
    counted,
    page_of,
    posted,
    same,
    state_for,
)
from actors.publisher.adapters.platforms.facebook_reel import KEPT, Reel
from actors.publisher.adapters.platforms.meta_login import FacebookGrant, signed
from actors.publisher.adapters.platforms.meta_upload import begin_again, bytes_call
from actors.publisher.adapters.platforms.notes import unlabelled
from actors.publisher.core.limits import Limits, Quota, Text
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
from runtime.errors import Reject
from runtime.media import MediaStore
from runtime.settings import Settings

__all__ = ["Facebook", "FacebookSettings", "open_platform"]

LIMITS = Limits(
    source="Facebook: Reels Publishing API",
    # No length is told for the words of a reel; these are what posts and videos of Pages take.
    title=Text(255),
    description=Text(63_206),
    duration=(3, 90),
    fps=(24, 60),
    side=(540, 4096),  # 540x960 at least; a largest is not told
    aspect=(0.55, 0.575),  # 9:16
    quotas=(Quota(30),),
    schedules=(SOONEST, timedelta(days=30)),
    by_hand="Change its time in Meta Business Suite, among the scheduled posts of the Page",
)
SCOPES = ("pages_show_list", "pages_read_engagement", "pages_manage_posts")
PAGES = 10


class FacebookSettings(Settings):
    """Where Facebook is, and the app that people log in with."""

    facebook_base_url: Annotated[str, Field(pattern=r"^https?://", description="address of Facebook's Graph API")] = (
        "https://graph.facebook.com"
    )
    facebook_authorize_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://",
            description="page on which a person lets Clipwire use their Pages; unset: the dialog of "
            "www.facebook.com in CLIPWIRE_FACEBOOK_GRAPH_VERSION",
        ),
    ] = None
    facebook_upload_base_url: Annotated[
        str,
        Field(pattern=r"^https?://", description="address that takes bytes of Facebook, where an answer names none"),
    ] = "https://rupload.facebook.com"
    facebook_graph_version: Annotated[
        str, Field(pattern=r"^v\d+\.\d+$", description="version of the Graph API for Facebook; each lives two years")
    ] = "v26.0"
    facebook_client_id: Annotated[str, Field(description="id of the Meta app")] = ""
    facebook_client_secret: Annotated[SecretStr | None, Field(description="secret of the Meta app")] = None


class Facebook:
    """See `Platform`. An account is a Page, by its id."""

    name: ClassVar[str] = "facebook"
    limits: Limits = LIMITS

    def __init__(self, settings: FacebookSettings) -> None:
        version, secret = settings.facebook_graph_version, settings.facebook_client_secret
        self._graph = meta.Graph(self.name, settings.facebook_base_url, version)
        self._requests = Requests(self._graph)
        self._upload_url = f"{settings.facebook_upload_base_url.rstrip('/')}/video-upload/{version}"
        self.grant: Grant | None = FacebookGrant(
            service="Facebook",
            setting="CLIPWIRE_FACEBOOK",
            authorize_url=settings.facebook_authorize_url or f"https://www.facebook.com/{version}/dialog/oauth",
            token_url=f"{self._graph.address}/oauth/access_token",
            client_id=settings.facebook_client_id,
            client_secret=secret.get_secret_value() if secret else "",
            scopes=SCOPES,
            separator=",",
            pkce="none",
            graph_url=self._graph.address,
        )

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`: the Pages on which the person may create content."""
        owners: list[Owner] = []
        after: dict[str, str] = {}
        while True:
            call = signed(
                f"{self._graph.address}/me/accounts", tokens.access, fields="id,name,access_token,tasks", **after
            )
            told = meta.checked(self.name, await api.ask(call))
            owners += [_owner(page, tokens) for page in objects_of(told, "data") if _may_create(page)]
            after = meta.next_page(told)
            if not after:
                break
        if not owners:
            raise Reject(
                "there is no Page on which you may create content, and Facebook lets programs post to nothing else",
                advice="Create a Page, or get its full control or the task “create content”; then connect again and "
                "choose it",
            )
        return owners

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`. Facebook tells nothing before the first byte that the limits do not."""

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`."""
        reel = Reel(self._requests, self._upload_url, session, post, steps)

        async def make() -> str:
            state = state_for(post, session.now)
            call = self._requests.finish(page_of(session.account), steps.get("video"), post, state)
            told = await self._graph.make(session, call, ask=reel.finished)
            if isinstance(told, str):
                return told
            if told.get("success") is not True:
                raise LostError("Facebook did not say that it publishes the reel")
            return session.now.isoformat()

        try:
            if not steps.get("sent"):
                await reel.upload()
                await steps.keep(sent=True)
            at = datetime.fromisoformat(await steps.once("finish", make, ask=reel.finished))
            await reel.worked_on(at)
        except meta.SpentError as error:
            raise await begin_again(steps, self.name, error, *KEPT) from error
        when = post.publish_at if post.publish_at and post.publish_at > at else at
        notes = unlabelled(post, "Facebook", "synthetic", "paid_promotion")
        return replace(posted(steps.get("video"), when), notes=notes)

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`. The marker is the description; what is scheduled is not listed there."""
        found = [told async for told in self._reels(session) if same(told, post)]
        if len(found) > 1 or (not found and post.publish_at and post.publish_at > session.now):
            many = f"{len(found)} reels with these very words" if found else "reels that wait for their time unlisted"
            raise UnconfirmedError(
                f"{session.account.title} has {many}",
                advice="Look into Meta Business Suite, then say whether it is there",
            )
        if not found:
            return None
        return posted(str(found[0].get("id")), time_of(found[0], "created_time") or session.now)

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`. What is gone already is as well."""
        try:
            await self._graph.ask(session, self._graph.call("DELETE", platform_id))
        except meta.AbsentError:
            return

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`. Facebook renames its metrics; those that it does not know are left out."""
        found = {}
        for ident in platform_ids:
            values = counted(await self._graph.insights(session, f"{ident}/video_insights", METRICS))
            if values:
                found[ident] = Metrics(**values)
        return found

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        page = page_of(account)
        state: State = "SCHEDULED" if post.publish_at else "PUBLISHED"
        return [
            self._requests.start(page),
            bytes_call("{upload_url}", post.film, 0),
            self._requests.finish(page, "{video}", post, state),
            self._requests.status("{video}"),
        ]

    async def _reels(self, session: Session) -> AsyncIterator[dict[str, Any]]:
        """What the Page shows, newest first."""
        after: dict[str, str] = {}
        for _ in range(PAGES):
            told = await self._graph.read(session, self._requests.list(page_of(session.account), after))
            for each in objects_of(told, "data"):
                yield each
            after = meta.next_page(told)
            if not after:
                return


def _may_create(page: Mapping[str, Any]) -> bool:
    tasks = page.get("tasks")
    return bool(page.get("id") and page.get("access_token")) and (tasks is None or "CREATE_CONTENT" in tasks)


def _owner(page: Mapping[str, Any], tokens: Tokens) -> Owner:
    """A Page. Its token has no end where the person's is a long-lived one."""
    ident = str(page["id"])
    more = {"user": tokens.access, "page": ident}
    own = Tokens(access=str(page["access_token"]), scopes=tokens.scopes, more=more)
    return Owner(ident, str(page.get("name") or ident), own)


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> Facebook:
    """Facebook, as the settings have it. Asks nothing yet."""
    return Facebook(FacebookSettings())
