"""The requests of PeerTube's REST API, as `publish` sends them and a dry run shows them, and what refusals mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from actors.publisher.adapters.platforms.answers import Refusals, text_of
from actors.publisher.adapters.platforms.peertube_login import reason_of
from actors.publisher.ports import Call, Part, Piece, Post
from contracts.publishing import Account

__all__ = ["base_of", "captions", "filename", "ident_of", "opening", "refuse", "thumbnail", "took", "video_url"]

_PUBLIC, _PRIVATE = 1, 3
_LICENCES = {"cc-by": 1, "cc-by-sa": 2, "cc-by-nd": 3, "cc-by-nc": 4, "cc-by-nc-sa": 5, "cc-by-nc-nd": 6, "cc0": 7}
_TAGS = 5
_SOON = timedelta(minutes=1)
_REFUSALS = Refusals(
    reason_of,
    moved="If it has moved, connect the account again with its new address",
    advice={
        401: "Connect the account again",
        403: "Look whether the account may upload to this channel",
        413: "Delete videos there, or ask the instance for more room",
        415: "Render it as MP4",
        422: "Render it again: the instance could not read the file",
    },
)
took, refuse = _REFUSALS.took, _REFUSALS.refuse


def base_of(account: Account) -> str:
    """The beginning of the instance's addresses."""
    return account.details.get("base_url", "")


def video_url(base: str, video: str) -> str:
    """A video in the API, by any of its ids."""
    return f"{base}/api/v1/videos/{video if video.startswith('{') else quote(video, safe='')}"


def filename(post: Post) -> str:
    """The marker by which a video is found again."""
    return f"{post.publication_id}{post.film.path.suffix or '.mp4'}"


def opening(account: Account, post: Post, now: datetime) -> Call:
    """Begin a resumable upload."""
    told: dict[str, Any] = {
        "channelId": int(account.details.get("channel_id", "0")),
        "filename": filename(post),
        "name": post.title,
        "tags": [tag for tag in post.tags if 2 <= len(tag) <= 30][:_TAGS],
        "privacy": _PUBLIC,
        "nsfw": False,
        "waitTranscoding": True,
        "commentsPolicy": 1,
        "downloadEnabled": True,
    }
    if len(post.description) >= 3:
        told["description"] = post.description
    if (licence := _licence(post.render.rights.licence)) is not None:
        told["licence"] = licence
    if post.language:
        told["language"] = _language(post.language)
    if post.publish_at is not None and post.publish_at > now + _SOON:
        when = post.publish_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        told |= {"privacy": _PRIVATE, "scheduleUpdate": {"updateAt": when, "privacy": _PUBLIC}}
    return Call(
        "POST",
        f"{base_of(account)}/api/v1/videos/upload-resumable",
        headers={"X-Upload-Content-Length": str(post.film.bytes), "X-Upload-Content-Type": post.film.content_type},
        json=told,
    )


def thumbnail(base: str, post: Post, video: str) -> Call:
    """Set the thumbnail."""
    picture = Piece(post.cover, 0, post.cover.stat().st_size)
    part = Part("thumbnailfile", picture, f"thumbnail{post.cover.suffix or '.jpg'}", "image/jpeg")
    return Call("PUT", video_url(base, video), parts=[part])


def captions(base: str, post: Post, video: str) -> Call | None:
    """Add the captions, or replace them; none without any, or where their language is not known."""
    if post.captions is None or not post.language:
        return None
    text = Piece(post.captions, 0, post.captions.stat().st_size)
    part = Part("captionfile", text, f"captions{post.captions.suffix or '.srt'}", "application/x-subrip")
    return Call("PUT", f"{video_url(base, video)}/captions/{_language(post.language)}", parts=[part])


def ident_of(video: Mapping[str, Any]) -> str:
    """The id that is in the video's address."""
    return text_of(video, "shortUUID") or text_of(video, "uuid")


def _licence(licence: str | None) -> int | None:
    """PeerTube's number of an SPDX id, whatever its version."""
    word = re.sub(r"-\d.*$", "", (licence or "").lower().replace(" ", "-").replace("_", "-"))
    return _LICENCES.get("cc-by" if word == "creativecommon" else word)


def _language(language: str) -> str:
    """PeerTube knows languages by ISO 639, and Chinese by its two scripts as well."""
    return language if language in {"zh-Hans", "zh-Hant"} else language.split("-", maxsplit=1)[0].lower()
