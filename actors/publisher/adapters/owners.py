"""Whose order it is, compared with whose account it is: the bus carries what anybody has put on it."""

from __future__ import annotations

from actors.publisher.core.owners import takes
from actors.publisher.ports import Platform, Sessions
from actors.publisher.store import BEGUN
from contracts.events import PublishRequested
from runtime.claims import Claim
from runtime.errors import Reject

__all__ = ["refuse_foreign"]


async def refuse_foreign(
    request: PublishRequested, owner: str | None, claim: Claim, platform: Platform, sessions: Sessions
) -> None:
    """Raise `Reject` for an order of one user about an account of another, before anything comes of it.

    What was begun with leave is finished for whoever it was begun for, also if the account was connected by somebody
    else meanwhile. An account that nobody has connected is nobody's; opening it says so.
    """
    if claim.step in BEGUN and owner is not None and claim.data.get("whose") == owner:
        return
    account = await sessions.known(platform, request.account_id)
    if account is not None and not takes(account, owner):
        raise Reject(
            f"the account {request.account_id!r} was connected by somebody else than the user {owner!r}, for whom "
            f"{request.render_id} was to be published",
            advice="Publish on an account of your own, and take this one out of the channel's `targets`; or connect it "
            f"yourself: `clipwire account connect {platform.name}`",
            field="account_id",
        )
