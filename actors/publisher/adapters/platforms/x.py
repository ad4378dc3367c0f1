"""The platform `x`: posts with a video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, SecretStr

from actors.publisher.adapters.http import said
from actors.publisher.adapters.platforms.answers import sum_of, text_of, time_of, whole_of
from actors.publisher.adapters.platforms.oauth import CodeGrant
from actors.publisher.adapters.platforms.x_calls import (
    SEGMENT,
    Requests,
    asked,
    complete,
    data_of,
    keys_of,
    listed,
    made,
    ready,
    status_of,
    views_of,
    words_of,
)
from actors.publisher.core.limits import Hashtags, Limits, Quota, Text
from actors.publisher.ports import (
    Answer,
    Api,
    Call,
    Grant,
    LostError,
    Owner,
    Post,
    Posted,
    RevokedError,
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

__all__ = ["X", "XSettings", "open_platform"]

_USABLE = timedelta(hours=23)
"""Uploaded media can be posted for 24 hours."""
_SKEW = timedelta(minutes=2)
_WAITS = 40
"""Questions within one delivery about a video that X works on."""
_TIMES = 3
_MEDIA = ("media_id", "made_at", "segments", "ended", "ready")
_DUPLICATE = "duplicate"


class XSettings(Settings):
    """How X is reached."""

    x_base_url: Annotated[str, Field(pattern=r"^https?://", description="where X's API answers")] = "https://api.x.com"
    x_authorize_url: Annotated[
        str, Field(pattern=r"^https?://", description="X's page where a person lets the app post")
    ] = "https://x.com/i/oauth2/authorize"
    x_client_id: Annotated[str, Field(description="OAuth 2.0 client id of your app at console.x.com")] = ""
    x_client_secret: Annotated[
        SecretStr | None, Field(description="its client secret; unset for an app of the type “native”, which has none")
    ] = None
    x_longest_s: Annotated[
        float, Field(gt=0.5, description="seconds of a video that your accounts may post: 140, with Premium more")
    ] = 140.0


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> X:
    """X, as its settings say."""
    return X(XSettings())


class _Login(CodeGrant):
    """X's word for a refresh token that is worth nothing is that of RFC 6749 for a malformed request."""

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        """See `Grant.refresh`."""
        try:
            return await super().refresh(api, tokens)
        except Unavailable as error:
            if "token was invalid" in error.what:
                raise RevokedError(error.what) from error
            raise


