"""Which post an address shows, as far as the address tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

__all__ = ["id_in"]

_POSTS: Mapping[str, str] = {
    "bluesky": r"/profile/[^/]+/post/(?P<id>[a-z0-9]+)",
    "facebook": r"facebook\.com/(?:reel/|watch/?\?(?:.*&)?v=|(?:[^/]+/)?videos/(?:[^/]+/)?)(?P<id>\d+)",
    "instagram": r"instagram\.com/(?:[^/]+/)?(?:reels?|p|tv)/(?P<id>[\w-]+)",
    "linkedin": r"linkedin\.com/.*(?P<id>urn:li:(?:share|ugcPost):\d+)",
    "mastodon": r"/(?:@[^/]+|users/[^/]+/statuses)/(?P<id>\w+)",
    "peertube": r"/(?:w|videos/watch)/(?P<id>[\w-]+)",
    "pinterest": r"pinterest\.[a-z.]+/pin/(?:[^/]*--)?(?P<id>\d+)",
    "snapchat": r"snapchat\.com/(?:[^?]*/)?spotlight/(?P<id>[\w-]+)",
    "telegram": r"(?:t|telegram)\.me/(?:c/)?[^/]+/(?:\d+/)?(?P<id>\d+)",
    "tiktok": r"tiktok\.com/@[^/]+/video/(?P<id>\d+)",
    "x": r"(?:x|twitter)\.com/.+/status/(?P<id>\d+)",
    "youtube": r"(?:youtube\.com/(?:(?:shorts|embed|live|video)/|watch\?(?:.*&)?v=)|youtu\.be/)(?P<id>[\w-]+)",
}
"""Parts of addresses in which the id stands; of Instagram it is the code of the address, which is no id."""


def id_in(platform: str, url: str) -> str | None:
    """The platform's word for the post at an address; none where it does not tell one, as short links do.

    Of a platform whose addresses are not known it is the parameter `v`, else the last part of the path.
    """
    if platform in _POSTS:
        found = re.search(_POSTS[platform], unquote(url))
        return found["id"] if found else None
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("v")
    return (named[0] if named else parts.path.rstrip("/").rpartition("/")[2]) or None
