"""YouTube: `search.list` finds, `videos.list` tells the numbers. YouTube Data API v3.

Source: its discovery document, revision 20261104, and the page "Quota costs": a page of 50 results is one of 100
searches a day. Counters are strings, and missing where the author hides them. `mostPopular` is no general chart since
July 2025, so that the search stands for it.
"""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.alias_generators import to_camel

from actors.discovery.adapters.http import Answer, get, is_busy, json_object
from actors.discovery.core import iso_duration
from actors.discovery.ports import Findings, NotConfiguredError, Query, SourceError
from contracts.base import Timestamp
from contracts.licences import attribution
from contracts.media import Candidate, Rights

__all__ = ["YouTube"]

SERVICE = "YouTube"
_PAGE = 50
_CC_HELP = "https://support.google.com/youtube/answer/2797468"
_THUMBNAILS = ("maxres", "standard", "high", "medium", "default")
_PARTS = "snippet,contentDetails,statistics,status"
_RATE = {"rateLimitExceeded", "userRateLimitExceeded"}
_QUOTA = {"quotaExceeded", "dailyLimitExceeded"}
_KEY = {"keyInvalid", "keyExpired", "API_KEY_INVALID", "API_KEY_EXPIRED"}
_BLOCKED = {
    "ipRefererBlocked",
    "API_KEY_SERVICE_BLOCKED",
    "API_KEY_IP_ADDRESS_BLOCKED",
    "API_KEY_HTTP_REFERRER_BLOCKED",
}
_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}

M = TypeVar("M", bound=BaseModel)


class _Told(BaseModel):
    """What the API tells, whose names are in camel case."""

    model_config = ConfigDict(alias_generator=to_camel)


class _ResultId(_Told):
    video_id: str | None = None


class _Result(BaseModel):
    id: _ResultId


class _SearchPage(_Told):
    items: list[_Result]
    next_page_token: str | None = None


class _Thumbnail(BaseModel):
    url: str | None = None


class _Snippet(_Told):
    title: str
    published_at: Timestamp | None = None
    description: str = ""
    channel_title: str | None = None
    tags: tuple[str, ...] = ()
    default_audio_language: str | None = None
    default_language: str | None = None
    live_broadcast_content: str = "none"
    thumbnails: dict[str, _Thumbnail] = {}


class _Details(BaseModel):
    duration: str = ""


class _Statistics(_Told):
    view_count: int | None = Field(default=None, ge=0)
    like_count: int | None = Field(default=None, ge=0)
    comment_count: int | None = Field(default=None, ge=0)


class _Status(_Told):
    license: str | None = None
    privacy_status: str = "public"
    upload_status: str = "processed"


class _Video(_Told):
    id: str
    snippet: _Snippet
    content_details: _Details = _Details()
    statistics: _Statistics = _Statistics()
    status: _Status = _Status()


class _VideoPage(BaseModel):
    items: list[dict[str, Any]]


class YouTube:
    """Finds public, finished videos of YouTube."""

    def __init__(self, client: httpx.AsyncClient, *, base_url: str, key: SecretStr | None, patience_s: float) -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._patience_s = patience_s

    async def search(self, query: Query, found: Findings) -> None:
        """See `Source.search`. Pages are added as they come, so that what was paid for with quota is kept."""
        if self._key is None:
            raise NotConfiguredError(
                "YouTube is searched with a key of its Data API v3, and none is set",
                advice="Make one at console.cloud.google.com and set CLIPWIRE_YOUTUBE_API_KEY",
            )
        until = asyncio.get_running_loop().time() + self._patience_s
        params = search_params(query)
        while found.room > 0:
            before = found.room
            page = await self._page("search", {**params, "maxResults": min(_PAGE, found.room)}, _SearchPage, until)
            ids = [result.id.video_id for result in page.items if result.id.video_id]
            if ids:
                await self._details(ids, found, until)
            if page.next_page_token is None or found.room == before:
                return
            params["pageToken"] = page.next_page_token

    async def _details(self, ids: list[str], found: Findings, until: float) -> None:
        """Add the videos in the order of the search; those that the API leaves out were deleted meanwhile."""
        page = await self._page("videos", {"part": _PARTS, "id": ",".join(ids)}, _VideoPage, until)
        videos, odd = {}, 0
        for item in page.items:
            try:
                video = _Video.model_validate(item)
                videos[video.id] = read_video(video)
            except ValidationError:
                odd += 1
        for ident in ids:
            candidate = videos.get(ident)
            if candidate is not None:
                found.add(candidate)
        if odd:
            found.note(f"{odd} videos whose description could not be read were left out")

    async def _page(self, method: str, params: dict[str, str | int], model: type[M], until: float) -> M:
        key = self._key.get_secret_value() if self._key else ""
        url = f"{self._base_url}/youtube/v3/{method}"
        answer = await get(self._client, url, {**params, "key": key}, service=SERVICE, until=until, again=_again)
        if answer.status != 200:
            raise _explained(answer, key)
        try:
            return model.model_validate(json_object(answer, service=SERVICE))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(step) for step in first["loc"])
            raise SourceError(
                f"YouTube's answer to {method}.list is not as documented: {where}: {first['msg']}",
                advice="Check CLIPWIRE_YOUTUBE_BASE_URL; if it is right, the API has changed",
            ) from None


