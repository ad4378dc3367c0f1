"""The platform `tiktok`: posts, or drafts for the account's inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SecretStr

from actors.publisher.adapters.platforms.answers import number_of, object_of, objects_of, text_of, whole_of
from actors.publisher.adapters.platforms.notes import unlabelled
from actors.publisher.adapters.platforms.oauth import CodeGrant, reason_of
from actors.publisher.adapters.platforms.tiktok_calls import (
    Chunks,
    caption,
    chunk_call,
    creator_call,
    data_of,
    direct_call,
    draft_call,
    list_call,
    query_call,
    status_call,
    user_call,
)
from actors.publisher.adapters.platforms.tiktok_upload import Upload, state_of
from actors.publisher.core.limits import Limits, Quota, Text
from actors.publisher.ports import Api, Call, Grant, Owner, Post, Posted, Session, Steps, Tokens, UnconfirmedError
from actors.publisher.settings import PublisherSettings
from contracts.publishing import Account, Metrics
from runtime.errors import Reject, Unavailable
from runtime.media import MediaStore
from runtime.settings import Settings

__all__ = ["TikTok", "TikTokSettings", "open_platform"]

_PAGES = 5
"""Of 20 videos, that are searched for one."""
_SKEW = timedelta(minutes=2)
"""Between TikTok's clock and ours."""
_PENDING = "v_"
"""How a `publish_id` begins: it stands for a post until that has an id of its own, which is a number."""


class TikTokSettings(Settings):
    """How TikTok is reached and posted to."""

    tiktok_base_url: Annotated[str, Field(pattern=r"^https?://", description="where TikTok's API answers")] = (
        "https://open.tiktokapis.com"
    )
    tiktok_authorize_url: Annotated[
        str, Field(pattern=r"^https?://", description="TikTok's page where a person lets the app post")
    ] = "https://www.tiktok.com/v2/auth/authorize/"
    tiktok_client_id: Annotated[str, Field(description="client key of your app at developers.tiktok.com")] = ""
    tiktok_client_secret: Annotated[SecretStr | None, Field(description="client secret of the same app")] = None
    tiktok_mode: Annotated[
        Literal["direct", "draft"],
        Field(description="`direct`: post; `draft`: into the account's inbox, where a person finishes it in the app"),
    ] = "direct"
    tiktok_privacy: Annotated[
        Literal["PUBLIC_TO_EVERYONE", "FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"] | None,
        Field(
            description="who sees what is posted. TikTok wants a person to choose, so there is no default; an app that "
            "it has not audited may only post `SELF_ONLY`"
        ),
    ] = None


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> TikTok:
    """TikTok, as its settings say."""
    return TikTok(TikTokSettings())


class _Login(CodeGrant):
    """TikTok takes back the access token, and says what is wrong with any status."""

    async def revoke(self, api: Api, tokens: Tokens) -> None:
        """See `Revokes.revoke`."""
        form = {"client_key": self.client_id, "client_secret": self.client_secret, "token": tokens.access}
        answer = await api.ask(Call("POST", self.revoke_url, form=form, authorize=False))
        if not answer.ok or answer.json():
            raise Reject(f"TikTok did not take the tokens back: {reason_of(answer)}")


