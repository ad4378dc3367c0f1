"""When looks with beats strike, and how they come and go."""

from __future__ import annotations

import math

from actors.renderer.adapters.looks.look import Instant

__all__ = ["Beat", "beat_of", "eased", "held"]

Beat = tuple[int, float]
"""Its number in the segment, and the seconds since it struck."""
_SLIP = 1e-6


def beat_of(at: Instant, every: float | None, length: float) -> Beat | None:
    """The beat under way, if one is; each lasts `length` seconds, and one that comes during another is left out.

    With `every` they are that many seconds apart, the first after the first such pause; else at `Instant.beats`.
    """
    if every is not None:
        number = math.floor(at.time / max(every, length) + _SLIP)
        since = at.time - number * max(every, length)
        return (number, max(since, 0.0)) if number > 0 and since < length else None
    free, number = 0.0, 0
    for beat in at.beats:
        if beat > at.time + _SLIP:
            break
        if beat >= free:
            free, number = beat + length, number + 1
            if at.time < free:
                return number, max(at.time - beat, 0.0)
    return None


def eased(share: float) -> float:
    """From 0 to 1, slow at both ends (smoothstep); level outside."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def held(since: float, rise: float, hold: float, fall: float) -> float:
    """Up to 1 within `rise` seconds, there for `hold`, back to 0 within `fall`; all of them eased."""
    return eased(since / rise) if since < rise else 1 - eased((since - rise - hold) / fall)
