"""How much one may ask: a bucket of requests for each user, and for each address that brings no good token.

A bucket holds ten seconds' worth and fills evenly. The operator's token has none.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Limits"]

_BURST_S = 10.0
_MOST = 20_000


class Limits:
    """Buckets by name; of the many that came and went, those that were asked last are known."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, rate: float) -> float:
        """Take one request out of a bucket that fills by `rate` a second; the seconds to wait, 0 if it may pass."""
        moment, full = self._clock(), rate * _BURST_S
        left, seen = self._buckets.pop(name, (full, moment))
        left = min(full, left + (moment - seen) * rate)
        waits = 0.0 if left >= 1 else (1 - left) / rate
        self._buckets[name] = (left - 1 if left >= 1 else left), moment
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        return waits
