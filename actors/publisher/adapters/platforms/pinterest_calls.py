"""The requests of Pinterest's API, as `publish` sends them and a dry run shows them, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actors.publisher.adapters.http import said
from actors.publisher.adapters.platforms.answers import Refusals, number_of, object_of, objects_of, text_of, words_in
from actors.publisher.ports import Answer, Call, Part, Piece, Post
from contracts.publishing import Account, Metrics

__all__ = [
    "METRICS",
    "file_call",
    "media_call",
    "medium_call",
    "metrics_of",
    "page_of",
    "pin_call",
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


def reason_of(answer: Answer) -> str:
    """Why not, in Pinterest's own words."""
    return words_in(answer.json(), "message") or f"HTTP {answer.status}{said(answer)}"


took = Refusals(
    reason_of,
    moved="Check CLIPWIRE_PINTEREST_BASE_URL",
    advice={
        401: "Connect the account again",
        403: "Look whether your app has more than trial access, then connect the account again and agree to everything",
        404: "Look whether the board is still there, and connect another one",
    },
).took


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


def page_of(told: Mapping[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """A page of a list, and the bookmark of the next; none: it was the last."""
    page = objects_of(told, "items")
    return page, (text_of(told, "bookmark") or None) if page else None


def metrics_of(told: Mapping[str, Any]) -> Metrics:
    """What is counted of a pin; times are milliseconds there."""
    known = {**object_of(told, "all", "summary_metrics"), **object_of(told, "all", "lifetime_metrics")}

    def count(name: str) -> int | None:
        value = number_of(known, name)
        return None if value is None else int(value)

    def seconds(name: str) -> float | None:
        value = number_of(known, name)
        return None if value is None else value / 1000

    return Metrics(
        views=count("VIDEO_MRC_VIEW"),
        likes=count("TOTAL_REACTIONS"),
        comments=count("TOTAL_COMMENTS"),
        saves=count("SAVE"),
        watched_s=seconds("VIDEO_V50_WATCH_TIME"),
        average_s=seconds("VIDEO_AVG_WATCH_TIME"),
    )
