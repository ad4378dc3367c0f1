"""The requests of Pinterest's API, as `publish` sends them and a dry run shows them, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from actors.publisher.adapters.http import said
from actors.publisher.ports import Answer, Call, Part, Piece, Post
from contracts.publishing import Account, Metrics
from runtime.errors import Reject, Unavailable

__all__ = [
    "METRICS",
    "file_call",
    "media_call",
    "medium_call",
    "metrics_of",
    "objects_of",
    "pin_call",
    "time_of",
    "took",
]

METRICS = (
    "SAVE",
    "VIDEO_MRC_VIEW",
    "VIDEO_AVG_WATCH_TIME",
    "VIDEO_V50_WATCH_TIME",
    "TOTAL_COMMENTS",
    "TOTAL_REACTIONS",
)


def media_call(base: str) -> Call:
    """Ask where a video goes."""
    return Call("POST", f"{base}/media", json={"media_type": "video"})


def file_call(url: str, fields: Mapping[str, Any], post: Post) -> Call:
    """Send the video to the store, with the fields that permit it; the file is the last of them."""
    film = post.film
    parts = [Part(name, str(value)) for name, value in fields.items()]
    file = Part("file", Piece(film.path, 0, film.bytes), f"{post.publication_id}.mp4", film.content_type)
    return Call("POST", url, parts=[*parts, file], authorize=False)


def medium_call(base: str, medium: str) -> Call:
    """Ask whether the video is ready."""
    return Call("GET", f"{base}/media/{medium}")


def pin_call(base: str, account: Account, post: Post, medium: str, cover: str) -> Call:
    """Make the pin. `cover`: its picture, in base64."""
    source = {
        "source_type": "video_id",
        "media_id": medium,
        "cover_image_content_type": "image/jpeg",
        "cover_image_data": cover,
    }
    return Call(
        "POST",
        f"{base}/pins",
        json={
            "board_id": account.details.get("board_id", ""),
            "title": post.title,
            "description": post.description,
            "alt_text": post.title,
            "note": post.publication_id,
            "media_source": source,
        },
    )


def took(answer: Answer, what: str) -> dict[str, Any]:
    """The answer's JSON, where it is no refusal; `what` was refused, as the beginning of a sentence."""
    if answer.ok:
        return answer.json()
    told = answer.json()
    words = " ".join(str(told.get("message") or "").split())[:300] or f"HTTP {answer.status}{said(answer)}"
    if answer.status < 400:
        raise Unavailable(f"{what}: {words}", advice="Check CLIPWIRE_PINTEREST_BASE_URL")
    advice = {
        401: "Connect the account again",
        403: "Look whether your app has more than trial access, then connect the account again and agree to everything",
        404: "Look whether the board is still there, and connect another one",
    }
    raise Reject(f"{what}: {words}", advice=advice.get(answer.status, "Change what it names, then publish it again"))


def objects_of(told: Mapping[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """A page of a list, and the bookmark of the next; none: it was the last."""
    items, bookmark = told.get("items"), told.get("bookmark")
    page = [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []
    return page, bookmark if isinstance(bookmark, str) and bookmark and page else None


def metrics_of(told: Mapping[str, Any]) -> Metrics:
    """What is counted of a pin; times are milliseconds there."""
    every = told.get("all")
    parts = [every.get(name) for name in ("summary_metrics", "lifetime_metrics")] if isinstance(every, dict) else []
    known = {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}

    def count(name: str) -> int | None:
        value = known.get(name)
        return int(value) if isinstance(value, int | float) else None

    def seconds(name: str) -> float | None:
        value = known.get(name)
        return value / 1000 if isinstance(value, int | float) else None

    return Metrics(
        views=count("VIDEO_MRC_VIEW"),
        likes=count("TOTAL_REACTIONS"),
        comments=count("TOTAL_COMMENTS"),
        saves=count("SAVE"),
        watched_s=seconds("VIDEO_V50_WATCH_TIME"),
        average_s=seconds("VIDEO_AVG_WATCH_TIME"),
    )


def time_of(value: Any) -> datetime | None:
    """A moment; without an offset it is UTC, as Pinterest writes it."""
    try:
        told = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return told if told is None or told.tzinfo else told.replace(tzinfo=UTC)
