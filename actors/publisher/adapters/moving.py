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
from actors.publisher.adapters.timers import brought
from actors.publisher.core.ledger import SOON
from actors.publisher.ports import Moves
from actors.publisher.store import DONE, MOVING, SAID
from contracts.envelope import Event
from contracts.work import Publication
from runtime.claims import Claim
from runtime.errors import Reject

__all__ = ["another_time", "moved", "ordered", "overtaken"]


def ordered(claim: Claim, event: Event[Any]) -> datetime | None:
    """When an order was given. Of what a timer brings, the claim tells; none: it tells of another timer."""
    if not brought(event):
        return event.time
    alarm = claim.data.get("alarm")
    return datetime.fromisoformat(alarm["timed"]) if alarm and alarm["of"] == event.causationid else None


def another_time(claim: Claim, event: Event[Any], now: datetime) -> datetime | None:
    """The time that an order names for a post that is out and that nobody sees yet, if it is another one than it has.

    None for an order that is not newer than the one that stands: it comes to finish what it has begun.
    """
    if claim.step not in {SAID, MOVING} or not claim.data.get("kept", True) or not _newer(claim, event):
        return None
    wanted: datetime | None = event.data.publish_at
    at = _publication(claim.data).published_at
    return wanted if wanted and (claim.step == MOVING or (abs(wanted - at) > SOON and at > now)) else None


def overtaken(claim: Claim, event: Event[Any]) -> None:
    """Raise `Reject` for an order of a later time that was given before the post was seen, and came too late."""
    wanted, given, seen = event.data.publish_at, ordered(claim, event), _publication(claim.data)
    if wanted is None or given is None or not _newer(claim, event) or "out" not in claim.data:
        return
    # By our own clock: that of the platform may be ahead.
    until = seen.published_at if claim.data["kept"] else datetime.fromisoformat(claim.data["out"])
    if given < until and wanted > max(until, seen.published_at) + SOON:
        raise Reject(
            f"{seen.publication_id} was on its way already when {wanted.isoformat()} was ordered, and is seen since "
            f"{seen.published_at.isoformat()} at {seen.url}",
            advice="What is seen is not moved: hide or delete it there, if it is not to be seen yet",
            field="publish_at",
        )


def _newer(claim: Claim, event: Event[Any]) -> bool:
    stands, given = claim.data.get("timed"), ordered(claim, event)
    return given is not None and (stands is None or given > datetime.fromisoformat(stands))


async def moved(order: TakenRequest) -> Claim:
    """The claim: done, with the new time. Raises `Reject`, having changed nothing, where the post cannot be moved."""
    desk, claim, platform = order.desk, order.claim, order.platform
    publication, wanted = _publication(claim.data), another_time(claim, order.work.event, desk.clock())
    if wanted is None and claim.step == SAID:
        return claim  # it is seen by now
    if not isinstance(platform, Moves):
        raise Reject(
            f"{platform.name} has {publication.publication_id} already and shows it at "
            f"{publication.published_at.isoformat()}; Clipwire does not change the time of what {platform.name} keeps",
            advice=platform.limits.by_hand,
            field="publish_at",
        )
    if wanted is not None:
        _keeps(order, publication, wanted)
    claim = await order.advance(MOVING, **(_begun(order, wanted) if wanted is not None else {}))
    at = datetime.fromisoformat(claim.data["to"])
    try:
        session = await desk.sessions.open(platform, order.request.account_id, order.work.progress)
        await platform.move(session, publication.platform_id, at)
    except Reject:
        # As if it had never been ordered: whoever comes again, as after a crash before it is said, is refused again.
        await order.advance(SAID, to=None, stood=None, **claim.data["stood"])
        raise
    await desk.calendar.move(order.request, at)
    await desk.timers.cancel(publication.publication_id)
    # A time that was past when it was named is that of the change, or of before where it was seen by then.
    seen = publication.model_copy(update={"published_at": max(at, min(desk.clock(), publication.published_at))})
    # Its `publish.done` is said once for each time that it is to be seen.
    said = f"{publication.publication_id} {claim.data['timed']}"
    return await order.advance(DONE, publication=seen.model_dump(mode="json"), to=None, stood=None, said=said)


def _begun(order: TakenRequest, wanted: datetime) -> dict[str, Any]:
    """What the claim says of a move: `to` when, what has ordered it, and in `stood` what had ordered before it."""
    claim, event = order.claim, order.work.event
    given = ordered(claim, event) or event.time
    stood = claim.data["stood"] if claim.step == MOVING else {name: claim.data.get(name) for name in ("timed", "whose")}
    return {"to": wanted.isoformat(), "timed": given.isoformat(), "whose": order.whose, "stood": stood}


def _keeps(order: TakenRequest, publication: Publication, to: datetime) -> None:
    """Raises `Reject` for a time that the platform does not take."""
    name, now = order.platform.name, order.desk.clock()
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
