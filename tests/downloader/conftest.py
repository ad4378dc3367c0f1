"""A downloader with a media store and a scratch folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actors.downloader.actor import build
from actors.downloader.adapters.fetching import RealFetcher
from actors.downloader.settings import DownloaderSettings
from contracts.events import CandidateApproved
from contracts.media import Clip
from contracts.subjects import CANDIDATE_APPROVED, CLIP_DOWNLOADED
from contracts.work import Channel
from runtime.actor import Actor
from runtime.media import FileMediaStore
from tests.support.channels import MemoryChannels
from tests.support.work import deliver

Make = Callable[..., Actor]
SRT = "1\n00:00:00,000 --> 00:00:01,000\nhello\n"


@pytest.fixture
def media(tmp_path: Path) -> FileMediaStore:
    """An empty media store."""
    return FileMediaStore(tmp_path / "media")


@pytest.fixture
def downloader(media: FileMediaStore, tmp_path: Path) -> Make:
    """Makes the real downloader; private addresses are allowed unless a test says otherwise."""

    def make(channels: MemoryChannels | None = None, **settings: Any) -> Actor:
        chosen = DownloaderSettings(**{"allow_private_addresses": True, **settings})
        fetcher, scratch = RealFetcher(chosen), tmp_path / "scratch"
        kept = channels or MemoryChannels(Channel(channel_id="other"))
        return build(settings=chosen, media=media, fetcher=fetcher, scratch=scratch, channels=kept)

    return make


async def clip_of(actor: Actor, **approved: object) -> Clip:
    """What an approval brings."""
    work = await deliver(actor, CANDIDATE_APPROVED, CandidateApproved.model_validate(approved))
    [downloaded] = work.of(CLIP_DOWNLOADED)
    return downloaded.clip