class TikTok:
    """See `Platform`. An account is named by its `open_id`; the videos that it has posted are public or private."""

    name: ClassVar[str] = "tiktok"
    limits = Limits(
        source="TikTok for Developers, Content Posting API, November 2026",
        description=Text(2200, "utf16"),
        bytes=(1, 4_000_000_000),
        duration=(0.0, 600.0),
        fps=(23.0, 60.0),
        side=(360, 4096),
        content_types=("video/mp4", "video/quicktime", "video/webm"),
        quotas=(Quota(15), Quota(6, window=timedelta(minutes=1))),
    )

    def __init__(self, settings: TikTokSettings) -> None:
        self._settings = settings
        self._base = settings.tiktok_base_url.rstrip("/")
        self._draft = settings.tiktok_mode == "draft"
        secret = settings.tiktok_client_secret
        self.grant: Grant | None = _Login(
            service="TikTok",
            setting="CLIPWIRE_TIKTOK",
            authorize_url=settings.tiktok_authorize_url,
            token_url=f"{self._base}/v2/oauth/token/",
            revoke_url=f"{self._base}/v2/oauth/revoke/",
            client_id=settings.tiktok_client_id,
            client_secret=secret.get_secret_value() if secret else "",
            scopes=("user.info.basic", "video.list", self._right),
            separator=",",
            pkce="hex",
            client_id_field="client_key",
        )

    @property
    def _right(self) -> str:
        return "video.upload" if self._draft else "video.publish"

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`."""
        if tokens.scopes and self._right not in tokens.scopes:
            raise Reject(
                f"TikTok was not allowed `{self._right}`, so nothing can be posted",
                advice="Connect again, and leave every box ticked on TikTok's page",
            )
        call = user_call(self._base)
        headers = {**call.headers, "Authorization": f"Bearer {tokens.access}"}
        answer = await api.ask(Call(call.method, call.url, params=call.params, headers=headers, authorize=False))
        user = object_of(data_of(answer, "whose account it is"), "user")
        if not user.get("open_id"):
            raise Reject("TikTok does not say whose account it is", advice="Connect again")
        return [Owner(name=str(user["open_id"]), title=str(user.get("display_name") or "TikTok"), tokens=tokens)]

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`. A draft is a matter between the person and TikTok."""
        if not self._draft:
            await self._creator(session, post)

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`. Without its last byte an upload is nothing, and with it one post at most."""

        async def begin() -> None:
            call = draft_call(self._base, post)
            username = None
            if not self._draft:
                creator = await self._creator(session, post)
                username = creator.get("creator_username")
                call = direct_call(self._base, post, privacy=self._privacy, creator=creator)
            data = data_of(await session.ask(call), "to begin a post")
            publish_id, upload_url = text_of(data, "publish_id"), text_of(data, "upload_url")
            if not publish_id or not upload_url:
                raise Unavailable("TikTok began a post and does not say where to upload it", advice="It is tried again")
            await steps.keep(publish_id=publish_id, upload_url=upload_url, username=username)

        async def find() -> Posted | None:
            return await self._search(session, post, datetime.fromisoformat(steps.get("sent")) - _SKEW)

        shown = not self._draft and self._settings.tiktok_privacy != "SELF_ONLY"
        upload = Upload(session, post, steps, base=self._base, begin=begin, find=find, shown=shown)
        done = await steps.once("post", upload.make, ask=upload.ask)
        notes = unlabelled(post, "TikTok", "synthetic", "paid_promotion") if self._draft else ()
        return Posted(done["id"], done["url"], datetime.fromisoformat(done["at"]), notes)

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`. TikTok keeps no marker: the words and the length have to do."""
        return await self._search(session, post)

    async def _search(self, session: Session, post: Post, since: datetime | None = None) -> Posted:
        """Raises `UnconfirmedError` where it is not among the public videos, since those are not all."""
        cursor = None
        for _ in range(_PAGES):
            data = data_of(await session.ask(list_call(self._base, cursor)), "the account's videos")
            for video in objects_of(data, "videos"):
                if not _same(video, post):
                    continue
                at = datetime.fromtimestamp(int(video.get("create_time") or session.now.timestamp()), UTC)
                if since is None or at >= since:
                    return Posted(str(video["id"]), str(video.get("share_url") or "https://www.tiktok.com/"), at)
            cursor = whole_of(data, "cursor")
            if not data.get("has_more") or cursor is None:
                break
        raise UnconfirmedError(
            f"{post.publication_id} is not among the public videos of {post.account_id}, and TikTok shows no others",
            advice="Look in the TikTok app, also at private videos, drafts and what is still being checked",
        )

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`."""
        raise Reject("TikTok lets no app delete a video", advice="Delete it in the TikTok app")

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`. TikTok tells of public videos only, and nothing of how long they are watched."""
        known = {await self._video(session, each): each for each in platform_ids}
        ids = [each for each in known if each is not None]
        counted: dict[str, Metrics] = {}
        for start in range(0, len(ids), 20):
            answer = await session.ask(query_call(self._base, ids[start : start + 20]))
            for video in objects_of(data_of(answer, "what is counted"), "videos"):
                if str(video.get("id")) in known:
                    counted[known[str(video["id"])]] = _metrics(video)
        return counted

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        chunks = Chunks.of(post.film.bytes)
        spans = (chunks.span(index * chunks.chunk) for index in range(chunks.count))
        begin = [draft_call(self._base, post)]
        if not self._draft:
            begin = [creator_call(self._base), direct_call(self._base, post, privacy=self._privacy, creator={})]
        chunk = [chunk_call("{upload_url}", post.film, start, end) for start, end in spans]
        return [*begin, *chunk, status_call(self._base, "{publish_id}")]

    @property
    def _privacy(self) -> str:
        if self._settings.tiktok_privacy is None:
            raise Reject(
                "nobody has chosen who may see what is posted on TikTok, and TikTok wants a person to",
                advice="Set CLIPWIRE_TIKTOK_PRIVACY, for example to PUBLIC_TO_EVERYONE, or to SELF_ONLY until your app "
                "is audited",
            )
        return self._settings.tiktok_privacy

    async def _creator(self, session: Session, post: Post) -> dict[str, Any]:
        """What the account may post now, and that this post is among it. Raises `Reject`."""
        privacy = self._privacy
        if post.disclosure.paid_promotion and privacy == "SELF_ONLY":
            raise Reject(
                "TikTok takes no paid promotion that only the account itself sees",
                advice="Set CLIPWIRE_TIKTOK_PRIVACY to something else, or take `paid_promotion` out of the recipe",
                field="disclosure.paid_promotion",
            )
        creator = data_of(await session.ask(creator_call(self._base)), "what the account may post")
        options, longest = creator.get("privacy_level_options"), number_of(creator, "max_video_post_duration_sec")
        if isinstance(options, list) and privacy not in options:
            raise Reject(
                f"{post.account_id} cannot post as {privacy}; it may as {', '.join(map(str, options)) or 'nothing'}",
                advice="Set CLIPWIRE_TIKTOK_PRIVACY to one of these, or change the account's privacy in TikTok",
            )
        if longest is not None and post.film.duration > longest:
            raise Reject(
                f"the video lasts {post.film.duration:.1f} s and {post.account_id} may post {longest:g} s",
                advice="Make the short shorter",
                field="duration",
            )
        return creator

    async def _video(self, session: Session, platform_id: str) -> str | None:
        """The video's own id; none while there is none."""
        if not platform_id.startswith(_PENDING):
            return platform_id
        state = await state_of(session, self._base, platform_id)
        return state.post_ids[0] if state and state.post_ids else None


def _same(video: Mapping[str, Any], post: Post) -> bool:
    words = " ".join((text_of(video, "video_description") or text_of(video, "title")).split())
    length = number_of(video, "duration")
    near = length is None or abs(length - post.film.duration) <= 1
    return near and bool(video.get("id")) and words == " ".join(caption(post).split())


def _metrics(video: Mapping[str, Any]) -> Metrics:
    return Metrics(
        views=whole_of(video, "view_count"),
        likes=whole_of(video, "like_count"),
        comments=whole_of(video, "comment_count"),
        shares=whole_of(video, "share_count"),
    )
