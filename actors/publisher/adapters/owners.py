"""Whose order it is, compared with whose account it is: the bus carries what anybody has put on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from actors.publisher.adapters.moving import another_time
from actors.publisher.core.owners import takes
from actors.publisher.ports import Platform, Sessions
from actors.publisher.store import BEGUN, SAID, UNSURE
from contracts.envelope import Event
from runtime.claims import Claim
from runtime.errors import Reject

__all__ = ["refuse_foreign"]


async def refuse_foreign(
    event: Event[Any], claim: Claim, platform: Platform, sessions: Sessions, *, now: datetime
) -> None:
    """Raise `Reject` for an order of one user about an account of another, before anything comes of it.

    What was begun with leave is finished for whoever it was begun for, also if the account was connected by somebody
    else meanwhile; another time, and an answer to `publish.unconfirmed`, are new orders. An account that nobody has
    connected is nobody's; opening it says so.
    """
    if _begun_for(event.owner, claim) and not _answers(event, claim) and another_time(claim, event, now) is None:
        return
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


def _begun_for(owner: str | None, claim: Claim) -> bool:
    if "whose" in claim.data:
        return claim.step in BEGUN and claim.data["whose"] == owner
    # Begun before claims told for whom: it is finished for whoever comes.
    return claim.step in BEGUN - {SAID}


def _answers(event: Event[Any], claim: Claim) -> bool:
    """Whether it is an answer that is not carried out yet: `not_there` posts anew."""
    return claim.step == UNSURE and event.data.outcome is not None and claim.data.get("answer") != event.id
