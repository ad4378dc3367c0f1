"""The platforms. A new one is one file here and one line in the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from actors.publisher.adapters.platforms import (
    bluesky,
    facebook,
    instagram,
    linkedin,
    mastodon,
    outbox,
    peertube,
    pinterest,
    snapchat,
    telegram,
    tiktok,
    x,
    youtube,
)
from actors.publisher.ports import Platform
from actors.publisher.settings import PublisherSettings
from runtime.media import MediaStore

__all__ = ["PLATFORMS", "open_platforms"]

PLATFORMS: dict[str, Callable[[PublisherSettings, Path, MediaStore], Platform]] = {
    "bluesky": bluesky.open_platform,
    "facebook": facebook.open_platform,
    "instagram": instagram.open_platform,
    "linkedin": linkedin.open_platform,
    "mastodon": mastodon.open_platform,
    "outbox": outbox.open_platform,
    "peertube": peertube.open_platform,
    "pinterest": pinterest.open_platform,
    "snapchat": snapchat.open_platform,
    "telegram": telegram.open_platform,
    "tiktok": tiktok.open_platform,
    "x": x.open_platform,
    "youtube": youtube.open_platform,
}


def open_platforms(settings: PublisherSettings, *, home: Path, media: MediaStore) -> dict[str, Platform]:
    """Every platform of the table, by name. `home`: state of this machine."""
    return {name: opened(settings, home, media) for name, opened in PLATFORMS.items()}
