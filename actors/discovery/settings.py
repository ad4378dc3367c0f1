"""Settings of discovery and of its sources."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from contracts.base import ChannelId
from runtime.settings import Settings


class DiscoverySettings(Settings):
    """Which sources can be asked, where they are, and for how long they are waited for."""

    discovery_slots: Annotated[int, Field(ge=1, le=16, description="discoveries that one process does at a time")] = 2
    discovery_source_timeout_s: Annotated[
        float, Field(gt=0, le=600, description="seconds that each source has to answer one discovery")
    ] = 30.0

    folder_path: Annotated[
        Path | None, Field(description="folder to watch for videos; unset: the folder `inbox` in CLIPWIRE_HOME")
    ] = None
    folder_rights: Annotated[
        Literal["owned", "licensed", "permission", "unknown"],
        Field(description="rights of a video in the folder whose `.json` does not tell them"),
    ] = "owned"
    folder_poll_s: Annotated[
        float, Field(ge=0, le=86_400, description="seconds between two looks into the folder; 0: it is not watched")
    ] = 5.0
    folder_niche: Annotated[
        str, Field(min_length=1, max_length=500, description="niche under which new files of the folder are announced")
    ] = "inbox"
    folder_channel: Annotated[
        ChannelId, Field(description="channel for which new files of the folder are announced")
    ] = "default"

    archive_org_base_url: Annotated[str, Field(description="address of the Internet Archive")] = "https://archive.org"

    youtube_api_key: Annotated[
        SecretStr | None, Field(description="key of the YouTube Data API v3; unset: YouTube is not searched")
    ] = None
    youtube_base_url: Annotated[str, Field(description="address of Google's YouTube APIs")] = (
        "https://youtube.googleapis.com"
    )
