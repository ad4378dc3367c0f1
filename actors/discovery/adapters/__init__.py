"""The sources of discovery. A new one is one file here and one line in `SOURCES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from actors.discovery.adapters.archive_org import ArchiveOrg
from actors.discovery.adapters.folder import Folder
from actors.discovery.adapters.youtube import YouTube
from actors.discovery.ports import Source
from actors.discovery.settings import DiscoverySettings

__all__ = ["SOURCES", "Parts", "open_folder", "open_sources"]


@dataclass(frozen=True)
class Parts:
    """What a source can be made from."""

    settings: DiscoverySettings
    client: httpx.AsyncClient
    home: Path


def open_folder(parts: Parts) -> Folder:
    """The watched folder; the one that is meant where none is set is made, so that files can be put there."""
    path = parts.settings.folder_path
    if path is None:
        path = parts.home / "inbox"
        path.mkdir(parents=True, exist_ok=True)
    return Folder(path.expanduser().absolute(), rights=parts.settings.folder_rights)


def _open_archive_org(parts: Parts) -> Source:
    own = parts.settings
    return ArchiveOrg(parts.client, base_url=own.archive_org_base_url, patience_s=own.discovery_source_timeout_s)


def _open_youtube(parts: Parts) -> Source:
    own = parts.settings
    return YouTube(
        parts.client,
        base_url=own.youtube_base_url,
        key=own.youtube_api_key,
        patience_s=own.discovery_source_timeout_s,
    )


SOURCES: dict[str, Callable[[Parts], Source]] = {
    "folder": open_folder,
    "archive_org": _open_archive_org,
    "youtube": _open_youtube,
}


def open_sources(parts: Parts) -> dict[str, Source]:
    """Every source by its name, in the order of the table."""
    return {name: open_source(parts) for name, open_source in SOURCES.items()}
