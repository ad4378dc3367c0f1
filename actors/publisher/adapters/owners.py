"""Whose order it is, compared with whose account it is: the bus carries what anybody has put on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from actors.publisher.adapters.moving import another_time
from actors.publisher.adapters.timers import brought
from actors.publisher.core.owners import hearers, takes
from actors.publisher.ports import Platform, Sessions
from actors.publisher.store import BEGUN, REFUSED, SAID, SENDING, UNSURE
from contracts.envelope import Event
from contracts.events import WorkFailed
from contracts.subjects import WORK_FAILED
from contracts.work import Failure
from runtime.actor import Work
from runtime.claims import Claim
from runtime.errors import Reject

__all__ = ["for_whom", "say_refused", "told"]

_LONGEST_TEXT = 2000
"""As `runtime.dead` tells of it."""


async def for_whom(
    event: Event[Any], claim: Claim, platform: Platform, sessions: Sessions, *, now: datetime
) -> str | None:
    """The user for whom an order is followed; none: the operator alone. What the operator orders about a publication
    that is a user's is for that user, as long as the account is theirs.

    Raises `Reject` for an order of one user about an account of another, before anything comes of it. What was begun
    with leave is finished for whoever it was begun for, also if the account was connected by somebody else meanwhile;
    another time, and an answer to `publish.unconfirmed`, are new orders. An account that nobody has connected is
    nobody's; opening it says so.
    """
    if _begun_for(event.owner, claim) and not _answers(event, claim) and another_time(claim, event, now) is None:
        return event.owner
    request = event.data
    account = await sessions.known(platform, request.account_id)
    if account is not None and not takes(account, event.owner):
        raise Reject(
            f"the account {request.account_id!r} was connected by somebody else than the user {event.owner!r}, for "
            f"whom {request.render_id} was to be published",
            advice="Publish on an account of your own, and take this one out of the channel's `targets`; or connect it "
            f"yourself: `clipwire account connect {platform.name}`",
            field="account_id",
        )
    whose: str | None = claim.data.get("whose")
    if event.owner is not None or claim.step in {SENDING, UNSURE}:
        return event.owner or whose
    return whose if account is None or account.owner == whose else None


def told(work: Work, claim: Claim, whose: str | None, once: str) -> Iterator[tuple[Work, str]]:
    """The same work for each who is to hear of the publication, which is `whose`, with what is `once` for them."""
    for owner in hearers(work.event.owner, whose, _operators_too(claim)):
        yield work.owned(owner), once if owner == whose else f"{once} {owner or 'operator'}"


async def say_refused(work: Work, claim: Claim, error: Reject) -> None:
    """Tell whoever else has ordered it that nothing comes of it; who has ordered this is told by the runtime.

    Nothing is said where it goes on as it was planned: an order that changes nothing is nobody else's matter.
    """
    event = work.event
    if claim.step != REFUSED and not brought(event):
        return
    failure = Failure(
        stage="publisher",
        subject=event.type,
        event_id=event.id,
        entity=event.data.key,
        kind="rejected",
        what=error.what[:_LONGEST_TEXT],
        advice=(error.advice or "Correct it and publish it again")[:_LONGEST_TEXT],
        field=error.field,
    )
    for other, once in told(work, claim, claim.data.get("whose"), f"{event.id}|publisher"):
        if other.event.owner != event.owner:
            await other.emit(WORK_FAILED, WorkFailed(failure=failure), once=once)


def _operators_too(claim: Claim) -> bool:
    return bool(claim.data.get("operator")) or claim.data.get("whose", "") is None


def _begun_for(owner: str | None, claim: Claim) -> bool:
    if "whose" in claim.data:
        return claim.step in BEGUN and claim.data["whose"] == owner
    # Begun before claims told for whom: it is finished for whoever comes.
    return claim.step in BEGUN - {SAID}


def _answers(event: Event[Any], claim: Claim) -> bool:
    """Whether it is an answer that is not carried out yet: `not_there` posts anew."""
    return claim.step == UNSURE and event.data.outcome is not None and claim.data.get("answer") != event.id