def search_params(query: Query) -> dict[str, str | int]:
    """Most viewed of the time asked for; without one the most relevant, for the most viewed of all time are no news."""
    params: dict[str, str | int] = {"part": "snippet", "type": "video", "q": query.niche, "order": "relevance"}
    if query.since is not None:
        params["order"] = "viewCount"
        params["publishedAfter"] = query.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return params


def read_video(video: _Video) -> Candidate | None:
    """A candidate; none for a live stream, a premiere that is still to come, or a video that is not public."""
    told, numbers = video.snippet, video.statistics
    if told.live_broadcast_content != "none" or video.status.privacy_status != "public":
        return None
    if video.status.upload_status in {"failed", "rejected", "deleted"}:
        return None
    thumbnails = (told.thumbnails.get(size) for size in _THUMBNAILS)
    return Candidate(
        candidate_id=f"youtube:{video.id}",
        url=f"https://www.youtube.com/watch?v={video.id}",
        title=told.title[:1000],
        source="youtube",
        description=told.description[:20000],
        author=told.channel_title,
        published_at=told.published_at,
        duration=iso_duration(video.content_details.duration),
        views=numbers.view_count,
        likes=numbers.like_count,
        comments=numbers.comment_count,
        language=told.default_audio_language or told.default_language,
        tags=told.tags,
        thumbnail_url=next((one.url for one in thumbnails if one and one.url), None),
        rights=_rights(video),
    )


def _rights(video: _Video) -> Rights:
    owner = video.snippet.channel_title
    if video.status.license != "creativeCommon":
        return Rights(owner=owner, licence=video.status.license)
    page = f"https://youtu.be/{video.id}"
    return Rights(
        status="licensed",
        licence="CC-BY",
        licence_url=_CC_HELP,
        owner=owner,
        attribution=attribution(video.snippet.title, owner, "CC-BY", page),
    )


def _reasons(answer: Answer) -> tuple[set[str], str]:
    """The machine's words and the human one of an error answer, as far as there are any."""
    try:
        error = json_object(answer, service=SERVICE).get("error")
    except SourceError:
        return set(), ""
    if not isinstance(error, dict):
        return set(), str(error or "")
    lists = [error.get("errors"), error.get("details")]
    entries = [entry for entries in lists if isinstance(entries, list) for entry in entries if isinstance(entry, dict)]
    words = {str(entry["reason"]) for entry in entries if entry.get("reason")}
    return words, str(error.get("message") or "")


def _again(answer: Answer) -> bool:
    if answer.status in {403, 429}:
        words, _ = _reasons(answer)
        return not words & _QUOTA and (answer.status == 429 or bool(words & _RATE))
    return is_busy(answer)


def _explained(answer: Answer, key: str) -> SourceError:
    words, message = _reasons(answer)
    if words & _QUOTA:
        return SourceError(
            "the day's quota of the YouTube key is used up",
            advice="It is renewed at midnight Pacific time; scan again then, or set the key of another project",
        )
    if words & _KEY or "api key not valid" in message.lower():
        return SourceError("YouTube refuses the key", advice="Correct CLIPWIRE_YOUTUBE_API_KEY")
    if words & _BLOCKED:
        return SourceError(
            "the restrictions of the YouTube key do not allow this request",
            advice="Allow the YouTube Data API v3 and this machine's address in the key's restrictions",
        )
    if words & _OFF:
        return SourceError(
            "the YouTube Data API v3 is switched off in the project of the key",
            advice="Enable it at console.cloud.google.com under APIs & Services",
        )
    if answer.status == 429 or words & _RATE:
        wait = f"; it asks to wait {answer.retry_after:.0f} s" if answer.retry_after else ""
        return SourceError(f"YouTube answers too many requests (HTTP {answer.status}{wait})", advice="Scan again later")
    said = message.replace(key, "***") if key else message
    detail = f": {said[:300]}" if said else ""
    return SourceError(
        f"YouTube answered HTTP {answer.status}{detail}",
        advice="Scan again later"
        if answer.status >= 500
        else "Check CLIPWIRE_YOUTUBE_API_KEY and CLIPWIRE_YOUTUBE_BASE_URL",
    )
