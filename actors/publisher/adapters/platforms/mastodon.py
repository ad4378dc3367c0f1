"""Mastodon: any instance of it, and what speaks its API; also at a time that the instance keeps itself.

A status is found again by the medium in it. Sources: docs.joinmastodon.org, methods `apps`, `oauth`, `media`,
`statuses`, `scheduled_statuses`, `instance`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from actors.publisher.adapters.platforms.answers import Refusals, number_of, object_of, text_of, time_of, whole_of
from actors.publisher.adapters.platforms.mastodon_calls import (
    LEAST_AHEAD,
    WAITS,
    Outcome,
    bare,
    base_of,
    list_of,
    media_call,
    media_of,
    medium_call,
    outcome_of,
    posted,
    status_call,
    words_of,
)
from actors.publisher.adapters.platforms.mastodon_login import InstanceGrant, reason_of
from actors.publisher.adapters.platforms.notes import labelless
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
from runtime.errors import Reject, Retry, Unavailable
from runtime.media import MediaStore
from runtime.settings import Settings

__all__ = ["Mastodon", "MastodonSettings", "open_platform"]

POLLS_S = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)
SOONEST = timedelta(minutes=6)
"""An instance takes times from five minutes ahead on; the upload comes before."""
SKEW = timedelta(days=1)
"""How much older a status may be called than the moment when it was first asked for."""
PAGE, PAGES = 40, 10
_FIT = "Render it at a lower quality, or shorter"
_took = Refusals(
    reason_of,
    moved="Connect the account again with its new address",
    advice={401: "Connect the account again", 403: "Look whether the account may post, then connect it again"},
    otherwise="Change what it names",
).took


class MastodonSettings(Settings):
    """The instance that most accounts are on."""

    mastodon_base_url: Annotated[
        str,
        Field(description="address of the Mastodon instance that is offered to who connects an account; unset: none"),
    ] = ""


class Mastodon:
    """See `Platform`. An account is `name~instance`; a status that waits for its time is `scheduled~<id>~<medium>`."""

    name: ClassVar[str] = "mastodon"
    limits = Limits(
        source="Mastodon: statuses, as an instance has it by default; its own limits are asked for",
        description=Text(500),
        quotas=(Quota(30, window=timedelta(minutes=30)),),  # of media, and a post has one
        schedules=(SOONEST, timedelta(days=365)),
        by_hand="Change its time in an app that lists scheduled posts, such as Tusky: Mastodon's own pages do not",
    )

    def __init__(self, settings: MastodonSettings) -> None:
        self.grant: Grant | None = InstanceGrant(settings.mastodon_base_url)

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`."""
        base = tokens.more.get("base_url", "")
        headers = {"Authorization": f"Bearer {tokens.access}"}
        address = f"{base}/api/v1/accounts/verify_credentials"
        told = _took(await api.ask(Call("GET", address, headers=headers, authorize=False)), "it tells no account")
        name, ident = text_of(told, "username"), text_of(told, "id")
        if not name or not ident:
            raise Reject(f"{base} does not say whose account it is", advice="Connect again")
        host = base.partition("://")[2]
        details = {"base_url": base, "id": ident, "username": name}
        return [Owner(re.sub(r"[^A-Za-z0-9._~-]", "-", f"{name}~{host}"), f"@{name}@{host}", tokens, details)]

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`: the limits of the instance."""
        answer = await session.ask(Call("GET", f"{base_of(session.account)}/api/v2/instance", authorize=False))
        if answer.status == 404:
            return  # Mastodon before 4.0, and some others: they say no when they get it
        told = object_of(_took(answer, "the instance does not tell its limits"), "configuration")
        film = post.film
        for what, found, key, fix in (
            ("bytes", film.bytes, "video_size_limit", _FIT),
            ("frames a second", film.fps, "video_frame_rate_limit", "Set `fps` in the recipe"),
            ("pixels", film.width * film.height, "video_matrix_limit", "Set `width` and `height` in the recipe"),
        ):
            most = number_of(told, "media_attachments", key)
            if most is not None and found > most:
                raise Reject(
                    f"{base_of(session.account)} takes {most:g} {what}, and the video has {found:g}", advice=fix
                )
        types = object_of(told, "media_attachments").get("supported_mime_types")
        if isinstance(types, list) and film.content_type not in types:
            raise Reject(f"{base_of(session.account)} takes no {film.content_type}", advice="Publish it elsewhere")
        longest = whole_of(told, "statuses", "max_characters")
        if longest is not None and len(post.description) > longest:
            raise Reject(
                f"{base_of(session.account)} takes {longest} characters, and the post has {len(post.description)}",
                advice="Publish it with another `description`",
                field="description",
            )

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`. A medium without a status is shown to nobody, and goes away by itself."""
        if steps.get("medium") is None:
            await self._upload(session, post, steps)
        if not steps.get("ready"):
            await self._wait(session, steps)
        medium = str(steps.get("medium"))
        await steps.keep(asked_at=steps.get("asked_at") or session.now.isoformat())

        async def make() -> Outcome:
            early = post.publish_at - session.now if post.publish_at else timedelta(0)
            if timedelta(seconds=1) < early < LEAST_AHEAD:
                raise Retry("it is too late to leave the time to the instance", after=early.total_seconds())
            again = steps.get("asked_for") == medium
            await steps.keep(asked_for=medium)
            answer = await session.make(status_call(session.account, post, medium, session.now))
            if answer.status == 422 and "not found" in reason_of(answer):
                if again:
                    raise UnconfirmedError(
                        "the instance has the video in another status, or has let go of it, and shows no such status",
                        advice="Look at the account, then say whether it is there",
                    )
                await steps.drop("medium", "ready")
                raise Unavailable("the instance has let go of the video meanwhile", advice="It is sent again by itself")
            if answer.status == 422 and "processing" in reason_of(answer):
                await steps.drop("asked_for")
                raise Unavailable("the instance is still working on the video", advice="It is tried again by itself")
            told = _took(answer, f"{base_of(session.account)} refused the status")
            if not text_of(told, "id"):
                raise LostError("the instance took the status and did not tell its id")
            return outcome_of(told, session.now)

        async def ask() -> Outcome | None:
            since = datetime.fromisoformat(steps.get("asked_at")) - SKEW
            return await self._search(session, lambda told: medium in media_of(told), since=since)

        there = posted(session.account, await steps.once("status", make, ask=ask))
        return replace(there, notes=labelless(post, "Mastodon"))

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`: by its words, among the statuses and those that wait."""
        words = bare(post.description)
        found = await self._search(session, lambda told: bare(words_of(told)) == words and bool(media_of(told)))
        return posted(session.account, found) if found else None

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`. What is not there is deleted."""
        base = base_of(session.account)
        try:
            ident = await self._status(session, platform_id)
        except UnconfirmedError as error:
            raise Reject(error.reason, advice="Delete it on the instance") from error
        if ident is not None:
            answer = await session.ask(Call("DELETE", f"{base}/api/v1/statuses/{ident}"))
        else:
            waiting = platform_id.split("~")[1]
            answer = await session.ask(Call("DELETE", f"{base}/api/v1/scheduled_statuses/{waiting}"))
        if answer.status != 404:
            _took(answer, f"the status {platform_id} was not deleted")

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`. Mastodon counts no views."""
        counted: dict[str, Metrics] = {}
        for platform_id in platform_ids:
            try:
                ident = await self._status(session, platform_id)
            except UnconfirmedError:
                continue  # it is older than what the instance lists
            if ident is None:
                continue
            answer = await session.ask(Call("GET", f"{base_of(session.account)}/api/v1/statuses/{ident}"))
            if answer.status == 404:
                continue
            told = _took(answer, f"the instance does not tell what is counted of {ident}")
            counted[platform_id] = Metrics(
                likes=whole_of(told, "favourites_count"),
                shares=whole_of(told, "reblogs_count"),
                comments=whole_of(told, "replies_count"),
            )
        return counted

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`."""
        at = datetime.fromtimestamp(0, UTC)
        return [
            media_call(account, post),
            medium_call(account, "{media_id}"),
            status_call(account, post, "{media_id}", at),
        ]

    async def _upload(self, session: Session, post: Post, steps: Steps) -> None:
        told = _took(await session.ask(media_call(session.account, post)), "the instance does not take the video")
        if not text_of(told, "id"):
            raise Unavailable("the instance took the video and did not tell its id", advice="It is sent again")
        await steps.keep(medium=told["id"])
        await session.progress(1.0)

    async def _wait(self, session: Session, steps: Steps) -> None:
        """Until the video can be attached: 206 while the instance works on it."""
        for pause in POLLS_S:
            answer = await session.ask(medium_call(session.account, steps.get("medium")))
            if answer.status == 200:
                return await steps.keep(ready=True)
            if answer.status == 404:
                await steps.drop("medium")
                raise Unavailable("the instance has let go of the video meanwhile", advice="It is sent again by itself")
            if answer.status != 206:
                _took(answer, "the instance cannot work on the video")
            await session.pause(pause)
        raise Retry("the instance is still working on the video", after=60.0, advice="It is asked again by itself")

    async def _search(
        self, session: Session, matches: Callable[[dict[str, Any]], bool], *, since: datetime | None = None
    ) -> Outcome | None:
        """A status that is there, or that waits for its time; the newest first. `since`: it is no older."""
        base, ident = base_of(session.account), session.account.details.get("id", "")
        for address in (f"{base}/api/v1/accounts/{ident}/statuses", f"{base}/api/v1/scheduled_statuses"):
            async for told in _listed(session, address):
                created = time_of(told, "created_at")
                if since is not None and created is not None and created < since:
                    break
                if matches(told):
                    return outcome_of(told, session.now)
        return None

    async def _status(self, session: Session, platform_id: str) -> str | None:
        """The id of a status; none while it waits for its time."""
        if not platform_id.startswith(WAITS):
            return platform_id
        medium = platform_id.rpartition("~")[2]
        found = await self._search(session, lambda told: medium in media_of(told) and "params" not in told)
        return found["id"] if found else None


async def _listed(session: Session, address: str) -> AsyncIterator[dict[str, Any]]:
    """Everything in a list of the instance, page by page. Raises `UnconfirmedError` where it does not end."""
    params = {"limit": str(PAGE)}
    for _ in range(PAGES):
        answer = await session.ask(Call("GET", address, params=params))
        page = list_of(answer)
        if page is None:
            _took(answer, "the instance does not list the statuses")
            raise Unavailable("the instance does not list the statuses", advice="It is tried again by itself")
        for told in page:
            yield told
        if not page:
            return
        params = {**params, "max_id": str(page[-1].get("id"))}
    raise UnconfirmedError(
        f"it is not among the first {PAGES * PAGE} that the instance lists",
        advice="Look at the account, then say whether it is there",
    )


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> Mastodon:
    """Mastodon, as the settings have it. Asks nothing yet."""
    return Mastodon(MastodonSettings())
