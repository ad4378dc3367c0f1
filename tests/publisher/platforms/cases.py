"""The platforms that have a server here: one line each."""

from __future__ import annotations

from tests.publisher.platforms.bluesky_server import BLUESKY
from tests.publisher.platforms.facebook_server import FACEBOOK
from tests.publisher.platforms.instagram_server import INSTAGRAM
from tests.publisher.platforms.kit import Case
from tests.publisher.platforms.linkedin_server import LINKEDIN, LINKEDIN_ORGANIZATION
from tests.publisher.platforms.mastodon_server import MASTODON
from tests.publisher.platforms.peertube_server import PEERTUBE, PEERTUBE_IN_PIECES
from tests.publisher.platforms.pinterest_server import PINTEREST
from tests.publisher.platforms.snapchat_server import SNAPCHAT
from tests.publisher.platforms.telegram_server import TELEGRAM
from tests.publisher.platforms.tiktok_server import TIKTOK
from tests.publisher.platforms.x_server import XCASE
from tests.publisher.platforms.youtube_server import YOUTUBE, YOUTUBE_IN_PIECES

__all__ = ["CASES"]

CASES: dict[str, Case] = {
    "bluesky": BLUESKY,
    "facebook": FACEBOOK,
    "instagram": INSTAGRAM,
    "linkedin": LINKEDIN,
    "linkedin organization": LINKEDIN_ORGANIZATION,
    "mastodon": MASTODON,
    "peertube": PEERTUBE,
    "peertube in pieces": PEERTUBE_IN_PIECES,
    "pinterest": PINTEREST,
    "snapchat": SNAPCHAT,
    "telegram": TELEGRAM,
    "tiktok": TIKTOK,
    "x": XCASE,
    "youtube": YOUTUBE,
    "youtube in pieces": YOUTUBE_IN_PIECES,
}
