"""The platforms. A new one is one file here and one line in the table."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

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
from runtime.settings import Settings

__all__ = ["PLATFORMS", "hosts_set", "open_platforms"]

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


def hosts_set() -> frozenset[str]:
    """Hosts that the operator has put into an address of a platform's settings: they may be on this machine."""
    modules = {sys.modules[opened.__module__] for opened in PLATFORMS.values()}
    kinds = [kind for module in modules for kind in vars(module).values() if _is_settings(kind, module.__name__)]
    hosts = set()
    for kind in kinds:
        settings = kind()
        for name, field in kind.model_fields.items():
            value = getattr(settings, name)
            if name.endswith("_url") and isinstance(value, str) and value != field.default:
                hosts.add((urlsplit(value).hostname or "").lower())
    return frozenset(hosts - {""})


def _is_settings(kind: object, module: str) -> bool:
    return isinstance(kind, type) and issubclass(kind, Settings) and kind.__module__ == module
