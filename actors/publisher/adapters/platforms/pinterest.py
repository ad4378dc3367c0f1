"""Pinterest: video pins on a board.

A pin carries the publication in its private note, by which it is found among the pins of its board. Sources: Pinterest
API v5, `media`, `pins`, `boards`, “Pin analytics”.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr

from actors.publisher.adapters.platforms.answers import text_of, time_of
from actors.publisher.adapters.platforms.notes import unlabelled
from actors.publisher.adapters.platforms.oauth import CodeGrant
from actors.publisher.adapters.platforms.pinterest_calls import (
    METRICS,
    file_call,
    media_call,
    medium_call,
    metrics_of,
    page_of,
    pin_call,
    took,
)
from actors.publisher.core.limits import Limits, Quota, Text
from actors.publisher.ports import (
    Api,
    Asked,
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

__all__ = ["Pinterest", "PinterestSettings", "open_platform"]

SCOPES = ("boards:read", "boards:write", "pins:read", "pins:write", "user_accounts:read")
POLLS_S = (2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 30.0, 60.0)
SEARCHED = timedelta(days=2)
COUNTED = timedelta(days=89)
"""How far back analytics go: 90 days with today."""
PAGES = 40
# A pin is two of the requests that write: its medium, and itself.
_STANDARD = Quota(100, window=timedelta(minutes=1), each=2, unit="requests that write")
_TRIAL = Quota(300, scope="project", each=2, unit="requests that write")


class PinterestSettings(Settings):
    """Where Pinterest is, and the app that people log in with."""

    pinterest_base_url: Annotated[
        str,
        Field(
            pattern=r"^https?://",
            description="address of Pinterest's API; `https://api-sandbox.pinterest.com` for an app with trial access",
        ),
    ] = "https://api.pinterest.com"
    pinterest_authorize_url: Annotated[
        str, Field(pattern=r"^https?://", description="page on which a person lets Clipwire post on Pinterest")
    ] = "https://www.pinterest.com/oauth/"
    pinterest_client_id: Annotated[str, Field(description="id of your app at Pinterest")] = ""
    pinterest_client_secret: Annotated[SecretStr | None, Field(description="secret of the same app")] = None
    pinterest_trial: Annotated[
        bool, Field(description="the app has trial access: its pins are seen by you alone, and it may write less a day")
    ] = False


@dataclass(frozen=True)
class BoardGrant(CodeGrant):
    """See `Grant`: the login, and the board that was asked for with it."""

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        """See `Grant.tokens`."""
        tokens = await super().tokens(api, given, verifier=verifier, redirect_uri=redirect_uri)
        return tokens.model_copy(update={"more": {"board": given.get("board", "")}})

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        """See `Grant.refresh`. Pinterest has numbers of its own for errors; only its words tell which token is bad."""
        try:
            return await super().refresh(api, tokens)
        except Unavailable as error:
            over = tokens.refresh_expires_at is not None and tokens.refresh_expires_at <= self.clock()
            if over or re.search(r"refresh.?token|invalid.?grant", error.what, re.IGNORECASE):
                raise RevokedError(error.what) from error
            raise


class Pinterest:
    """See `Platform`. An account is `name~id of the board`."""

    name: ClassVar[str] = "pinterest"

    def __init__(self, settings: PinterestSettings) -> None:
        self._base = f"{settings.pinterest_base_url.rstrip('/')}/v5"
        secret = settings.pinterest_client_secret
        self.limits = Limits(
            source="Pinterest API v5: pins with videos",
            title=Text(100),
            description=Text(800),
            bytes=(1, 2_000_000_000),
            duration=(4, 900),
            content_types=("video/mp4", "video/quicktime", "video/x-m4v"),
            quotas=(_TRIAL if settings.pinterest_trial else _STANDARD,),
        )
        self.grant: Grant | None = BoardGrant(
            service="Pinterest",
            setting="CLIPWIRE_PINTEREST",
            authorize_url=settings.pinterest_authorize_url,
            token_url=f"{self._base}/oauth/token",
            client_id=settings.pinterest_client_id,
            client_secret=secret.get_secret_value() if secret else "",
            scopes=SCOPES,
            separator=",",
            pkce="none",
            client_in="basic",
            asks=(Asked("board", "Name of the board that the pins go to"),),
        )

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`: one board, because its refresh tokens are good for one use and cannot be shared."""
        headers = {"Authorization": f"Bearer {tokens.access}"}
        who = Call("GET", f"{self._base}/user_account", headers=headers, authorize=False)
        username = took(await api.ask(who), "Pinterest does not say whose account it is").get("username")
        wanted, names = tokens.more.get("board", "").strip(), []
        bookmark: str | None = ""
        while bookmark is not None:
            params = {"page_size": "250", **({"bookmark": bookmark} if bookmark else {})}
            call = Call("GET", f"{self._base}/boards", params=params, headers=headers, authorize=False)
            boards, bookmark = page_of(took(await api.ask(call), "Pinterest does not list your boards"))
            for board in boards:
                title, ident = str(board.get("name") or ""), str(board.get("id") or "")
                if ident and wanted.casefold() in {title.casefold(), ident}:
                    details = {"board_id": ident, "board": title, "username": str(username or "me")}
                    return [Owner(f"{details['username']}~{ident}", f"{title} ({username})", tokens, details)]
                names.append(title)
        known = ", ".join(names[:20]) or "none"
        raise Reject(f"there is no board {wanted!r}", advice=f"Connect again with one of: {known}", field="board")

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`: that the board is there still."""
        board = session.account.details.get("board_id", "")
        answer = await session.ask(Call("GET", f"{self._base}/boards/{board}"))
        took(answer, f"Pinterest shows the board of {post.account_id} no more")

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`. A medium without a pin is shown to nobody."""
        if steps.get("medium") is None:
            await self._upload(session, post, steps)
        if not steps.get("ready"):
            await self._wait(session, steps)
        cover = base64.b64encode(await asyncio.to_thread(post.cover.read_bytes)).decode()

        async def make() -> dict[str, str]:
            call = pin_call(self._base, session.account, post, str(steps.get("medium")), cover)
            told = took(await session.make(call), f"Pinterest does not take {post.title!r}")
            if not text_of(told, "id"):
                raise LostError("Pinterest made the pin and did not tell its id")
            return {"id": told["id"], "at": session.now.isoformat()}

        async def ask() -> dict[str, str] | None:
            found = await self.find(session, post)
            return {"id": found.platform_id, "at": found.published_at.isoformat()} if found else None

        done = await steps.once("pin", make, ask=ask)
        notes = unlabelled(post, "Pinterest", "synthetic", "paid_promotion")
        return replace(_posted(done["id"], datetime.fromisoformat(done["at"])), notes=notes)

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`: by the note, which only the pin's owner gets to see."""
        alike = None
        async for pin in self._pins(session):
            created = time_of(pin, "created_at", zone=UTC)  # without an offset it is UTC
            if post.publication_id in str(pin.get("note") or ""):
                return _posted(str(pin.get("id")), created or session.now)
            recent = created is None or created > session.now - SEARCHED
            if recent and not pin.get("note") and str(pin.get("title") or "").strip() == post.title.strip():
                alike = pin
        if alike is not None:
            raise UnconfirmedError(
                f"the board has a pin {post.title!r}, and Pinterest does not tell whether it is this one",
                advice=f"Look at {_posted(str(alike.get('id')), session.now).url}, then say whether it is there",
            )
        return None

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`. What is not there is deleted."""
        answer = await session.ask(Call("DELETE", f"{self._base}/pins/{platform_id}"))
        if answer.status != 404:
            took(answer, f"the pin {platform_id} was not deleted")

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`. Pinterest tells of the last 90 days, but for comments and reactions."""
        today, counted = session.now.astimezone(UTC).date(), {}
        span = {"start_date": str(today - COUNTED), "end_date": str(today), "metric_types": ",".join(METRICS)}
        for ident in platform_ids:
            answer = await session.ask(Call("GET", f"{self._base}/pins/{ident}/analytics", params=span))
            if answer.status != 404:
                counted[ident] = metrics_of(took(answer, f"Pinterest does not tell what is counted of {ident}"))
        return counted

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        return [
            media_call(self._base),
            file_call("{upload_url}", {"{upload_parameters}": "…"}, post),
            medium_call(self._base, "{media_id}"),
            pin_call(self._base, account, post, "{media_id}", "{cover}"),
        ]

    async def _upload(self, session: Session, post: Post, steps: Steps) -> None:
        told = took(await session.ask(media_call(self._base)), "Pinterest does not take a video")
        ident, url, fields = (told.get(name) for name in ("media_id", "upload_url", "upload_parameters"))
        if not isinstance(ident, str) or not isinstance(url, str) or not isinstance(fields, dict):
            raise Unavailable("Pinterest does not say where the video goes", advice="It is tried again by itself")
        answer = await session.ask(file_call(url, fields, post))
        if not answer.ok:
            code = re.search(rb"<Code>(\w{1,60})</Code>", answer.body)
            why = code[1].decode() if code else f"HTTP {answer.status}"
            if why == "EntityTooLarge":
                raise Reject("the video is too large for Pinterest", advice="Render it at a lower quality, or shorter")
            raise Unavailable(f"Pinterest's store did not take the video: {why}", advice="It is sent again by itself")
        await steps.keep(medium=ident)
        await session.progress(1.0)

    async def _wait(self, session: Session, steps: Steps) -> None:
        """Until the video can be pinned."""
        for pause in POLLS_S:
            answer = await session.ask(medium_call(self._base, steps.get("medium")))
            state = answer.json().get("status")
            if state == "succeeded":
                return await steps.keep(ready=True)
            if state == "failed":
                raise Reject("Pinterest cannot work on the video", advice="Render it again")
            if answer.status == 404:
                await steps.drop("medium")
                raise Unavailable("Pinterest has let go of the video meanwhile", advice="It is sent again by itself")
            took(answer, "Pinterest does not tell how far the video is")
            await session.pause(pause)
        raise Retry("Pinterest is still working on the video", after=60.0, advice="It is asked again by itself")

    async def _pins(self, session: Session) -> AsyncIterator[dict[str, Any]]:
        """The pins of the board."""
        address = f"{self._base}/boards/{session.account.details.get('board_id', '')}/pins"
        bookmark: str | None = ""
        for _ in range(PAGES):
            params = {"page_size": "250", **({"bookmark": bookmark} if bookmark else {})}
            answer = await session.ask(Call("GET", address, params=params))
            pins, bookmark = page_of(took(answer, "Pinterest does not list the pins of the board"))
            for pin in pins:
                yield pin
            if bookmark is None:
                return
        raise UnconfirmedError(
            f"the board has more than {PAGES * 250} pins, and Pinterest lists them in no certain order",
            advice="Look at the board, then say whether it is there; a new board is looked through at once",
        )


def _posted(ident: str, at: datetime) -> Posted:
    return Posted(ident, f"https://www.pinterest.com/pin/{ident}/", at)


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> Pinterest:
    """Pinterest, as the settings have it. Asks nothing yet."""
    return Pinterest(PinterestSettings())
