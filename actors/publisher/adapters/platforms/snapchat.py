"""The platform `snapchat`: Spotlight videos of a Public Profile."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar, NoReturn
from urllib.parse import quote

from pydantic import Field, SecretStr

from actors.publisher.adapters.http import said
from actors.publisher.adapters.platforms.answers import object_of, objects_of, text_of
from actors.publisher.adapters.platforms.notes import unlabelled
from actors.publisher.adapters.platforms.oauth import CodeGrant
from actors.publisher.adapters.platforms.snapchat_calls import Requests, metrics_of, same, told_by
from actors.publisher.adapters.platforms.snapchat_seal import BLOCK, Seal
from actors.publisher.core.limits import Limits, Text
from actors.publisher.ports import (
    Answer,
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

__all__ = ["Snapchat", "SnapchatSettings", "open_platform"]

_USABLE = timedelta(hours=23)
"""Uploaded media can be posted for 24 hours."""
_VISIBLE = timedelta(minutes=10)
"""For so long after a post whose answer was lost, the profile is searched for it."""
_PAUSES = (5.0, 10.0, 20.0, 30.0)
"""Seconds until a video that was uploaded is ready."""
_PAGES = 5
_TIMES = 3
_MEDIA = ("media_id", "add_path", "finalize_path", "key", "iv", "made_at", "parts", "block", "final")


class SnapchatSettings(Settings):
    """How Snapchat is reached."""

    snapchat_base_url: Annotated[str, Field(pattern=r"^https?://", description="where Snapchat's API answers")] = (
        "https://businessapi.snapchat.com"
    )
    snapchat_accounts_base_url: Annotated[
        str, Field(pattern=r"^https?://", description="where people log in to Snapchat")
    ] = "https://accounts.snapchat.com"
    snapchat_client_id: Annotated[
        str, Field(description="OAuth app of your business in Snapchat Ads Manager, that Snap has put on its allowlist")
    ] = ""
    snapchat_client_secret: Annotated[SecretStr | None, Field(description="client secret of the same app")] = None


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> Snapchat:
    """Snapchat, as its settings say."""
    return Snapchat(SnapchatSettings())


class Snapchat:
    """See `Platform`. An account is a Public Profile, named by its id."""

    name: ClassVar[str] = "snapchat"
    limits = Limits(
        source="developers.snap.com, Public Profile API, Profile Asset Management, 2026",
        description=Text(160),
        bytes=(1, 500_000_000),
        duration=(6.0, 60.0),
        side=(540, 8192),
        aspect=(0.55, 0.575),
    )

    def __init__(self, settings: SnapchatSettings) -> None:
        self._requests = Requests(settings.snapchat_base_url)
        login = settings.snapchat_accounts_base_url.rstrip("/")
        secret = settings.snapchat_client_secret
        self.grant: Grant | None = CodeGrant(
            service="Snapchat",
            setting="CLIPWIRE_SNAPCHAT",
            authorize_url=f"{login}/login/oauth2/authorize",
            token_url=f"{login}/login/oauth2/access_token",
            client_id=settings.snapchat_client_id,
            client_secret=secret.get_secret_value() if secret else "",
            scopes=("snapchat-profile-api",),
            pkce="none",
        )

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`."""
        call = replace(self._requests.me(), headers={"Authorization": f"Bearer {tokens.access}"}, authorize=False)
        told = told_by(await api.ask(call), "whose profile it is")
        profile = object_of(told, "public_profile")
        if not profile.get("id"):
            raise Reject(
                "this Snapchat account has no Public Profile", advice="Make one in the Snapchat app, then connect again"
            )
        user = text_of(profile, "snap_user_name")
        title = text_of(profile, "display_name") or user or "Snapchat"
        return [Owner(name=str(profile["id"]), title=title, tokens=tokens, details={"username": user} if user else {})]

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`. Snapchat tells nothing in advance."""

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`. Media that was uploaded and not posted is seen by nobody, and gone after a day."""

        async def make() -> dict[str, str]:
            await self._uploaded(session, post, steps)
            await steps.keep(asked_at=session.now.isoformat())
            return await self._posted(session, post, steps)

        async def ask() -> dict[str, str] | None:
            asked_at = steps.get("asked_at")
            if asked_at is None:
                return None
            found = await self._found(session, post, since=datetime.fromisoformat(asked_at))
            if found is None:
                _unseen(session.now - datetime.fromisoformat(asked_at))
            return {"id": found.platform_id, "url": found.url, "at": found.published_at.isoformat()}

        if steps.get("asked_at") is None:
            await self._uploaded(session, post, steps)
        done = await steps.once("spotlight", make, ask=ask)
        url = done["url"] or await self._link(session, done["id"])
        notes = unlabelled(post, "Snapchat", "synthetic", "paid_promotion")
        return Posted(done["id"], url, datetime.fromisoformat(done["at"]), notes)

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`. Snapchat keeps no marker: the description and the length have to do."""
        found = await self._found(session, post)
        if found is None:
            raise UnconfirmedError(
                f"{post.publication_id} is not among the Spotlights of {post.account_id}, which may leave out what "
                "Snapchat still looks at",
                advice="Look at the profile in the Snapchat app",
            )
        return found

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`."""
        raise Reject("Snapchat tells no way for an app to delete a Spotlight", advice="Delete it in the Snapchat app")

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`."""
        counted: dict[str, Metrics] = {}
        for each in platform_ids:
            answer = await session.ask(self._requests.counted(session.account, each))
            if answer.status != 404:
                counted[each] = metrics_of(told_by(answer, "what is counted"))
        return counted

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`. The parts are sent encrypted."""
        seal = Seal(post.film.path, post.film.bytes, b"", b"")
        calls = [self._requests.media(account, post, "{key}", "{iv}")]
        calls += [self._requests.part("{add_path}", number, b"") for number in range(1, seal.parts + 1)]
        return [*calls, self._requests.final("{finalize_path}"), self._requests.spotlight(account, post, "{media_id}")]

    # -- Media --------------------------------------------------------------------------------------------------------

    async def _uploaded(self, session: Session, post: Post, steps: Steps) -> None:
        """Bring the media to Snapchat, from the part on that is missing."""
        made_at = steps.get("made_at")
        if made_at is None or session.now - datetime.fromisoformat(made_at) > _USABLE:
            await steps.drop(*_MEDIA)
            await self._container(session, post, steps)
        seal = Seal(post.film.path, post.film.bytes, _bytes(steps, "key"), _bytes(steps, "iv"))
        for index in range(int(steps.get("parts") or 0), seal.parts):
            data = await asyncio.to_thread(seal.part, index, _bytes(steps, "block" if index else "iv"))
            call = self._requests.part(steps.get("add_path"), index + 1, data)
            await self._taken(steps, await session.ask(call), "a part of the video")
            await steps.keep(parts=index + 1, block=_text(data[-BLOCK:]))
            await session.progress((index + 1) / seal.parts)
        if not steps.get("final"):
            await self._taken(steps, await session.ask(self._requests.final(steps.get("finalize_path"))), "the video")
            await steps.keep(final=True)

    async def _container(self, session: Session, post: Post, steps: Steps) -> None:
        key, iv = _text(secrets.token_bytes(32)), _text(secrets.token_bytes(16))
        told = told_by(await session.ask(self._requests.media(session.account, post, key, iv)), "to take a video")
        paths = {name: text_of(told, name) for name in ("media_id", "add_path", "finalize_path")}
        if not all(paths.values()):
            raise Unavailable("Snapchat takes a video and does not say where", advice="It is tried again by itself")
        await steps.keep(**paths, key=key, iv=iv, made_at=session.now.isoformat())

    async def _taken(self, steps: Steps, answer: Answer, what: str) -> None:
        """Media that is refused half way is worth nothing: another is begun, a few times."""
        failures = int(steps.get("failures") or 0)
        try:
            told_by(answer, what)
        except Reject as error:
            if failures >= _TIMES:
                raise
            await steps.keep(failures=failures + 1)
            await steps.drop(*_MEDIA)
            raise Retry(error.what, after=10.0, advice="The upload begins anew by itself") from error

    # -- The post -----------------------------------------------------------------------------------------------------

    async def _posted(self, session: Session, post: Post, steps: Steps) -> dict[str, str]:
        call = self._requests.spotlight(session.account, post, steps.get("media_id"))
        answer = await session.make(call)
        for pause in _PAUSES:
            if not _busy(answer):
                break
            await session.pause(pause)
            answer = await session.make(call)
        if _busy(answer):
            raise Retry("Snapchat still works on the video", after=60.0, advice="It is posted by itself afterwards")
        told = answer.json()
        if not answer.ok or told.get("request_status") == "ERROR":
            told_by(answer, "the post")
        if not text_of(told, "spotlight_id"):
            raise LostError(f"Snapchat took the post and did not say which it is{said(answer)}")
        return {"id": told["spotlight_id"], "url": "", "at": session.now.isoformat()}

    async def _found(self, session: Session, post: Post, since: datetime | None = None) -> Posted | None:
        cursor = None
        for _ in range(_PAGES):
            answer = await session.ask(self._requests.listed(session.account, cursor))
            told = told_by(answer, "the profile's Spotlights")
            for item in objects_of(told, "spotlights"):
                if found := same(object_of(item, "spotlight"), post, since, session.now):
                    return found
            cursor = text_of(told, "paging", "next_page_id")
            if not cursor:
                break
        return None

    async def _link(self, session: Session, spotlight_id: str) -> str:
        """Where it is seen; the profile, where Snapchat does not tell. The post itself is out, whatever this says."""
        user = session.account.details.get("username")
        page = f"https://www.snapchat.com/add/{quote(user, safe='')}" if user else "https://www.snapchat.com/"
        try:
            told = (await session.ask(self._requests.shown(session.account, spotlight_id))).json()
        except (Retry, Reject):
            return page
        link = next((text_of(each, "spotlight", "link") for each in objects_of(told, "spotlights")), "")
        return link if link.startswith("https://") else page


def _busy(answer: Answer) -> bool:
    """Whether the post is refused because the video is not ready yet. No code says so, only the words."""
    words = said(answer).lower()
    return not answer.ok and ("process" in words or "transcod" in words)


def _unseen(waited: timedelta) -> NoReturn:
    """It is not listed: that says nothing for sure."""
    if waited < _VISIBLE:
        raise Retry("the Spotlight is not in the profile yet", after=60.0, advice="It is looked for by itself")
    raise UnconfirmedError(
        "Snapchat gave no answer to the post, and the profile does not show it, as it does not what is checked yet",
        advice="Look at the profile in the Snapchat app, then say whether it is there",
    )


def _bytes(steps: Steps, name: str) -> bytes:
    return base64.b64decode(steps.get(name))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
