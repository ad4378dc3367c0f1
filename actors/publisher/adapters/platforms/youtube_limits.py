"""What YouTube takes of a video and of a Google project.

Sources: YouTube Data API v3, videos.insert; “Quota costs” of June 2026: uploads have a quota of their own, everything
else shares the project's units.
"""

from __future__ import annotations

from datetime import timedelta

from actors.publisher.adapters.platforms.youtube_calls import PACIFIC
from actors.publisher.core.limits import Chapters, Hashtags, Limits, Quota, Text

__all__ = ["limits_of"]

_UPLOADS = 100
_UNITS, _CAPTIONS = 100, 400
"""Units that a post takes at most: 50 for its thumbnail and as many for looking after it, at 1 a request; and for its
captions."""


def limits_of(*, units: int, captions: bool, public: bool) -> Limits:
    """`units`: a day's, beside the uploads. `captions`: they are added. `public`: everybody may see the videos."""
    each = _UNITS + _CAPTIONS if captions else _UNITS
    return Limits(
        source="YouTube Data API v3, videos.insert",
        title=Text(100, least=1, forbidden="<>"),
        description=Text(5000, "bytes", forbidden="<>"),
        hashtags=Hashtags(60),  # of a video with more YouTube shows none
        chapters=Chapters(),
        bytes=(1, 274_877_906_944),
        duration=(0.1, 12 * 3600.0),
        content_types=("video/mp4", "video/quicktime", "video/webm", "video/x-matroska"),
        quotas=(
            Quota(_UPLOADS, scope="project", zone=PACIFIC),
            Quota(units, scope="project", zone=PACIFIC, each=each, unit="units of the Data API"),
        ),
        # What YouTube was given a time for becomes public then, and nothing else.
        schedules=(timedelta(minutes=15), timedelta(days=365)) if public else None,
    )
