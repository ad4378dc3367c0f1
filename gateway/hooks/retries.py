"""When a webhook is tried again, and when no more. The figures are those that the Standard Webhooks specification
recommends (https://github.com/standard-webhooks/standard-webhooks, "Deliverability and reliability").
"""

from __future__ import annotations

__all__ = ["DISABLE_AFTER_S", "PATIENCE_S", "delay"]

PATIENCE_S = 15.0
"""How long a receiver may take to answer."""
_HOUR = 3600.0
_DELAYS = (5.0, 300.0, 1800.0, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
DISABLE_AFTER_S = 5 * 24 * _HOUR
"""How long a receiver may take nothing before it is set aside."""
_SPREAD = 0.2
_LONGEST_ASKED_S = 24 * _HOUR


def delay(attempts: int, *, chance: float, asked: float | None = None) -> float | None:
    """Seconds until the next attempt after `attempts` that failed; none: it is given up.

    `chance`: 0 to 1, so that receivers that fail together are not asked together; `asked`: what `Retry-After` said.
    """
    if attempts > len(_DELAYS):
        return None
    own = _DELAYS[attempts - 1] * (1 + _SPREAD * chance)
    return max(own, min(asked or 0.0, _LONGEST_ASKED_S))
