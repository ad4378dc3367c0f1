"""The feeds of an outbox account, made of the metadata of its publications.

RSS 2.0 (https://www.rssboard.org/rss-specification), Atom (RFC 4287) and JSON Feed 1.1
(https://www.jsonfeed.org/version/1.1/). Newest first; the ids of entries never change, whatever their address does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from pydantic import BaseModel, ConfigDict, Field

from contracts.base import AccountId, CandidateId, PublicationId, RenderId, Seconds, Timestamp
from contracts.media import Rights

__all__ = ["CAPTIONS", "THUMBNAIL", "VIDEO", "FileFacts", "Metadata", "Place", "feeds", "listed"]

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


def feeds(place: Place, publications: Sequence[Metadata]) -> dict[str, str]:
    """The three feeds by file name. `feed.json` comes last: once it is written, so are the others."""
    newest = sorted(publications, key=lambda entry: (entry.published_at, entry.publication_id), reverse=True)
    return {
        "feed.xml": _rss(place, newest),
        "atom.xml": _atom(place, newest),
        "feed.json": _json(place, newest),
    }


def listed(feed_json: str) -> set[str]:
    """Ids of the entries of a `feed.json`; none if it is no JSON Feed of ours. Raises nothing."""
    try:
        document = json.loads(feed_json)
        return {str(item["id"]) for item in document["items"]}
    except (ValueError, TypeError, KeyError):
        return set()


def _rss(place: Place, newest: Sequence[Metadata]) -> str:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", _feed_title(place))
    _add(channel, "link", place.address)
    _add(channel, "description", _feed_description(place))
    _add(channel, "generator", "Clipwire")
    _add(channel, f"{{{_ATOM}}}link", href=place.url("feed.xml"), rel="self", type="application/rss+xml")
    if newest:
        _add(channel, "lastBuildDate", format_datetime(newest[0].published_at))
    for entry in newest:
        item = ET.SubElement(channel, "item")
        _add(item, "title", _title(entry))
        _add(item, "link", _video_url(place, entry))
        _add(item, "description", entry.description)
        _add(item, "guid", entry.publication_id, isPermaLink="false")
        _add(item, "pubDate", format_datetime(entry.published_at))
        video = entry.video
        _add(item, "enclosure", url=_video_url(place, entry), length=str(video.bytes), type=video.content_type)
        for tag in entry.tags:
            _add(item, "category", tag)
    return _document(root)


def _atom(place: Place, newest: Sequence[Metadata]) -> str:
    root = ET.Element("feed", xmlns=_ATOM)
    _add(root, "id", uuid5(NAMESPACE_URL, place.address).urn)
    _add(root, "title", _feed_title(place))
    _add(root, "subtitle", _feed_description(place))
    _add(root, "updated", (newest[0].published_at.isoformat() if newest else "1970-01-01T00:00:00+00:00"))
    _add(root, "generator", "Clipwire")
    _add(root, "link", rel="self", type="application/atom+xml", href=place.url("atom.xml"))
    _add(ET.SubElement(root, "author"), "name", place.account)
    for entry in newest:
        item = ET.SubElement(root, "entry")
        # An Atom id is an IRI; RFC 4151 makes one of a name that never changes.
        _add(item, "id", f"tag:clipwire.dev,2026:{entry.publication_id}")
        _add(item, "title", _title(entry))
        _add(item, "published", entry.published_at.isoformat())
        _add(item, "updated", entry.published_at.isoformat())
        _add(item, "content", entry.description, type="text")
        _add(item, "link", rel="alternate", type=entry.video.content_type, href=_video_url(place, entry))
        _add(
            item,
            "link",
            rel="enclosure",
            type=entry.video.content_type,
            length=str(entry.video.bytes),
            href=_video_url(place, entry),
        )
        for tag in entry.tags:
            _add(item, "category", term=tag)
    return _document(root)


def _json(place: Place, newest: Sequence[Metadata]) -> str:
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _feed_title(place),
        "description": _feed_description(place),
        "home_page_url": place.address,
        "feed_url": place.url("feed.json"),
        "items": [_json_item(place, entry) for entry in newest],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _json_item(place: Place, entry: Metadata) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.publication_id,
        "url": _video_url(place, entry),
        "title": _title(entry),
        "content_text": entry.description,
        "date_published": entry.published_at.isoformat(),
        "attachments": [
            {
                "url": _video_url(place, entry),
                "mime_type": entry.video.content_type,
                "size_in_bytes": entry.video.bytes,
                "duration_in_seconds": entry.duration,
            }
        ],
    }
    if THUMBNAIL in entry.files:
        item["image"] = place.url(entry.publication_id, THUMBNAIL)
    if entry.tags:
        item["tags"] = list(entry.tags)
    return item


def _feed_title(place: Place) -> str:
    return f"Clipwire outbox: {place.account}"


def _feed_description(place: Place) -> str:
    return f"Shorts that were published on the account outbox:{place.account}"


def _title(entry: Metadata) -> str:
    return entry.title or entry.publication_id


def _video_url(place: Place, entry: Metadata) -> str:
    return place.url(entry.publication_id, VIDEO)


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> None:
    """A child element. What XML 1.0 cannot carry (control characters in a title) is left out."""
    clean = {name: _FORBIDDEN_IN_XML.sub("", value) for name, value in attributes.items()}
    element = ET.SubElement(parent, tag, clean)
    if text:
        element.text = _FORBIDDEN_IN_XML.sub("", text)


def _document(root: ET.Element) -> str:
    ET.indent(root, " ")
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'
