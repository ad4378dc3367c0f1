"""publish.requested -> publish.planned, publish.done, publish.unconfirmed, render.requested"""

from __future__ import annotations

from actors.publisher.adapters.desk import Desk
from actors.publisher.adapters.moving import another_time, overtaken
from actors.publisher.adapters.orders import Order
from actors.publisher.adapters.owners import for_whom, say_refused, told
from actors.publisher.adapters.preparing import platform_of
from actors.publisher.store import DONE, SAID, key_of
from contracts.events import PublishDone, PublishRequested
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from contracts.work import Publication
from runtime.actor import Actor, Work
from runtime.claims import Claim
from runtime.errors import Reject

__all__ = ["build"]


def build(desk: Desk) -> Actor:
    """The publisher: every publication once, on time, whatever crashes in between."""
    actor = Actor("publisher", slots=desk.settings.publisher_slots)

    @actor.listen(PUBLISH_REQUESTED)
    async def on_publish_requested(request: PublishRequested, work: Work) -> None:
        claim = await desk.claims.take(key_of(request.publication_id), work.event.id)
        try:
            await _followed(desk, request, work, claim)
        except Reject as error:
            await say_refused(work, await desk.claims.get(claim.key) or claim, error)
            raise

    return actor


async def _followed(desk: Desk, request: PublishRequested, work: Work, claim: Claim) -> None:
    """Until nothing more comes of it: what was being sent when it came may be moved by it afterwards."""
    platform = platform_of(desk.platforms, request.account_id)
    whose = await for_whom(work.event, claim, platform, desk.sessions, now=desk.clock())
    out = claim.step == SAID and another_time(claim, work.event, desk.clock()) is None
    if not out and claim.step != DONE:
        claim = await Order(desk, request, work, claim, whose).followed()
    if claim.step == DONE:
        claim = await _said(desk, claim, work)
    if claim.step == SAID and another_time(claim, work.event, desk.clock()) is not None:
        await _followed(desk, request, work, claim)
    elif claim.step == SAID:
        overtaken(claim, work.event)
    if out:
        # Nothing more comes of it: whoever looks on is told why.
        await work.progress(1.0, f"it is out already, at {claim.data['publication']['url']}")


async def _said(desk: Desk, claim: Claim, work: Work) -> Claim:
    """Emit `publish.done`, and write down that it is said.

    Until it is, everybody emits it under the same id: dying in between leads to one event.
    """
    publication = Publication.model_validate(claim.data["publication"])
    said, whose = claim.data.get("said") or publication.publication_id, claim.data.get("whose", work.event.owner)
    for each, once in told(work, claim, whose, said):
        await each.emit(PUBLISH_DONE, PublishDone(publication=publication), once=once)
    return await desk.claims.advance(claim, SAID)
