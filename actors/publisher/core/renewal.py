"""When tokens are renewed, and when a person has to log in again."""

from __future__ import annotations

from datetime import datetime, timedelta

__all__ = ["login_until", "renewal_due", "retry_after", "spent"]

_MOST_SPARE = timedelta(days=10)
_LEAST_LEFT = timedelta(minutes=5)
_PAUSE = timedelta(minutes=1), timedelta(hours=1)


def renewal_due(obtained: datetime, expires: datetime | None, *, jitter: float = 0.0) -> datetime | None:
    """When tokens are renewed ahead: with a fifth of their life left, at most ten days.

    `jitter` from 0 to 1 brings it forward by up to a quarter of that, so that many accounts are not renewed at once.
    None: they do not expire.
    """
    if expires is None:
        return None
    return expires - min((expires - obtained) / 5, _MOST_SPARE) * (1 + jitter / 4)


def spent(obtained: datetime, expires: datetime | None, now: datetime) -> bool:
    """Whether tokens are not good for some minutes any more: for five, or for a tenth of a short life."""
    return expires is not None and now >= expires - min((expires - obtained) / 10, _LEAST_LEFT)


def retry_after(expires: datetime | None, now: datetime) -> timedelta:
    """How long to wait after a renewal that did not work: a quarter of what is left, from a minute to an hour."""
    least, most = _PAUSE
    return least if expires is None else max(least, min(most, (expires - now) / 4))


def login_until(refresh: str | None, expires: datetime | None, refresh_expires: datetime | None) -> datetime | None:
    """When a person has to log in again at the latest: when what renews the access ends, or the access itself where
    there is nothing to renew it with. None: not known, or never."""
    return refresh_expires or (expires if refresh is None else None)
