"""The requests of YouTube's APIs, as `publish` sends them and a dry run shows them, and what their refusals mean.

Source: YouTube Data API v3, discovery revision 20261104; “Quota costs”, “Errors”; YouTube Analytics API v2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from actors.publisher.adapters.platforms.answers import objects_of, words_in
from actors.publisher.ports import Answer, Call, Piece, Post
from runtime.errors import Reject, Retry
from runtime.replies import fault_of, retry_after

__all__ = ["PACIFIC", "Api", "items", "marker", "refuse", "took"]

PACIFIC = "America/Los_Angeles"
"""Quotas are renewed at midnight there."""
_TAGS = 500
"""Characters of all tags, with a comma between two and two more for each with a space."""
_SOON = timedelta(minutes=1)
_WORDS = {
    "invalidTitle": ("title", "It has 1 to 100 characters, without < and >"),
    "invalidDescription": ("description", "It has up to 5000 bytes, without < and >"),
    "invalidTags": (None, "Change the hashtags of the short or of the channel"),
    "invalidCategoryId": (None, "Set CLIPWIRE_YOUTUBE_CATEGORY to one that may be assigned in your country"),
    "invalidPublishAt": ("publish_at", "Name a time that is still to come"),
    "accessNotConfigured": (None, "Enable the YouTube Data API v3 in the app's project at console.cloud.google.com"),
    "insufficientPermissions": (None, "Connect the account again, and agree to everything that YouTube asks"),
    "youtubeSignupRequired": (
        None,
        "It has no channel: make one at youtube.com, then connect the account again",
    ),
    "forbiddenLicenseSetting": (None, "YouTube does not let this channel use the Creative Commons licence"),
}
_QUOTA = {"quotaExceeded", "dailyLimitExceeded"}
_RATE = {"rateLimitExceeded", "userRateLimitExceeded"}


@dataclass(frozen=True)
class Api:
    """Addresses of the APIs, and how videos are filed. `privacy`: of what is due."""

    base_url: str
    analytics_url: str
    category: str
    privacy: str

    def get(self, resource: str, **params: str) -> Call:
        """List resources: `videos`, `channels`, `playlistItems`."""
        return Call("GET", f"{self.base_url}/youtube/v3/{resource}", params=params)

    def open(self, post: Post, now: datetime) -> Call:
        """Begin a resumable upload; it costs one of the day's uploads."""
        return Call(
            "POST",
            f"{self.base_url}/upload/youtube/v3/videos",
            params={"uploadType": "resumable", "part": "snippet,status,paidProductPlacementDetails"},
            headers={
                "X-Upload-Content-Length": str(post.film.bytes),
                "X-Upload-Content-Type": post.film.content_type,
            },
            json=self.resource(post, now),
        )

    def resource(self, post: Post, now: datetime) -> dict[str, Any]:
        """The video as it is described to YouTube, with its marker among the tags."""
        snippet: dict[str, Any] = {
            "title": post.title,
            "description": post.description,
            "tags": _tags(post),
            "categoryId": self.category,
        }
        if post.language:
            snippet |= {"defaultLanguage": post.language, "defaultAudioLanguage": post.language}
        status: dict[str, Any] = {
            "license": "creativeCommon" if _is_cc_by(post.render.rights.licence) else "youtube",
            "embeddable": True,
            "selfDeclaredMadeForKids": post.disclosure.made_for_kids,
            "containsSyntheticMedia": post.disclosure.synthetic,
        }
        status |= self.seen(post.publish_at or now, now)
        paid = {"hasPaidProductPlacement": post.disclosure.paid_promotion}
        return {"snippet": snippet, "status": status, "paidProductPlacementDetails": paid}

    def seen(self, at: datetime, now: datetime) -> dict[str, str]:
        """Who sees a video, and from when on, as fields of its status."""
        if at <= now + _SOON:
            return {"privacyStatus": self.privacy}
        return {"privacyStatus": "private", "publishAt": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}

    def update(self, video: str, status: Mapping[str, Any]) -> Call:
        """Replace the status of a video."""
        told = {"id": video, "status": dict(status)}
        return Call("PUT", f"{self.base_url}/youtube/v3/videos", params={"part": "status"}, json=told)

    def thumbnail(self, post: Post, video: str, size: int) -> Call:
        """Set the thumbnail."""
        return Call(
            "POST",
            f"{self.base_url}/upload/youtube/v3/thumbnails/set",
            params={"videoId": video, "uploadType": "media"},
            headers={"Content-Type": "image/png" if post.cover.suffix == ".png" else "image/jpeg"},
            body=Piece(post.cover, 0, size),
        )

    def captions(self, post: Post, video: str, captions: bytes) -> Call:
        """Add the captions, as `multipart/related` (RFC 2387): their description, then the file."""
        told = {"snippet": {"videoId": video, "language": post.language, "name": "", "isDraft": False}}
        boundary = f"clipwire-{post.publication_id}"
        parts = (
            b"Content-Type: application/json; charset=UTF-8\r\n\r\n" + json.dumps(told).encode(),
            b"Content-Type: application/octet-stream\r\n\r\n" + captions,
        )
        line = f"--{boundary}".encode()
        return Call(
            "POST",
            f"{self.base_url}/upload/youtube/v3/captions",
            params={"part": "snippet", "uploadType": "multipart"},
            headers={"Content-Type": f"multipart/related; boundary={boundary}"},
            body=b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n",
        )

    def delete(self, video: str) -> Call:
        """Delete a video."""
        return Call("DELETE", f"{self.base_url}/youtube/v3/videos", params={"id": video})

    def report(self, videos: Sequence[str], today: datetime) -> Call:
        """What Analytics counts of videos, since they are there."""
        params = {
            "ids": "channel==MINE",
            "startDate": "2005-04-23",  # of the first video on YouTube
            "endDate": today.strftime("%Y-%m-%d"),
            "metrics": "views,shares,estimatedMinutesWatched,averageViewDuration",
            "dimensions": "video",
            "filters": f"video=={','.join(videos)}",
            "sort": "-views",
            "maxResults": "200",
        }
        return Call("GET", f"{self.analytics_url}/v2/reports", params=params)


