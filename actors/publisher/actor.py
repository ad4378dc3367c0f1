"""publish.requested -> publish.planned, publish.done, publish.unconfirmed, render.requested"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from actors.publisher.adapters.preparing import (
    broken_rules,
    facts_of,
    id_in,
    platform_of,
    post_of,
    render_of,
    transcript_of,
)
from actors.publisher.core.ledger import SOON
from actors.publisher.core.rights import barred
from actors.publisher.core.shape import remade
from actors.publisher.ports import (
    Calendar,
    Place,
    Platform,
    Post,
    Posted,
    Session,
    Sessions,
    Timers,
    UnconfirmedError,
)
from actors.publisher.settings import PublisherSettings
from actors.publisher.store import DONE, HANDED, REFUSED, SAID, SENDING, WAITING, ClaimedSteps, Clock, key_of, now
from contracts.events import PublishDone, PublishPlanned, PublishRequested, PublishUnconfirmed
from contracts.keys import rejection_key
from contracts.renders import Render
from contracts.subjects import PUBLISH_DONE, PUBLISH_PLANNED, PUBLISH_REQUESTED, PUBLISH_UNCONFIRMED, RENDER_REQUESTED
from contracts.work import Channel, Publication
from runtime.actor import Actor, Work
from runtime.channels import Channels
from runtime.claims import Claim, Claims
from runtime.errors import Reject, Retry
from runtime.media import MediaStore

__all__ = ["Desk", "build"]

_LONG_S = 1800.0
"""Seconds until a platform takes more, from which on a timer keeps the request."""


@dataclass(frozen=True)
class Desk:
    """What the publisher works with."""

    settings: PublisherSettings
    media: MediaStore
    claims: Claims
    channels: Channels
    platforms: Mapping[str, Platform]
    sessions: Sessions
    calendar: Calendar
    timers: Timers
    clock: Clock = now


def build(desk: Desk) -> Actor:
    """The publisher: every publication once, on time, whatever crashes in between."""
    actor = Actor("publisher", slots=desk.settings.publisher_slots)

    @actor.listen(PUBLISH_REQUESTED)
    async def on_publish_requested(request: PublishRequested, work: Work) -> None:
        claim = await desk.claims.take(key_of(request.publication_id), work.event.id)
        if claim.step not in {DONE, SAID}:
            try:
                claim = await _Order(desk, request, work, claim).followed()
            except UnconfirmedError as unsure:
                await work.emit(PUBLISH_UNCONFIRMED, _unconfirmed(request, unsure))
                return
        await _say(desk, claim, work)

    return actor


async def _say(desk: Desk, claim: Claim, work: Work) -> None:
    """Emit `publish.done`, unless that is written down as well.

    Until it is, everybody emits it under the same id: dying in between leads to one event.
    """
    if claim.step == DONE:
        publication = Publication.model_validate(claim.data["publication"])
        await work.emit(PUBLISH_DONE, PublishDone(publication=publication), once=publication.publication_id)
        await desk.claims.advance(claim, SAID)


class _Order:
    """One request for a publication that is not out yet, as far as is known."""

    def __init__(self, desk: Desk, request: PublishRequested, work: Work, claim: Claim) -> None:
        self.desk = desk
        self.request = request
        self.work = work
        self.claim = claim
        self.platform = platform_of(desk.platforms, request.account_id)

    async def followed(self) -> Claim:
        """The claim: done, or as it is while the post waits for its time. Raises `Retry`, `Reject`,
        `UnconfirmedError`."""
        render = await render_of(self.desk.media, self.request)
        if self.request.outcome == "there":
            return await self._found_by_a_person(render)
        session = await self.desk.sessions.open(self.platform, self.request.account_id, self.work.progress)
        if self.claim.step == SENDING:
            # What was begun is finished as it was begun, also if this request words it differently.
            return await self._send(session, await self._post(render, self.claim.data["post"]))
        channel = await self.desk.channels.get(self.request.channel_id)
        await self._allowed(render, channel)
        transcript = await transcript_of(self.desk.media, render)
        order = remade(render, self.request, self.platform.limits, transcript.sentences if transcript else ())
        if order is not None:
            await self.work.emit(RENDER_REQUESTED, order)
            await self._planned(anew=order.render_id, note=f"{self.platform.name} takes it in another shape or length")
            return await self.desk.claims.advance(self.claim, HANDED, to=order.render_id)
        facts = facts_of(render, self.request, channel, self.platform, transcript.language if transcript else None)
        post = await self._post(render, facts)
        self._keep_rules(post)
        place = await self.desk.calendar.place(self.request, channel, self.platform.limits, session.account)
        if not place.ready:
            return await self._wait(place, render)
        if self.claim.step == WAITING:
            await self.desk.timers.cancel(self.request.publication_id)
        if place.at > self.desk.clock() + SOON:
            facts = {**facts, "publish_at": place.at.isoformat()}
            post = replace(post, publish_at=place.at)
        await self._check(session, post)
        self.claim = await self.desk.claims.advance(self.claim, SENDING, owner=self.work.event.id, post=facts)
        return await self._send(session, post)

    async def _allowed(self, render: Render, channel: Channel) -> None:
        if await self._rejected(render) and not self.claim.data.get("overruled", not self._by_rule):
            raise Reject(
                f"a person wants {render.render_id} not to be published",
                advice="Send publish.requested yourself to have it published after all",
            )
        reason = barred(render, self.request, channel)
        if reason is not None:
            raise Reject(
                f"{render.render_id} may not be published on {self.request.account_id}: {reason}",
                advice="If you have the right to, publish it with `vouch: true`, which is kept with your name; or let "
                "the channel's `rules.rights` allow it",
                field="vouch",
            )

    @property
    def _by_rule(self) -> bool:
        return self.request.requested_by.startswith("rule:")

    async def _rejected(self, render: Render) -> bool:
        return await self.desk.claims.get(rejection_key(render.render_id)) is not None

    async def _post(self, render: Render, facts: Mapping[str, Any]) -> Post:
        return await post_of(self.desk.media, self.request, render, facts)

    def _keep_rules(self, post: Post) -> None:
        broken = broken_rules(self.platform, post)
        if broken:
            said = "; ".join(f"{rule.name} is {rule.found}, allowed is {rule.allowed}" for rule in broken)
            raise Reject(
                f"{self.platform.name} does not take {post.render.render_id}: {said} ({self.platform.limits.source})",
                advice="; ".join(dict.fromkeys(rule.fix for rule in broken)),
            )

    async def _wait(self, place: Place, render: Render) -> Claim:
        await self.desk.timers.at(place.at, self.request, self.work.event)
        await self._planned(at=place.at, note=place.note or "")
        # A person's command stands against an earlier no, and falls with one that comes while it waits.
        overruled = not self._by_rule and await self._rejected(render)
        return await self.desk.claims.advance(
            self.claim, WAITING, overruled=overruled, due=place.at.isoformat(), note=place.note
        )

    async def _planned(self, **about: Any) -> None:
        request = self.request
        said = {
            "publication_id": request.publication_id,
            "render_id": request.render_id,
            "account_id": request.account_id,
        }
        planned = PublishPlanned.model_validate({**said, **about})
        # Another time or render is another fact, also of the same request.
        once = f"{planned.publication_id} {planned.at} {planned.anew}"
        await self.work.emit(PUBLISH_PLANNED, planned, once=once)

    async def _check(self, session: Session, post: Post) -> None:
        try:
            await self.platform.check(session, post)
        except Reject:
            await self.desk.calendar.release(self.request)
            raise

    async def _send(self, session: Session, post: Post) -> Claim:
        settings = self.desk.settings
        # Makes every attempt's claim its own: whoever was at it before gets `ClaimLost` at the next step.
        self.claim = await self.desk.claims.advance(
            self.claim, SENDING, owner=self.work.event.id, attempt=uuid.uuid4().hex
        )
        steps = ClaimedSteps(
            self.desk.claims,
            self.claim,
            clock=self.desk.clock,
            quarantine=settings.publisher_quarantine_s,
            patience=settings.publisher_patience_s,
        )
        if self.request.outcome == "not_there":
            await steps.absent(self.work.event.id)
        try:
            posted = await self.platform.publish(session, post, steps)
        except Reject as error:
            if steps.made:
                raise UnconfirmedError(
                    f"the platform had taken it, and said then: {error.what}",
                    advice=f"{error.advice or 'Look at the account'}; then say whether it is there",
                ) from error
            await self.desk.claims.advance(steps.claim, REFUSED, steps={}, begun={})
            await self.desk.calendar.release(self.request)
            raise
        except Retry as error:
            if error.after is None or error.after < _LONG_S:
                raise
            return await self._wait_on(steps.claim, error, error.after)
        return await self._record(steps.claim, post, posted)

    async def _wait_on(self, claim: Claim, error: Retry, seconds: float) -> Claim:
        """What takes longer than a message is kept for comes back by a timer, and goes on where it got to."""
        at = self.desk.clock() + timedelta(seconds=seconds)
        await self.desk.timers.at(at, self.request, self.work.event)
        await self._planned(at=at, note=error.what)
        return claim

    async def _found_by_a_person(self, render: Render) -> Claim:
        facts = self.claim.data.get("post")
        if facts is None:
            raise Reject(
                f"{self.request.publication_id} was never sent, so it cannot be there",
                advice="Send publish.requested without `outcome`",
                field="outcome",
            )
        url = self.request.url or ""
        posted = Posted(platform_id=id_in(url), url=url, published_at=self.desk.clock())
        return await self._record(self.claim, await self._post(render, facts), posted)

    async def _record(self, claim: Claim, post: Post, posted: Posted) -> Claim:
        publication = Publication(
            publication_id=post.publication_id,
            render_id=post.render.render_id,
            account_id=post.account_id,
            platform=self.platform.name,
            platform_id=posted.platform_id,
            url=posted.url,
            published_at=posted.published_at,
            title=post.title,
            description=post.description,
            notes=posted.notes,
        )
        return await self.desk.claims.advance(
            claim, DONE, owner=self.work.event.id, publication=publication.model_dump(mode="json")
        )


def _unconfirmed(request: PublishRequested, unsure: UnconfirmedError) -> PublishUnconfirmed:
    return PublishUnconfirmed(
        publication_id=request.publication_id,
        render_id=request.render_id,
        account_id=request.account_id,
        reason=unsure.reason,
        advice=unsure.advice,
    )
