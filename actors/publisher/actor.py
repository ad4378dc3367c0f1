"""publish.requested -> publish.done, publish.unconfirmed"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from actors.publisher.core import (
    DONE,
    REFUSED,
    SAID,
    SENDING,
    describe,
    seconds_to_wait,
    split_account,
    unknown_platform,
)
from actors.publisher.ports import Platform, Post, Posted, UnconfirmedError
from actors.publisher.settings import PublisherSettings
from contracts.events import PublishDone, PublishRequested, PublishUnconfirmed
from contracts.keys import render_uri
from contracts.renders import Render
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED, PUBLISH_UNCONFIRMED
from contracts.work import Publication
from runtime.actor import Actor, Work
from runtime.claims import Claim, Claims
from runtime.errors import Reject, Retry
from runtime.media import MediaStore

__all__ = ["build"]

Clock = Callable[[], datetime]
_PUBLISHED = frozenset({DONE, SAID})


def _now() -> datetime:
    return datetime.now(UTC)


def build(
    *,
    settings: PublisherSettings,
    media: MediaStore,
    claims: Claims,
    platforms: Mapping[str, Platform],
    clock: Clock = _now,
) -> Actor:
    """The publisher: every publication once, whatever crashes in between."""
    actor = Actor("publisher", slots=settings.publisher_slots)
    once = _Once(claims, clock, settings.publisher_quarantine_s)

    @actor.listen(PUBLISH_REQUESTED)
    async def on_publish_requested(request: PublishRequested, work: Work) -> None:
        claim = await once.published(request.publication_id)
        if claim is None:
            platform = _platform(platforms, request.account_id)
            post = await _post(media, request)
            try:
                claim = await once.publish(platform, post, owner=work.event.id)
            except UnconfirmedError as unsure:
                await work.emit(PUBLISH_UNCONFIRMED, _unconfirmed(request, unsure))
                return
        await once.say(claim, work)

    return actor


class _Once:
    """Publishes under a claim that is advanced before the first byte and after the last.

    The steps are those of `core`. Every change of the claim is a compare-and-set, so of two workers that go on with
    the same publication one gets `ClaimLost`, comes back later, and finds what the other did.
    """

    def __init__(self, claims: Claims, clock: Clock, quarantine: float) -> None:
        self._claims = claims
        self._clock = clock
        self._quarantine = quarantine

    async def published(self, publication_id: str) -> Claim | None:
        """The claim of the publication, if it is written down as done."""
        claim = await self._claims.get(_key(publication_id))
        return claim if claim is not None and claim.step in _PUBLISHED else None

    async def say(self, claim: Claim, work: Work) -> None:
        """Emit `publish.done`, unless that is written down as well.

        Until it is, everybody emits it under the same id: dying in between leads to one event.
        """
        if claim.step == DONE:
            publication = Publication.model_validate(claim.data["publication"])
            await work.emit(PUBLISH_DONE, PublishDone(publication=publication), once=publication.publication_id)
            await self._claims.advance(claim, SAID)

    async def publish(self, platform: Platform, post: Post, *, owner: str) -> Claim:
        """Publish it, or find that it was; the claim says where. Raises `Retry`, `Reject`, `UnconfirmedError`."""
        claim = await self._claims.take(_key(post.publication_id), owner)
        if claim.step in _PUBLISHED:
            return claim
        if claim.step == SENDING:
            # What was begun is finished as it was begun, also if this request words it differently.
            post = replace(post, title=claim.data["title"], description=claim.data["description"])
            posted = await self._ask(platform, post, claim, mine=claim.owner == owner)
            if posted is not None:
                return await self._record(claim, post, posted, owner)
        await platform.check(post)
        return await self._send(platform, post, claim, owner)

    async def _ask(self, platform: Platform, post: Post, claim: Claim, *, mine: bool) -> Posted | None:
        """The post, if the platform has it; none, if it has not and it may be sent again now."""
        since = datetime.fromisoformat(claim.data["at"])
        wait = seconds_to_wait(
            since=since, now=self._clock(), quarantine=self._quarantine, mine=mine, exclusive=platform.exclusive
        )
        try:
            posted = await platform.find(post, claim.data)
        except UnconfirmedError:
            if wait > 0:
                raise _still_out(post, wait) from None
            raise
        if posted is None and wait > 0:
            raise _still_out(post, wait)
        return posted

    async def _send(self, platform: Platform, post: Post, claim: Claim, owner: str) -> Claim:
        async def note(**data: Any) -> None:
            nonlocal claim
            claim = await self._claims.advance(claim, SENDING, at=self._clock().isoformat(), **data)

        claim = await self._claims.advance(
            claim,
            SENDING,
            owner=owner,
            at=self._clock().isoformat(),
            # Makes every attempt's claim its own: two workers never take each other's for theirs.
            attempt=uuid.uuid4().hex,
            title=post.title,
            description=post.description,
        )
        try:
            posted = await platform.publish(post, claim.data, note)
        except Reject:
            await self._claims.advance(claim, REFUSED)
            raise
        return await self._record(claim, post, posted, owner)

    async def _record(self, claim: Claim, post: Post, posted: Posted, owner: str) -> Claim:
        publication = Publication(
            publication_id=post.publication_id,
            render_id=post.render.render_id,
            account_id=post.account_id,
            platform=split_account(post.account_id)[0],
            platform_id=posted.platform_id,
            url=posted.url,
            published_at=posted.published_at,
            title=post.title,
            description=post.description,
        )
        return await self._claims.advance(claim, DONE, owner=owner, publication=publication.model_dump(mode="json"))


def _key(publication_id: str) -> str:
    return f"publish/{publication_id}"


def _still_out(post: Post, wait: float) -> Retry:
    return Retry(
        f"another worker began to publish {post.publication_id} on {post.account_id}, and it is not there yet",
        after=wait,
        advice="It is asked for again by itself; nothing is to be done",
    )


def _platform(platforms: Mapping[str, Platform], account_id: str) -> Platform:
    platform = platforms.get(split_account(account_id)[0])
    if platform is None:
        what, advice = unknown_platform(account_id, platforms)
        raise Reject(what, advice=advice, field="account_id")
    return platform


async def _post(media: MediaStore, request: PublishRequested) -> Post:
    uri = render_uri(request.render_id)
    if not await media.exists(uri):
        raise Reject(
            f"there is no render {request.render_id}",
            advice="Take its id from render.done, or order it with render.requested",
            field="render_id",
        )
    render = await media.read(uri, Render)
    text = render.description if request.description is None else request.description
    return Post(
        publication_id=request.publication_id,
        account_id=request.account_id,
        account=split_account(request.account_id)[1],
        render=render,
        title=render.title if request.title is None else request.title,
        description=describe(text, render.rights),
    )


def _unconfirmed(request: PublishRequested, unsure: UnconfirmedError) -> PublishUnconfirmed:
    return PublishUnconfirmed(
        publication_id=request.publication_id,
        render_id=request.render_id,
        account_id=request.account_id,
        reason=unsure.reason,
        advice=unsure.advice,
    )
