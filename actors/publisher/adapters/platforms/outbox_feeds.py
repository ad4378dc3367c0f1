"""The feeds of an outbox account, made of the metadata of its publications.

RSS 2.0 (https://www.rssboard.org/rss-specification), Atom (RFC 4287) and JSON Feed 1.1
(https://www.jsonfeed.org/version/1.1/). Newest first; the ids of entries never change, whatever their address does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from pydantic import BaseModel, ConfigDict, Field

from contracts.base import AccountId, CandidateId, PublicationId, RenderId, Seconds, Timestamp
from contracts.media import Rights

__all__ = ["CAPTIONS", "THUMBNAIL", "VIDEO", "Entry", "FileFacts", "Metadata", "Place", "entry", "feeds", "listed"]

VIDEO, THUMBNAIL, CAPTIONS = "video.mp4", "thumbnail.jpg", "captions.srt"
_ATOM = "http://www.w3.org/2005/Atom"
_FORBIDDEN_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ET.register_namespace("atom", _ATOM)


class FileFacts(BaseModel):
    """One file of a publication."""

    model_config = ConfigDict(frozen=True)

    bytes: int
    sha256: str
    content_type: str


class Metadata(BaseModel):
    """What `metadata.json` says, beside the files of a publication."""

    model_config = ConfigDict(frozen=True)

    publication_id: PublicationId
    account_id: AccountId
    render_id: RenderId
    clip_id: CandidateId
    title: str
    description: str
    tags: tuple[str, ...]
    rights: Rights
    published_at: Timestamp
    duration: Seconds
    width: int
    height: int
    fps: float
    files: dict[str, FileFacts] = Field(
        description="by name: video.mp4, thumbnail.jpg and, if anything is said, captions.srt"
    )

    @property
    def video(self) -> FileFacts:
        """The file that a feed's entry encloses."""
        return self.files[VIDEO]


@dataclass(frozen=True)
class Place:
    """Where an account's folder is seen: `address` has no slash at its end."""

    account: str
    address: str

    def url(self, *parts: str) -> str:
        """Address of a file in the folder."""
        return "/".join((self.address, *(quote(part) for part in parts)))


@dataclass(frozen=True)
class Entry:
    """One publication as it stands in the three feeds. Made once: a long feed costs only its writing."""

    ident: str
    published_at: datetime
    rss: str
    atom: str
    json: str


def entry(place: Place, metadata: Metadata) -> Entry:
    """The entries of a publication."""
    return Entry(
        ident=metadata.publication_id,
        published_at=metadata.published_at,
        rss=_fragment(_rss_item(place, metadata)),
        atom=_fragment(_atom_entry(place, metadata)),
        json=json.dumps(_json_item(place, metadata), ensure_ascii=False, indent=1),
    )


def feeds(place: Place, entries: Iterable[Entry]) -> dict[str, str]:
    """The three feeds by file name. `feed.json` comes last: once it is written, so are the others."""
    newest = sorted(entries, key=lambda entry: (entry.published_at, entry.ident), reverse=True)
    latest = newest[0].published_at if newest else datetime.fromtimestamp(0, UTC)
    return {
        "feed.xml": _document(_rss_head(place, latest), "</channel>", (entry.rss for entry in newest)),
        "atom.xml": _document(_atom_head(place, latest), "</feed>", (entry.atom for entry in newest)),
        "feed.json": _json(place, [entry.json for entry in newest]),
    }


def listed(feed_json: str) -> set[str]:
    """Ids of the entries of a `feed.json`; none if it is no JSON Feed of ours. Raises nothing."""
    try:
        document = json.loads(feed_json)
        return {str(item["id"]) for item in document["items"]}
    except (ValueError, TypeError, KeyError):
        return set()


def _rss_head(place: Place, latest: datetime) -> ET.Element:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", _feed_title(place))
    _add(channel, "link", place.address)
    _add(channel, "description", _feed_description(place))
    _add(channel, "generator", "Clipwire")
    _add(channel, "lastBuildDate", format_datetime(latest))
    _add(channel, f"{{{_ATOM}}}link", href=place.url("feed.xml"), rel="self", type="application/rss+xml")
    return root


