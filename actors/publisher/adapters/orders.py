"""One request for a publication, followed from its place in the calendar to the post, whatever happens on the way."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from actors.publisher.adapters.desk import TakenRequest
from actors.publisher.adapters.found import found_at
from actors.publisher.adapters.moving import moved, ordered
from actors.publisher.adapters.owners import told
from actors.publisher.adapters.preparing import (
    broken_rules,
    facts_of,
    in_reach,
    post_of,
    render_of,
    transcript_of,
)
from actors.publisher.adapters.timers import brought
from actors.publisher.core.ledger import SOON
from actors.publisher.core.rights import barred
from actors.publisher.core.shape import remade
from actors.publisher.ports import Place, Post, Posted, Session, UnconfirmedError
from actors.publisher.store import BEGUN, DONE, HANDED, MOVING, REFUSED, SAID, SENDING, UNSURE, WAITING
from contracts.events import PublishPlanned, PublishRequested, PublishUnconfirmed
from contracts.keys import rejection_key
from contracts.renders import Render
from contracts.subjects import PUBLISH_PLANNED, PUBLISH_UNCONFIRMED, RENDER_REQUESTED
from contracts.work import Channel, Publication
from runtime.claims import Claim, ClaimLost
from runtime.errors import Reject, Retry

__all__ = ["Order"]

_FIRST_S, _LEAST_S = 5.0, 1.0
"""Seconds until what does not answer is asked again: at first, and at least, whatever a platform says."""
_LONG_S = 1800.0
"""Seconds until a platform takes more, from which on a timer keeps the request."""


class Order(TakenRequest):
    """One request for a publication that is not out yet, as far as is known."""

    async def followed(self) -> Claim:
        """The claim: done, waiting for its time, or left to a person. Raises `Retry` and `Reject`."""
        try:
            return await self._followed()
        except UnconfirmedError as unsure:
            return await self._left_to_a_person(unsure.reason, unsure.advice)
        except Reject as error:
            if not (self.steps.made or self.steps.begun) or self.request.outcome is not None:
                raise
            advice = f"{error.advice or 'Look at the account'}; then say whether it is there"
            return await self._left_to_a_person(f"it may be there, and cannot be followed: {error.what}", advice)
        except ClaimLost:
            raise
        except Retry as error:
            return await self._later(error)

    async def _followed(self) -> Claim:
        if self.claim.step in {SAID, MOVING}:
            return await moved(self)
        to_answer = self.request.outcome is not None and self.claim.data.get("answer") != self.work.event.id
        if to_answer and await self._answered() == DONE:
            return self.claim
        self.request = self._standing or self.request
        render = await render_of(self.desk.media, self.request)
        session = await self.desk.sessions.open(self.platform, self.request.account_id, self.work.progress)
        if self.claim.step in {SENDING, UNSURE}:
            # What was begun is finished as it was begun, also if this request words it differently.
            return await self._send(session, await self._post(render, self.claim.data["post"]))
        channel = await self.desk.channels.get(self.request.channel_id)
        in_reach(self.request.publish_at or self.desk.clock(), self.desk.clock())
        await self._allowed(render, channel)
        transcript = await transcript_of(self.desk.media, render)
        order = remade(render, self.request, self.platform.limits, transcript.sentences if transcript else ())
        if order is not None:
            await self.work.owned(self.whose).emit(RENDER_REQUESTED, order)
            await self._planned(anew=order.render_id, note=f"{self.platform.name} takes it in another shape or length")
            return await self.advance(HANDED, to=order.render_id, asked=None)
        facts = await facts_of(self.desk.media, render, self.request, channel, self.platform, transcript)
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
        await self.advance(SENDING, post=facts, steps={}, begun={}, made=[], timed=self.timed, asked=None)
        return await self._send(session, post)

    @property
    def _standing(self) -> PublishRequested | None:
        """The order that stands, where this one is none: a timer only wakes what waits, and an order that is older than
        what waits comes too late. None: this one counts."""
        asked, event = self.claim.data.get("asked"), self.work.event
        if asked is None or not (brought(event) or event.time < datetime.fromisoformat(self.timed)):
            return None
        return PublishRequested.model_validate(asked)

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
        await self._come_back(place.at)
        newer = "" if brought(self.work.event) or self._standing is None else f"a newer order stands, of {self.timed}"
        await self._planned(at=place.at, note="; ".join(filter(None, (place.note, newer))))
        # A person's command stands against an earlier no, and falls with one that comes while it waits.
        overruled = not self._by_rule and await self._rejected(render)
        return await self.advance(
            WAITING, overruled=overruled, due=place.at.isoformat(), note=place.note, **self._asked
        )

    @property
    def _asked(self) -> dict[str, Any]:
        """What stands from now on, for whatever wakes it."""
        return {"timed": self.timed, "asked": self.request.model_dump(mode="json", exclude_none=True)}

    async def _planned(self, **about: Any) -> None:
        request = self.request
        said = {
            "publication_id": request.publication_id,
            "render_id": request.render_id,
            "account_id": request.account_id,
        }
        planned = PublishPlanned.model_validate({**said, **about})
        # Another time or render is another fact, also of the same request; the same again answers another request.
        once = f"{self.work.event.id} {planned.at} {planned.anew}"
        for work, ident in told(self.work, self.claim, self.whose, once):
            await work.emit(PUBLISH_PLANNED, planned, once=ident)

    async def _check(self, session: Session, post: Post) -> None:
        try:
            await self.platform.check(session, post)
        except Reject:
            await self._refused()
            raise

    async def _send(self, session: Session, post: Post) -> Claim:
        # Makes every attempt's claim its own: whoever was at it before gets `ClaimLost` at the next step.
        await self.advance(SENDING, attempt=uuid.uuid4().hex)
        try:
            posted = await self.platform.publish(session, post, self.steps)
        except Reject:
            if not (self.steps.made or self.steps.begun):
                await self._refused()
            raise
        return await self._record(posted)

    async def _refused(self) -> None:
        if self.claim.step in {WAITING, SENDING}:  # else there was nothing that falls
            await self.advance(REFUSED, steps={}, post=None, asked=None)
        await self.desk.calendar.release(self.request)

    async def _later(self, error: Retry) -> Claim:
        """Come back: by the message itself, or by a timer for what takes longer than a message is kept for."""
        seconds = error.after
        if seconds is None:
            seconds = min(self.desk.slowest, _FIRST_S * 2 ** min(self.work.attempt - 1, 10))
        if seconds < _LONG_S:
            error.after = max(_LEAST_S, seconds)
            raise error
        at = self.desk.clock() + timedelta(seconds=seconds)
        if self.claim.step not in BEGUN:
            await self.advance(self.claim.step, **self._asked)
        elif (given := ordered(self.claim, self.work.event)) is not None:
            # It may be newer than what it finishes, and name another time: the timer's own is when it is due.
            await self.advance(self.claim.step, alarm={"of": self.work.event.id, "timed": given.isoformat()})
        await self._come_back(at)
        if self.claim.step != MOVING:  # what is moved is out, and is not planned again
            await self._planned(at=at, note=error.what)
        return self.claim

    async def _come_back(self, at: datetime) -> None:
        # What a person has answered is answered once, and not again with every timer.
        asked = self.request.model_copy(update={"outcome": None, "url": None})
        await self.desk.timers.at(at, asked, self.work.owned(self.whose).event)

    async def _left_to_a_person(self, reason: str, advice: str) -> Claim:
        unsure = PublishUnconfirmed(
            publication_id=self.request.publication_id,
            render_id=self.request.render_id,
            account_id=self.request.account_id,
            reason=reason,
            advice=advice,
        )
        for work, once in told(self.work, self.claim, self.whose, self.work.event.id):
            await work.emit(PUBLISH_UNCONFIRMED, unsure, once=once)
        return await self.advance(UNSURE)

    async def _answered(self) -> str:
        """Take a person's answer to `publish.unconfirmed`, the first one alone; the step that it leads to."""
        if self.claim.step != UNSURE:
            raise Reject(
                f"nobody has asked what became of {self.request.publication_id}, or it is answered already: "
                f"it is {self.claim.step!r}",
                advice="Answer `publish.unconfirmed` only, and once; without `outcome` it is published as usual",
                field="outcome",
            )
        if self.request.outcome == "not_there":
            await self.advance(SENDING, steps={}, begun={}, made=[], answer=self.work.event.id)
            return SENDING
        await self._record(await found_at(self.request, self.platform, self.desk.sessions, now=self.desk.clock()))
        return DONE

    async def _record(self, posted: Posted) -> Claim:
        facts = self.claim.data["post"]
        publication = Publication(
            publication_id=self.request.publication_id,
            render_id=self.request.render_id,
            account_id=self.request.account_id,
            platform=self.platform.name,
            platform_id=posted.platform_id,
            url=posted.url,
            published_at=posted.published_at,
            title=facts["title"],
            description=facts["description"],
            notes=posted.notes,
        )
        # Addresses and keys of uploads open something at the platform: they are not kept longer than they are needed.
        # `kept`: the platform shows it later; `out`: since when it is known to be there.
        known = {"kept": "publish_at" in facts, "out": self.desk.clock().isoformat()}
        done = publication.model_dump(mode="json")
        return await self.advance(DONE, publication=done, steps={}, begun={}, made=[], post=None, **known)
