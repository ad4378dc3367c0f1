"""Deterministic ids: the same order twice has the same id, so that doing it twice can be seen."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

__all__ = ["NAMESPACE", "candidate_id_for_url", "digest", "event_id", "publication_id", "render_id"]

NAMESPACE = uuid5(NAMESPACE_URL, "https://clipwire.dev/ns/events")
_YOUTUBE_ID = re.compile(r"^[A-Za-z0-9_-]{11}$")
_ARCHIVE_ID = re.compile(r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$")


def digest(*parts: Any) -> str:
    """20 hexadecimal digits (80 bits) of the SHA-256 of the parts, written as canonical JSON."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def event_id(cause: str, subject: str, key: str) -> UUID:
    """Id of the event `subject` about `key` that `cause` led to. Emitting it again is recognised by the stream."""
    return uuid5(NAMESPACE, f"{cause}|{subject}|{key}")


def render_id(clip_id: str, start: float, end: float, recipe: dict[str, Any]) -> str:
    """Id of one moment of a clip in one recipe. Times are compared in whole milliseconds."""
    return f"r_{digest(clip_id, round(start * 1000), round(end * 1000), recipe)}"


def publication_id(render: str, account: str) -> str:
    """Id of one render on one account."""
    return f"p_{digest(render, account)}"


def candidate_id_for_url(url: str) -> str:
    """Natural key of the video behind a URL where the platform is known, else a key made from the URL itself."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    native = _youtube_id(host, parts.path, parts.query)
    if native:
        return f"youtube:{native}"
    path = [piece for piece in parts.path.split("/") if piece]
    if host == "archive.org" and len(path) >= 2 and path[0] == "details" and _ARCHIVE_ID.match(path[1]):
        return f"archive_org:{path[1]}"
    platform = "file" if parts.scheme == "file" else "web"
    return f"{platform}:{digest(url)}"


def _youtube_id(host: str, path: str, query: str) -> str | None:
    pieces = [piece for piece in path.split("/") if piece]
    native = None
    if host == "youtu.be" and pieces:
        native = pieces[0]
    elif host in {"youtube.com", "music.youtube.com", "youtube-nocookie.com"}:
        if pieces[:1] == ["watch"]:
            native = parse_qs(query).get("v", [""])[0]
        elif len(pieces) >= 2 and pieces[0] in {"shorts", "embed", "live", "v"}:
            native = pieces[1]
    return native if native and _YOUTUBE_ID.match(native) else None
