"""publish.requested -> publish.planned, publish.done, publish.unconfirmed, render.requested"""

from __future__ import annotations

from actors.publisher.adapters.desk import Desk
from actors.publisher.adapters.moving import another_time
from actors.publisher.adapters.orders import Order
from actors.publisher.adapters.owners import refuse_foreign
from actors.publisher.adapters.preparing import platform_of
from actors.publisher.store import DONE, SAID, key_of
from contracts.events import PublishDone, PublishRequested
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from contracts.work import Publication
from runtime.actor import Actor, Work
from runtime.claims import Claim

__all__ = ["build"]


def build(desk: Desk) -> Actor:
    """The publisher: every publication once, on time, whatever crashes in between."""
    actor = Actor("publisher", slots=desk.settings.publisher_slots)

    @actor.listen(PUBLISH_REQUESTED)
    async def on_publish_requested(request: PublishRequested, work: Work) -> None:
        claim = await desk.claims.take(key_of(request.publication_id), work.event.id)
        platform = platform_of(desk.platforms, request.account_id)
        await refuse_foreign(work.event, claim, platform, desk.sessions, now=desk.clock())
        if claim.step == SAID and another_time(claim, work.event, desk.clock()) is None:
            # Nothing more comes of it: whoever looks on is told why.
            await work.progress(1.0, f"it is out already, at {claim.data['publication']['url']}")
        elif claim.step != DONE:
            claim = await Order(desk, request, work, claim).followed()
        await _say(desk, claim, work)

    return actor


async def _say(desk: Desk, claim: Claim, work: Work) -> None:
    """Emit `publish.done`, unless that is written down as well.

    Until it is, everybody emits it under the same id: dying in between leads to one event.
    """
    if claim.step == DONE:
        publication = Publication.model_validate(claim.data["publication"])
        once = claim.data.get("said", publication.publication_id)
        await work.emit(PUBLISH_DONE, PublishDone(publication=publication), once=once)
        await desk.claims.advance(claim, SAID)
