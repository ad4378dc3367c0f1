"""What a WebSub hub sends (W3C Recommendation WebSub, sections 5.3 and 7), and YouTube's Atom in it. Pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from defusedxml import DefusedXmlException, ElementTree

__all__ = ["Entry", "InvalidFeedError", "entries", "signed", "topic"]

_ATOM = "{http://www.w3.org/2005/Atom}"
_YOUTUBE = "{http://www.youtube.com/xml/schemas/2015}"
_VIDEO = re.compile(r"^[A-Za-z0-9_-]{11}$")
_METHODS = ("sha1", "sha256", "sha384", "sha512")


class InvalidFeedError(ValueError):
    """What was sent is no feed."""


@dataclass(frozen=True)
class Entry:
    """A video that was published or changed."""

    video_id: str
    youtube_id: str
    published: datetime

    @property
    def url(self) -> str:
        """Where it is watched."""
        return f"https://www.youtube.com/watch?v={self.video_id}"


def topic(youtube_id: str) -> str:
    """The feed of a YouTube channel, which is what the hub is asked about."""
    return f"https://www.youtube.com/xml/feeds/videos.xml?channel_id={youtube_id}"


def signed(secret: str, body: bytes, header: str | None) -> bool:
    """Whether `X-Hub-Signature` is that of whoever knows the secret; compared in constant time."""
    method, _, given = (header or "").partition("=")
    if method not in _METHODS:
        return False
    wanted = hmac.new(secret.encode(), body, method).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.strip().lower().encode())


def entries(body: bytes) -> Iterator[Entry]:
    """The videos of a notification; what was deleted is none. Raises `InvalidFeedError`."""
    try:
        feed = ElementTree.fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise InvalidFeedError(str(error)) from None
    for node in feed.iter(f"{_ATOM}entry"):
        video_id = node.findtext(f"{_YOUTUBE}videoId", "").strip()
        published = _time(node.findtext(f"{_ATOM}published", ""))
        if _VIDEO.match(video_id) and published is not None:
            yield Entry(video_id, node.findtext(f"{_YOUTUBE}channelId", "").strip(), published)


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return time if time.tzinfo else None