def _rss_item(place: Place, metadata: Metadata) -> ET.Element:
    item, video, url = ET.Element("item"), metadata.video, _video_url(place, metadata)
    _add(item, "title", _title(metadata))
    _add(item, "link", url)
    _add(item, "description", metadata.description)
    _add(item, "guid", metadata.publication_id, isPermaLink="false")
    _add(item, "pubDate", format_datetime(metadata.published_at))
    _add(item, "enclosure", url=url, length=str(video.bytes), type=video.content_type)
    for tag in metadata.tags:
        _add(item, "category", tag)
    return item


def _atom_head(place: Place, latest: datetime) -> ET.Element:
    root = ET.Element("feed", xmlns=_ATOM)
    _add(root, "id", uuid5(NAMESPACE_URL, place.address).urn)
    _add(root, "title", _feed_title(place))
    _add(root, "subtitle", _feed_description(place))
    _add(root, "updated", latest.isoformat())
    _add(root, "generator", "Clipwire")
    _add(root, "link", rel="self", type="application/atom+xml", href=place.url("atom.xml"))
    _add(root, "author")
    _add(root[-1], "name", place.account)
    return root


def _atom_entry(place: Place, metadata: Metadata) -> ET.Element:
    item, video, url = ET.Element("entry"), metadata.video, _video_url(place, metadata)
    # An Atom id is an IRI; RFC 4151 makes one of a name that never changes.
    _add(item, "id", f"tag:clipwire.dev,2026:{metadata.publication_id}")
    _add(item, "title", _title(metadata))
    _add(item, "published", metadata.published_at.isoformat())
    _add(item, "updated", metadata.published_at.isoformat())
    _add(item, "content", metadata.description, type="text")
    _add(item, "link", rel="alternate", type=video.content_type, href=url)
    _add(item, "link", rel="enclosure", type=video.content_type, length=str(video.bytes), href=url)
    for tag in metadata.tags:
        _add(item, "category", term=tag)
    return item


def _json(place: Place, items: Iterable[str]) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _feed_title(place),
        "description": _feed_description(place),
        "home_page_url": place.address,
        "feed_url": place.url("feed.json"),
    }
    head = json.dumps(feed, ensure_ascii=False, indent=1).removesuffix("\n}")
    body = ",\n".join(items)
    return f'{head},\n "items": [\n{body}\n ]\n}}\n'


def _json_item(place: Place, metadata: Metadata) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": metadata.publication_id,
        "url": _video_url(place, metadata),
        "title": _title(metadata),
        "content_text": metadata.description,
        "date_published": metadata.published_at.isoformat(),
        "attachments": [
            {
                "url": _video_url(place, metadata),
                "mime_type": metadata.video.content_type,
                "size_in_bytes": metadata.video.bytes,
                "duration_in_seconds": metadata.duration,
            }
        ],
    }
    if THUMBNAIL in metadata.files:
        item["image"] = place.url(metadata.publication_id, THUMBNAIL)
    if metadata.tags:
        item["tags"] = list(metadata.tags)
    return item


def _feed_title(place: Place) -> str:
    return f"Clipwire outbox: {place.account}"


def _feed_description(place: Place) -> str:
    return f"Shorts that were published on the account outbox:{place.account}"


def _title(metadata: Metadata) -> str:
    return metadata.title or metadata.publication_id


def _video_url(place: Place, metadata: Metadata) -> str:
    return place.url(metadata.publication_id, VIDEO)


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> None:
    """A child element. What XML 1.0 cannot carry (control characters in a title) is left out."""
    clean = {name: _FORBIDDEN_IN_XML.sub("", value) for name, value in attributes.items()}
    element = ET.SubElement(parent, tag, clean)
    if text:
        element.text = _FORBIDDEN_IN_XML.sub("", text)


def _fragment(element: ET.Element) -> str:
    ET.indent(element, " ")
    return ET.tostring(element, encoding="unicode")


def _document(head: ET.Element, closing: str, entries: Iterable[str]) -> str:
    """A whole document: the entries go before the closing tag of what they belong to."""
    before, _, after = _fragment(head).rpartition(closing)
    body = "\n".join((before.rstrip(), *entries))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n{closing}{after}\n'
