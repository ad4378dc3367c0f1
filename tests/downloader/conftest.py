"""A downloader with a media store and a scratch folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from actors.downloader.actor import build
from actors.downloader.adapters.fetching import RealFetcher
from actors.downloader.settings import DownloaderSettings
from contracts.work import Channel
from runtime.actor import Actor
from runtime.media import FileMediaStore
from tests.support.channels import MemoryChannels

Make = Callable[..., Actor]


@pytest.fixture
def media(tmp_path: Path) -> FileMediaStore:
    """An empty media store."""
    return FileMediaStore(tmp_path / "media")


@pytest.fixture
def downloader(media: FileMediaStore, tmp_path: Path) -> Make:
    """Makes the real downloader; private addresses are allowed unless a test says otherwise."""

    def make(channels: MemoryChannels | None = None, **settings: object) -> Actor:
        chosen = DownloaderSettings(**{"allow_private_addresses": True, **settings})  # type: ignore[arg-type]  # real settings
        fetcher, scratch = RealFetcher(chosen), tmp_path / "scratch"
        kept = channels or MemoryChannels(Channel(channel_id="other"))
        return build(settings=chosen, media=media, fetcher=fetcher, scratch=scratch, channels=kept)

    return make