class X:
    """See `Platform`. An account is named by the user's id."""

    name: ClassVar[str] = "x"

    def __init__(self, settings: XSettings) -> None:
        self._requests = Requests(settings.x_base_url)
        base, secret = settings.x_base_url.rstrip("/"), settings.x_client_secret
        self.limits = Limits(
            source="xdevplatform/docs, August 2026: media best practices, rate limits",
            description=Text(280, "weighted", least=1),
            hashtags=Hashtags(30),
            bytes=(1, 512_000_000),
            duration=(0.5, settings.x_longest_s),
            fps=(1.0, 60.0),
            # Its pages say 1280x1024, and X takes the full HD of phones all the same and makes it smaller.
            side=(32, 1920),
            aspect=(1 / 3, 3.0),
            content_types=("video/mp4", "video/webm", "video/quicktime"),
            quotas=(
                Quota(100, window=timedelta(minutes=15)),
                Quota(10_000, scope="project"),
            ),
        )
        self.grant: Grant | None = _Login(
            service="X",
            setting="CLIPWIRE_X",
            authorize_url=settings.x_authorize_url,
            token_url=f"{base}/2/oauth2/token",
            revoke_url=f"{base}/2/oauth2/revoke",
            client_id=settings.x_client_id,
            client_secret=secret.get_secret_value() if secret else "",
            client_in="basic" if secret else "form",
            scopes=("tweet.read", "tweet.write", "users.read", "media.write", "offline.access"),
        )

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`."""
        call = replace(self._requests.me(), headers={"Authorization": f"Bearer {tokens.access}"}, authorize=False)
        user = data_of(await api.ask(call), "to see whose account it is")
        if not user.get("id"):
            raise Reject("X does not say whose account it is", advice="Connect it again")
        name = str(user.get("username") or "")
        return [Owner(str(user["id"]), f"@{name}" if name else "X", tokens, {"username": name} if name else {})]

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`. X tells nothing in advance."""

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`. Media that was uploaded and not posted is seen by nobody, and gone after a day."""

        async def make() -> dict[str, str]:
            again = steps.get("asked_at") is not None
            await self._uploaded(session, post, steps)  # what a person looked after for a day is gone
            await steps.keep(asked_at=steps.get("asked_at") or session.now.isoformat())
            return await self._posted(session, post, steps, again=again)

        async def ask() -> dict[str, str] | None:
            return await self._there(session, steps) if steps.get("asked_at") else None

        if steps.get("asked_at") is None:
            await self._uploaded(session, post, steps)
        done = await steps.once("post", make, ask=ask)
        return _posted(done["id"], datetime.fromisoformat(done["at"]))

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`. The words are the marker: X takes none twice."""
        words = words_of(post.description or post.title)
        answer = await asked(session, self._requests.posts(_user(session)))
        data_of(answer, "to see the account's posts")
        for each in listed(answer):
            if words_of(str(each.get("text") or "")) == words:
                return _posted(str(each["id"]), time_of(each, "created_at") or session.now)
        complete(answer)
        return None

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`. What is gone already is deleted."""
        answer = await asked(session, self._requests.remove(platform_id))
        if answer.status != 404:
            data_of(answer, "to delete a post")

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`. Each post that is asked for costs a little."""
        counted: dict[str, Metrics] = {}
        for start in range(0, len(platform_ids), 100):
            answer = await asked(session, self._requests.counts(platform_ids[start : start + 100]))
            data_of(answer, "what is counted")
            views = views_of(answer)
            for each in listed(answer):
                told = each.get("public_metrics")
                seen = [views[key] for key in keys_of(each) if key in views]
                counted[str(each["id"])] = Metrics(
                    views=seen[0] if seen else whole_of(told, "impression_count"),
                    likes=whole_of(told, "like_count"),
                    comments=whole_of(told, "reply_count"),
                    shares=sum_of(told, "retweet_count", "quote_count"),
                    saves=whole_of(told, "bookmark_count"),
                )
        return counted

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        calls = [self._requests.begin(post)]
        calls += [self._requests.segment(post, "{media_id}", index) for index in range(_segments(post))]
        end = [self._requests.end("{media_id}"), self._requests.status("{media_id}")]
        return [*calls, *end, self._requests.post(post, "{media_id}")]

    # -- Media --------------------------------------------------------------------------------------------------------

    async def _uploaded(self, session: Session, post: Post, steps: Steps) -> None:
        """Bring the video to X, from the segment on that is missing, and wait until X can show it."""
        made_at = steps.get("made_at")
        if made_at is None or session.now - datetime.fromisoformat(made_at) > _USABLE:
            await steps.drop(*_MEDIA)
            data = data_of(await asked(session, self._requests.begin(post)), "to take a video")
            if not isinstance(data.get("id"), str):
                raise Unavailable("X takes a video and does not say where", advice="It is tried again by itself")
            keys = [*(steps.get("keys") or ()), data.get("media_key") or f"13_{data['id']}"]
            await steps.keep(media_id=data["id"], keys=keys, made_at=session.now.isoformat())
        media_id, count = steps.get("media_id"), _segments(post)
        for index in range(int(steps.get("segments") or 0), count):
            await self._taken(steps, await asked(session, self._requests.segment(post, media_id, index)))
            await steps.keep(segments=index + 1)
            await session.progress((index + 1) / count)
        if not steps.get("ready"):
            await self._ready(session, steps)
            await steps.keep(ready=True)

    async def _taken(self, steps: Steps, answer: Answer) -> None:
        """Media that is refused half way is worth nothing: another is begun, a few times."""
        failures = int(steps.get("failures") or 0)
        try:
            data_of(answer, "the bytes of the video")
        except Reject as error:
            if failures >= _TIMES or answer.status in {401, 402, 403}:
                raise
            await steps.keep(failures=failures + 1)
            await steps.drop(*_MEDIA)
            raise Retry(error.what, after=10.0, advice="The upload begins anew by itself") from error

    async def _ready(self, session: Session, steps: Steps) -> None:
        media_id = steps.get("media_id")
        call = self._requests.status(media_id) if steps.get("ended") else self._requests.end(media_id)
        answer = await asked(session, call)
        if not steps.get("ended") and not answer.ok:  # it may have been ended without an answer
            answer = await asked(session, self._requests.status(media_id))
        await self._taken(steps, answer)
        await steps.keep(ended=True)
        status = status_of(data_of(answer, "the video"))
        for _ in range(_WAITS):
            if status.state in {"succeeded", "failed"}:
                break
            await session.pause(status.wait)
            answer = await asked(session, self._requests.status(media_id))
            await self._taken(steps, answer)
            status = status_of(data_of(answer, "the video"))
        ready(status)

    # -- The post -----------------------------------------------------------------------------------------------------

    async def _posted(self, session: Session, post: Post, steps: Steps, *, again: bool) -> dict[str, str]:
        """`again`: it was asked for before, so that the text X has already may be ours."""
        answer = await made(session, self._requests.post(post, steps.get("media_id")))
        if answer.status == 403 and _DUPLICATE in str(answer.json().get("detail", "")).lower():
            if (ours := await self._there(session, steps)) is not None:
                return ours
            if again:
                unseen = "X has a post with this very text, and does not show it among the account's yet"
                raise UnconfirmedError(unseen, advice="Look at the account, then say whether it is there")
            raise Reject(
                "X takes no text twice, and the account has posted this one before",
                advice="Publish it with another `description`",
                field="description",
            )
        data = data_of(answer, "the post")
        if not text_of(data, "id"):
            raise LostError(f"X took the post and did not say which it is{said(answer)}")
        return {"id": data["id"], "at": session.now.isoformat()}

    async def _there(self, session: Session, steps: Steps) -> dict[str, str] | None:
        """The post that shows our media, among the account's own since it was sent."""
        since = datetime.fromisoformat(steps.get("asked_at")) - _SKEW
        answer = await asked(session, self._requests.posts(_user(session), since))
        data_of(answer, "to see the account's posts")
        for each in listed(answer):
            if set(steps.get("keys") or ()) & set(keys_of(each)):
                return {"id": str(each["id"]), "at": (time_of(each, "created_at") or session.now).isoformat()}
        complete(answer)
        return None


def _segments(post: Post) -> int:
    return -(-post.film.bytes // SEGMENT)


def _user(session: Session) -> str:
    return session.account.account_id.partition(":")[2]


def _posted(post_id: str, at: datetime) -> Posted:
    return Posted(post_id, f"https://x.com/i/web/status/{post_id}", at)
