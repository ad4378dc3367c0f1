"""Another time for a post that its platform has got already and shows when its time comes.

What is asked of the platform is a state and no step, so it may be asked again: the claim says which time stands, and
whoever comes late asks for that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from actors.publisher.adapters.desk import TakenRequest
from actors.publisher.adapters.preparing import in_reach
from actors.publisher.core.ledger import SOON
from actors.publisher.ports import Moves
from actors.publisher.store import DONE, MOVING, SAID
from contracts.work import Publication
from runtime.claims import Claim
from runtime.errors import Reject

__all__ = ["moved", "to_be_moved"]


def to_be_moved(claim: Claim, wanted: datetime | None, now: datetime) -> bool:
    """Whether a request names another time for a post that nobody sees yet, or a move of it was begun."""
    if claim.step != SAID:
        return claim.step == MOVING
    at = _publication(claim.data).published_at
    return wanted is not None and abs(wanted - at) > SOON and at > now


async def moved(order: TakenRequest) -> Claim:
    """The claim: done, with the new time. Raises `Reject`, having changed nothing, where the post cannot be moved."""
    request, desk, event, claim = order.request, order.desk, order.work.event, order.claim
    publication = _publication(claim.data)
    to, stands = claim.data.get("to") or publication.published_at.isoformat(), claim.data.get("timed")
    if request.publish_at is not None and (stands is None or datetime.fromisoformat(stands) < event.time):
        _movable(order, publication, request.publish_at)
        to, stands = request.publish_at.isoformat(), event.time.isoformat()
    at = datetime.fromisoformat(to)
    session = await desk.sessions.open(order.platform, request.account_id, order.work.progress)
    claim = await order.advance(MOVING, to=to, timed=stands)
    try:
        if isinstance(order.platform, Moves):
            await order.platform.move(session, publication.platform_id, at)
    except Reject:
        await order.advance(SAID, to=None)
        raise
    await desk.calendar.move(request, at)
    # A time that was past when it was named is that of the change, or of before where it was seen by then.
    seen = publication.model_copy(update={"published_at": max(at, min(desk.clock(), publication.published_at))})
    # Its `publish.done` is said once for each time that it is to be seen.
    said = f"{publication.publication_id} {stands}"
    return await order.advance(DONE, publication=seen.model_dump(mode="json"), to=None, said=said)


def _movable(order: TakenRequest, publication: Publication, to: datetime) -> None:
    """Raises `Reject` for a platform on which Clipwire changes no time, and for a time that it does not take."""
    name, now = order.platform.name, order.desk.clock()
    if not isinstance(order.platform, Moves):
        raise Reject(
            f"{name} has {publication.publication_id} already and shows it at {publication.published_at.isoformat()}; "
            f"Clipwire does not change the time of what {name} keeps",
            advice=order.platform.limits.by_hand,
            field="publish_at",
        )
    in_reach(to, now)
    window = order.platform.limits.schedules
    if window is not None and to > now + SOON and not window[0] <= to - now <= window[1]:
        least, most = (f"{span.days} days" if span.days else f"{span.seconds // 60} minutes" for span in window)
        raise Reject(
            f"{name} keeps a post for {least} to {most}, and {to.isoformat()} is not within that; it stays at "
            f"{publication.published_at.isoformat()}",
            advice="Name a time within that, or one that is past to have it seen at once",
            field="publish_at",
        )


def _publication(data: Mapping[str, Any]) -> Publication:
    return Publication.model_validate(data["publication"])
