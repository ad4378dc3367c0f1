"""The container of a reel on Instagram: created, filled, worked on by Instagram, and looked for after it was shown."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actors.publisher.adapters.platforms import meta
from actors.publisher.adapters.platforms.answers import objects_of, time_of
from actors.publisher.adapters.platforms.instagram_calls import Requests, same
from actors.publisher.adapters.platforms.meta_upload import offset_at, send_bytes
from actors.publisher.ports import Post, Session, Steps, UnconfirmedError
from contracts.publishing import Account
from runtime.errors import Retry, Unavailable

__all__ = ["KEPT", "Container", "reels", "user"]

KEPT = ("container", "upload_url", "made_at", "sent", "ready")
"""What is known of a container in the steps."""
POLLS_S = (3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 60.0, 60.0)
STUCK = timedelta(hours=1)
"""A container that is worked on for longer is given up; a new one usually comes through."""
SKEW = timedelta(minutes=5)
"""Between our clock and Instagram's."""
PAGES = 10
_SUBCODE = re.compile(r"\b22\d{5}\b")


@dataclass(frozen=True)
class Container:
    """Of one post. Every method may raise `SpentError`: it is good for nothing any more. `upload_url`: of the host that
    takes bytes, where an answer names none."""

    requests: Requests
    upload_url: str
    session: Session
    post: Post
    steps: Steps

    async def prepare(self) -> None:
        """Bring it to where it can be published. What is created here is seen by nobody."""
        fresh = self.steps.get("container") is None
        if fresh:
            await self._create()
        if not self.requests.media_url and not self.steps.get("sent"):
            url = self.steps.get("upload_url")

            async def asked() -> int:
                return await offset_at(self.session, url)

            start = 0 if fresh else await asked()
            await send_bytes(self.session, "instagram", url, self.post.film, start, asked=asked)
            await self.steps.keep(sent=True)
        await self._worked_on()

    async def published(self) -> str | None:
        """The id of its reel; none if it was not published. Raises `Retry` where that is not to be seen yet."""
        try:
            state = await self._state()
        except meta.SpentError as error:
            shown = await self._shown()
            if shown is None and isinstance(error, meta.AbsentError):
                raise UnconfirmedError(
                    "Instagram knows the container no more, and shows no reel with these words",
                    advice="Look at the account, then say whether it is there",
                ) from error
            if shown is None:
                raise
            return shown
        if state == "FINISHED":
            return None
        shown = await self._shown()
        if shown is None:
            raise Retry(
                f"Instagram calls the container {state} and does not show its reel yet",
                after=15.0,
                advice="It is asked again by itself",
            )
        return shown

    async def _create(self) -> None:
        told = await self.requests.graph.ask(
            self.session, self.requests.container(user(self.session.account), self.post)
        )
        if not told.get("id"):
            raise Unavailable("instagram named no container", advice="It is tried again by itself")
        container = str(told["id"])
        url = str(told.get("uri") or f"{self.upload_url}/{container}")
        await self.steps.keep(container=container, upload_url=url, made_at=self.session.now.isoformat())

    async def _worked_on(self) -> None:
        for pause in POLLS_S:
            # PUBLISHED: it was refused and shown all the same; publishing it again is refused, and finds it.
            if await self._state() in {"FINISHED", "PUBLISHED"}:
                return
            await self.session.pause(pause)
        if self.session.now - self._made_at > STUCK:
            raise meta.SpentError("Instagram works on it for more than an hour")
        raise Retry("Instagram is still working on the video", after=60.0, advice="It is asked again by itself")

    async def _state(self) -> str:
        """`IN_PROGRESS`, `FINISHED` or `PUBLISHED`. Raises `SpentError` or `Reject` for one that never will be."""
        told = await self.requests.graph.ask(self.session, self.requests.status(self.steps.get("container")))
        state, status = str(told.get("status_code")), str(told.get("status") or "")[:300]
        if state == "EXPIRED":
            raise meta.SpentError("the container was not published within a day")
        if state == "ERROR":
            subcode = _SUBCODE.search(status)
            if subcode and int(subcode[0]) in meta.ADVICE:
                raise meta.advised("instagram", status, int(subcode[0]))
            raise meta.SpentError(status)
        return state

    async def _shown(self) -> str | None:
        """The first reel with these words since the container was made."""
        found = [told async for told in reels(self.requests, self.session, self._made_at - SKEW)]
        return next((str(told.get("id")) for told in reversed(found) if same(told, self.post)), None)

    @property
    def _made_at(self) -> datetime:
        return datetime.fromisoformat(self.steps.get("made_at"))


async def reels(requests: Requests, session: Session, since: datetime | None = None) -> AsyncIterator[dict[str, Any]]:
    """What the account shows, newest first, until `since`; some hundreds at most."""
    after: dict[str, str] = {}
    for _ in range(PAGES):
        told = await requests.graph.read(session, requests.list(user(session.account), after))
        for each in objects_of(told, "data"):
            at = time_of(each, "timestamp")
            if since is not None and at is not None and at < since:
                return
            yield each
        after = meta.next_page(told)
        if not after:
            return


def user(account: Account) -> str:
    """Instagram's id of an account."""
    return account.account_id.partition(":")[2]