def marker(post: Post) -> str:
    """The tag by which a video is found again."""
    return f"clipwire-{post.publication_id}"


def _tags(post: Post) -> list[str]:
    """The hashtags as far as there is room beside the marker."""
    tags, room = [marker(post)], _TAGS - len(marker(post))
    for tag in post.tags:
        clean = "".join(letter for letter in tag if letter not in '<>,"').strip()
        room -= len(clean) + 1 + 2 * (" " in clean)
        if clean and room >= 0:
            tags.insert(-1, clean)
    return tags


def _is_cc_by(licence: str | None) -> bool:
    """Whether what is made of it may be given under CC BY, the one open licence that YouTube knows."""
    word = (licence or "").lower().replace("_", "-").replace(" ", "-")
    return word in {"creativecommon", "cc-by"} or (word.startswith("cc-by-") and word[6:7].isdigit())


def _reasons(answer: Answer) -> set[str]:
    """The machine's words for why not."""
    return {str(each.get("reason")) for each in objects_of(fault_of(answer.body), "errors")}


def took(answer: Answer, what: str, now: datetime) -> Answer:
    """The answer, where it is no refusal; see `refuse`."""
    if not answer.ok:
        refuse(answer, what, now)
    return answer


def refuse(answer: Answer, what: str, now: datetime) -> NoReturn:
    """Raise what a 4xx of YouTube means. `what` was refused, as the beginning of a sentence."""
    why = _reasons(answer)
    message = words_in(fault_of(answer.body), "message")
    if why & _QUOTA:
        raise Retry(
            f"{what}: the day's quota of the app's Google project is used up",
            after=_until_midnight(now),
            advice="It is tried again when it is renewed, at midnight Pacific time; Google gives more on request",
        )
    if "uploadLimitExceeded" in why:
        raise Retry(
            f"{what}: the channel has uploaded as much as YouTube lets it for now",
            after=timedelta(days=1).total_seconds(),
            advice="It is tried again in a day; YouTube raises the limit of channels that are verified",
        )
    if why & _RATE or answer.status == 429:
        raise Retry(
            f"{what}: YouTube takes no more requests for now",
            after=retry_after(answer.headers),
            advice="It is tried again by itself",
        )
    known = next((reason for reason in _WORDS if reason in why), None)
    field, advice = _WORDS[known] if known else (None, "Look at the channel in YouTube Studio, then publish it again")
    said = message or ", ".join(sorted(why)) or f"HTTP {answer.status}"
    raise Reject(f"{what}: {said}", advice=advice, field=field)


def _until_midnight(now: datetime) -> float:
    here = now.astimezone(ZoneInfo(PACIFIC))
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - now).total_seconds()


def items(answer: Answer) -> list[dict[str, Any]]:
    """The entries of a list."""
    return objects_of(answer.json(), "items")
