"""What a person found on an account, as the platform knows it."""

from __future__ import annotations

from datetime import datetime

from actors.publisher.core.addresses import id_in
from actors.publisher.ports import Locates, Platform, Posted, Sessions, UnconfirmedError
from contracts.events import PublishRequested
from runtime.errors import Reject, Retry

__all__ = ["UNKNOWN", "found_at"]

UNKNOWN = ""
"""In place of a platform's id that nothing tells."""
_SOON_S = 600.0
"""Seconds until a platform is asked again, at most: an answer of a person is kept by no timer."""


async def found_at(request: PublishRequested, platform: Platform, sessions: Sessions, *, now: datetime) -> Posted:
    """The post at the address in the request. A person has seen it, so it is there, whatever else can be found out.

    Where its id stays unknown a note says so. Raises `Retry` where the platform that knows it does not answer.
    """
    url = request.url or ""
    ident, why = id_in(platform.name, url), "its address does not tell"
    if ident is not None and isinstance(platform, Locates):
        try:
            session = await sessions.open(platform, request.account_id, _unheard)
            ident, why = await platform.located(session, ident), f"{session.account.title} shows none with this address"
        except Retry as error:
            error.after = min(error.after or _SOON_S, _SOON_S)
            raise
        except Reject as error:
            ident, why = None, error.what
        except UnconfirmedError as error:
            ident, why = None, error.reason
    if ident is not None:
        return Posted(ident, url, now)
    note = f"{platform.name} knows it by an id that is not known here ({why}), so it cannot be counted or taken down"
    return Posted(UNKNOWN, url, now, (note,))


async def _unheard(done: float) -> None:
    """Nothing is uploaded here."""
