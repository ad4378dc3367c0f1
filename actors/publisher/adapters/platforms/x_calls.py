"""X's requests, and how its answers are read.

Source: the repository xdevplatform/docs (API v2: media, posts, rate limits), as of August 2026.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from actors.publisher.adapters.http import said
from actors.publisher.adapters.platforms.answers import number_of, object_of, objects_of, text_of, whole_of, words_in
from actors.publisher.ports import Answer, Call, LostError, Part, Piece, Post, Session, UnconfirmedError
from runtime.errors import Reject, Retry, Unavailable
from runtime.replies import retry_after

__all__ = [
    "SEGMENT",
    "Requests",
    "Status",
    "asked",
    "complete",
    "data_of",
    "keys_of",
    "listed",
    "made",
    "ready",
    "status_of",
    "views_of",
    "words_of",
]

SEGMENT = 4 << 20
"""Bytes of a segment; X takes up to 5 MB each, and 1000 of them."""
_URL = re.compile(r"https?://\S+")
_PAID = 402


class Requests:
    """Every request of the platform. `base`: where the API answers."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")

    def me(self) -> Call:
        """Whose tokens they are."""
        return Call("GET", f"{self._base}/2/users/me")

    def begin(self, post: Post) -> Call:
        """Make room for a video."""
        body = {
            "media_type": post.film.content_type,
            "media_category": "tweet_video",
            "total_bytes": post.film.bytes,
        }
        return Call("POST", f"{self._base}/2/media/upload/initialize", json=body)

    def segment(self, post: Post, media_id: str, index: int) -> Call:
        """Send a segment, counted from 0."""
        start = index * SEGMENT
        piece = Piece(post.film.path, start, min(SEGMENT, post.film.bytes - start))
        file = Part("media", piece, filename="segment", content_type="application/octet-stream")
        url = f"{self._base}/2/media/upload/{media_id}/append"
        return Call("POST", url, parts=(Part("segment_index", str(index)), file))

    def end(self, media_id: str) -> Call:
        """All segments are there."""
        return Call("POST", f"{self._base}/2/media/upload/{media_id}/finalize")

    def status(self, media_id: str) -> Call:
        """How far X is with the video."""
        return Call("GET", f"{self._base}/2/media/upload", params={"command": "STATUS", "media_id": media_id})

    def post(self, post: Post, media_id: str) -> Call:
        """Post it."""
        body = {
            "text": post.description or post.title,
            "media": {"media_ids": [media_id]},
            "made_with_ai": post.disclosure.synthetic,
            "paid_partnership": post.disclosure.paid_promotion,
        }
        return Call("POST", f"{self._base}/2/tweets", json=body)

    def posts(self, user: str, since: datetime | None = None) -> Call:
        """The account's own posts, the newest first. Each that is shown costs a little."""
        params = {
            "max_results": "100",
            "tweet.fields": "attachments,created_at",
            "expansions": "attachments.media_keys",
        }
        if since is not None:
            params["start_time"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Call("GET", f"{self._base}/2/users/{user}/tweets", params=params)

    def counts(self, ids: Sequence[str]) -> Call:
        """What is counted of up to 100 posts."""
        params = {
            "ids": ",".join(ids),
            "tweet.fields": "public_metrics,attachments",
            "expansions": "attachments.media_keys",
            "media.fields": "public_metrics",
        }
        return Call("GET", f"{self._base}/2/tweets", params=params)

    def remove(self, post_id: str) -> Call:
        """Take a post down."""
        return Call("DELETE", f"{self._base}/2/tweets/{post_id}")


async def made(session: Session, call: Call) -> Answer:
    """As `Session.make`; X says in a header of its own when it takes requests again."""
    answer = await session.send(call)
    if answer.status == 429:
        reset = answer.headers.get("x-rate-limit-reset", "")
        left = float(reset) - session.now.timestamp() if reset.isdecimal() else None
        raise Retry(
            f"X takes no more of these requests for now{said(answer)}",
            after=retry_after(answer.headers) if left is None else min(max(left, 1.0), 86_400.0),
            advice="It is tried again by itself",
        )
    if answer.status >= 500:
        raise LostError(f"X answered HTTP {answer.status}{said(answer)}")
    return answer


async def asked(session: Session, call: Call) -> Answer:
    """As `Session.ask`; see `made`."""
    try:
        return await made(session, call)
    except LostError as error:
        raise Unavailable(str(error), advice="It is tried again by itself") from error


def data_of(answer: Answer, what: str) -> dict[str, Any]:
    """The `data` of an answer. Raises `Reject` with X's own words for a refusal; `what` was asked for."""
    told = answer.json()
    if answer.ok:
        return object_of(told, "data")
    words = words_in(told, "detail", "title") or f"HTTP {answer.status}"
    if answer.status == _PAID or any(each in str(told) for each in ("client-not-enrolled", "credits", "usage-capped")):
        raise Reject(
            f"X wants to be paid for {what}: {words}",
            advice="Buy credits for your app at console.x.com; a post costs $0.015, one with a link in it $0.20",
        )
    if answer.status in {401, 403}:
        raise Reject(
            f"X does not allow {what}: {words}",
            advice="Connect the account again and agree to everything; the app needs read and write permission",
        )
    raise Reject(f"X refused {what}: {words}", advice="Change what X names, then publish it again")


@dataclass(frozen=True)
class Status:
    """How far X is with a video: `pending`, `in_progress`, `failed`, `succeeded`. `wait`: seconds until asked again."""

    state: str
    wait: float = 1.0
    reason: str = ""


def status_of(data: dict[str, Any]) -> Status:
    """Of the answer to `end` and `status`; one without `processing_info` is ready."""
    told = data.get("processing_info")
    if not isinstance(told, dict):
        return Status("succeeded")
    wait = number_of(told, "check_after_secs")
    return Status(
        state=text_of(told, "state") or "pending",
        wait=min(wait, 60.0) if wait is not None and wait > 0 else 5.0,
        reason=words_in(object_of(told, "error"), "message", "name") or "no reason is told",
    )


def ready(status: Status) -> None:
    """Raises `Retry` or `Reject` if it is not."""
    if status.state == "failed":
        raise Reject(
            f"X cannot show the video: {status.reason}",
            advice="X takes H.264 with AAC in MP4, up to 60 fps and 140 s, with Premium longer: render it again",
        )
    if status.state != "succeeded":
        raise Retry("X still works on the video", after=60.0, advice="It is posted by itself afterwards")


def listed(answer: Answer) -> list[dict[str, Any]]:
    """The posts of an answer; without posts X sends no `data` at all."""
    return [each for each in objects_of(answer.json(), "data") if each.get("id")]


def words_of(text: str) -> str:
    """What is left of a text when X has put its own links into it."""
    return " ".join(_URL.sub(" ", html.unescape(text)).split())


def complete(answer: Answer) -> None:
    """Raises `UnconfirmedError` where there are older posts than those that are shown."""
    if object_of(answer.json(), "meta").get("next_token"):
        raise UnconfirmedError(
            "it is not among the last 100 posts of the account",
            advice="Look at the account's older posts, then say whether it is there",
        )


def keys_of(post: Mapping[str, object]) -> list[str]:
    """What a post shows: `13_` and the media id for a video."""
    keys = object_of(post, "attachments").get("media_keys")
    return [str(key) for key in keys] if isinstance(keys, list) else []


def views_of(answer: Answer) -> dict[str, int]:
    """Views of the videos, by media key."""
    counted = {
        text_of(each, "media_key"): whole_of(each, "public_metrics", "view_count")
        for each in objects_of(answer.json(), "includes", "media")
    }
    return {key: views for key, views in counted.items() if views is not None}
