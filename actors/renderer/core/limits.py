"""How long and how large a video each platform takes, as their documentation said in November 2026.

Decimal megabytes, which are the stricter reading. What a platform decides for each account (TikTok's own maximum, a
verified YouTube channel) is not here: the publisher asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["LIMITS", "Limit", "not_kept"]

_MB = 1_000_000


@dataclass(frozen=True)
class Limit:
    """Seconds and bytes of one video; None: the platform names no such limit."""

    most_seconds: float | None = None
    most_bytes: int | None = None
    least_seconds: float | None = None
    least_bytes: int | None = None


LIMITS: Mapping[str, Limit] = {
    "youtube": Limit(most_seconds=180, most_bytes=274_877_906_944),  # longer is taken, but is no Short
    "tiktok": Limit(most_seconds=600, most_bytes=4000 * _MB),  # Content Posting API
    "instagram": Limit(most_seconds=900, most_bytes=300 * _MB, least_seconds=3),  # Reels
    "facebook": Limit(most_seconds=90, least_seconds=3),  # Reels of a Page
    "threads": Limit(most_seconds=300, most_bytes=1000 * _MB),
    "x": Limit(most_seconds=140, most_bytes=512 * _MB, least_seconds=0.5),  # accounts without Premium
    "linkedin": Limit(most_seconds=1800, most_bytes=500 * _MB, least_seconds=3, least_bytes=75_000),
    "pinterest": Limit(most_seconds=900, most_bytes=2000 * _MB, least_seconds=4),
    "snapchat": Limit(most_seconds=60, most_bytes=1000 * _MB, least_seconds=5),  # Spotlight
    "telegram": Limit(most_bytes=50 * _MB),  # Bot API in the cloud; a server of one's own takes 2000 MB
    "bluesky": Limit(most_seconds=180, most_bytes=100 * _MB),
    "mastodon": Limit(most_bytes=103_809_024),  # the default of an instance
}


def not_kept(seconds: float, size: int, platforms: Iterable[str] = ()) -> tuple[str, ...]:
    """What a video of `seconds` and `size` bytes is too long, short or large for: `x: 150.0 s, at most 140 s`.

    `platforms`: those that are asked about; none: all. A platform that is not known here has no limits.
    """
    said = []
    for name in tuple(platforms) or tuple(LIMITS):
        limit = LIMITS.get(name, Limit())
        if limit.most_seconds is not None and seconds > limit.most_seconds:
            said.append(f"{name}: {seconds:.1f} s, at most {limit.most_seconds:g} s")
        if limit.least_seconds is not None and seconds < limit.least_seconds:
            said.append(f"{name}: {seconds:.1f} s, at least {limit.least_seconds:g} s")
        if limit.most_bytes is not None and size > limit.most_bytes:
            said.append(f"{name}: {size / _MB:.1f} MB, at most {limit.most_bytes / _MB:g} MB")
        if limit.least_bytes is not None and size < limit.least_bytes:
            said.append(f"{name}: {size / 1000:.0f} kB, at least {limit.least_bytes / 1000:g} kB")
    return tuple(said)
