"""The requests of Mastodon's API, as `publish` sends them and a dry run shows them, and what its answers mean."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from actors.publisher.adapters.platforms.answers import objects_of, text_of, time_of
from actors.publisher.ports import Answer, Call, Part, Piece, Post, Posted
from contracts.publishing import Account

__all__ = [
    "LEAST_AHEAD",
    "WAITS",
    "Outcome",
    "bare",
    "base_of",
    "list_of",
    "media_call",
    "media_of",
    "medium_call",
    "outcome_of",
    "posted",
    "status_call",
    "words_of",
]

WAITS = "scheduled~"
LEAST_AHEAD = timedelta(minutes=5, seconds=10)
"""What an instance takes a time for: five minutes, and what clocks differ by."""
Outcome = dict[str, str]


def base_of(account: Account) -> str:
    """The beginning of the instance's addresses."""
    return account.details.get("base_url", "")


def media_call(account: Account, post: Post) -> Call:
    """Send the video."""
    film = post.film
    parts = [
        Part("description", post.title),
        Part("file", Piece(film.path, 0, film.bytes), f"{post.publication_id}.mp4", film.content_type),
        Part("thumbnail", Piece(post.cover, 0, post.cover.stat().st_size), "cover.jpg", "image/jpeg"),
    ]
    return Call("POST", f"{base_of(account)}/api/v2/media", parts=parts)


def medium_call(account: Account, medium: str) -> Call:
    """Ask whether the video is ready."""
    return Call("GET", f"{base_of(account)}/api/v1/media/{medium}")


def status_call(account: Account, post: Post, medium: str, now: datetime) -> Call:
    """Post it, or have it posted. An instance knows the key for an hour, and answers with the same status."""
    told: dict[str, Any] = {"status": post.description, "media_ids": [medium], "visibility": "public"}
    if post.language:
        told["language"] = post.language.split("-", maxsplit=1)[0].lower()
    if post.publish_at is not None and post.publish_at - now >= LEAST_AHEAD:
        told["scheduled_at"] = post.publish_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {"Idempotency-Key": f"{post.publication_id}-{medium}"}
    return Call("POST", f"{base_of(account)}/api/v1/statuses", headers=headers, json=told)


def outcome_of(told: Mapping[str, Any], now: datetime) -> Outcome:
    """A status, or one that waits for its time: `scheduled~<id>~<medium>`, since it gets another id then."""
    at = time_of(told, "scheduled_at") or time_of(told, "created_at") or now
    ident = str(told["id"])
    if "scheduled_at" in told:
        ident = f"{WAITS}{ident}~{next(iter(media_of(told)), '')}"
    return {"id": ident, "url": text_of(told, "url"), "at": at.isoformat()}


def posted(account: Account, outcome: Outcome) -> Posted:
    """A status that is there, or will be."""
    url = outcome["url"] or f"{base_of(account)}/@{account.details.get('username', '')}"
    return Posted(outcome["id"], url, datetime.fromisoformat(outcome["at"]))


def media_of(told: Mapping[str, Any]) -> list[str]:
    """Ids of the media in a status."""
    return [str(each.get("id")) for each in objects_of(told, "media_attachments")]


def words_of(told: Mapping[str, Any]) -> str:
    """What a status says: HTML, or the text of one that waits."""
    if "params" in told:
        return text_of(told, "params", "text")
    return html.unescape(re.sub(r"<[^>]*>", "", text_of(told, "content")))


def bare(words: str) -> str:
    """Without spaces, of which HTML keeps none."""
    return "".join(words.split())


def list_of(answer: Answer) -> list[dict[str, Any]] | None:
    """The objects of a list; none where the answer is none."""
    try:
        value = json.loads(answer.body) if answer.ok else None
    except (ValueError, RecursionError):
        return None
    return objects_of(value) if isinstance(value, list) else None
