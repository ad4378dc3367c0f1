"""YouTube, imitated as the Data API v3 answers, faults included. The key is never told to anybody else."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from actors.discovery.adapters.http import open_client
from actors.discovery.adapters.youtube import YouTube
from actors.discovery.ports import Findings, NotConfiguredError, SourceError
from actors.discovery.ports import Query as Wanted
from contracts.media import Candidate
from tests.discovery.web import Query, Reply, Web, as_json, serving
from tests.support.work import NOW

KEY = "AIza-this-is-secret"
Answering = Callable[[str, Query], Reply]


def video(ident: str, **parts: dict[str, Any]) -> dict[str, Any]:
    whole: dict[str, dict[str, Any]] = {
        "snippet": {
            "publishedAt": "2026-11-01T10:00:00Z",
            "channelId": "UC1",
            "title": f"Bees & {ident}",
            "description": "D",
            "channelTitle": "Ada",
            "tags": ["bees"],
            "defaultAudioLanguage": "en",
            "liveBroadcastContent": "none",
            "thumbnails": {"default": {"url": "https://i/d.jpg", "width": 120}, "high": {"url": "https://i/h.jpg"}},
        },
        "contentDetails": {"duration": "PT1H5M3S", "caption": "false", "licensedContent": True},
        "statistics": {"viewCount": "12345", "likeCount": "321", "favoriteCount": "0", "commentCount": "12"},
        "status": {"uploadStatus": "processed", "privacyStatus": "public", "license": "youtube"},
    }
    return {"id": ident, **{name: {**part, **parts.get(name, {})} for name, part in whole.items()}}


class Api:
    """search.list in pages, videos.list for whatever ids are asked for."""

    def __init__(self, *videos: dict[str, Any], page: int = 50) -> None:
        self.videos = {one["id"]: one for one in videos}
        self.page = page

    def __call__(self, path: str, query: Query) -> Reply:
        if path.endswith("/videos"):
            ids = query["id"][0].split(",")
            return as_json({"items": [self.videos[one] for one in reversed(ids) if one in self.videos]})
        at = int(query.get("pageToken", ["0"])[0])
        size = min(self.page, int(query["maxResults"][0]))
        ids = list(self.videos)[at : at + size]
        items = [{"id": {"kind": "youtube#video", "videoId": one}, "snippet": {"title": "&amp;"}} for one in ids]
        more = {"nextPageToken": str(at + size)} if at + size < len(self.videos) else {}
        return as_json({"kind": "youtube#searchListResponse", "items": items, **more})


def refusal(status: int, reason: str, message: str = "M", **headers: str) -> Reply:
    error = {"code": status, "message": message, "errors": [{"message": message, "reason": reason}]}
    return as_json({"error": error}, status, **headers)


async def ask(
    answer: Answering, *, limit: int = 25, since_days: float | None = None, found: Findings | None = None
) -> tuple[list[Candidate], Web]:
    found = found or Findings(limit)
    since = None if since_days is None else NOW - timedelta(days=since_days)
    with serving(answer) as web:
        async with open_client(patience_s=5) as client:
            source = YouTube(client, base_url=web.url, key=SecretStr(KEY), patience_s=5)
            await source.search(Wanted(niche="bees & honey", limit=limit, now=NOW, since=since), found)
    return list(found.candidates.values()), web


async def fails(answer: Answering) -> str:
    with pytest.raises(SourceError) as caught:
        await ask(answer)
    text = str(caught.value)
    assert caught.value.advice
    assert KEY not in text
    return text


async def test_a_video_becomes_a_candidate_with_its_numbers() -> None:
    (candidate,), web = await ask(Api(video("dQw4w9WgXcQ")))
    assert candidate.candidate_id == "youtube:dQw4w9WgXcQ"
    assert candidate.url == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    assert (candidate.title, candidate.author, candidate.language) == ("Bees & dQw4w9WgXcQ", "Ada", "en")
    assert (candidate.views, candidate.likes, candidate.comments) == (12345, 321, 12)
    assert candidate.duration == 3903
    assert candidate.published_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert candidate.thumbnail_url == "https://i/h.jpg"
    assert (candidate.rights.status, candidate.rights.licence) == ("unknown", "youtube")
    (search_path, search), (videos_path, videos) = web.asked
    assert (search_path, videos_path) == ("/youtube/v3/search", "/youtube/v3/videos")
    assert (search["q"], search["type"], search["part"]) == (["bees & honey"], ["video"], ["snippet"])
    assert search["key"] == videos["key"] == [KEY]
    assert set(videos["part"][0].split(",")) == {"snippet", "contentDetails", "statistics", "status"}


async def test_creative_commons_is_licensed_with_a_credit_line() -> None:
    (candidate,), _ = await ask(Api(video("a", status={"license": "creativeCommon"})))
    assert (candidate.rights.status, candidate.rights.licence) == ("licensed", "CC-BY")
    assert candidate.rights.attribution == "“Bees & a” by Ada (CC-BY, https://youtu.be/a)"


async def test_hidden_numbers_stay_unknown() -> None:
    one = video("a")
    del one["statistics"]["likeCount"], one["statistics"]["commentCount"]
    (candidate,), _ = await ask(Api(one))
    assert (candidate.views, candidate.likes, candidate.comments) == (12345, None, None)


async def test_recent_videos_are_asked_for_by_views_all_others_by_relevance() -> None:
    _, web = await ask(Api(video("a")), since_days=7)
    assert web.asked[0][1]["publishedAfter"] == ["2026-11-14T12:00:00Z"]
    assert web.asked[0][1]["order"] == ["viewCount"]
    _, web = await ask(Api(video("a")))
    assert web.asked[0][1]["order"] == ["relevance"]


async def test_live_streams_private_and_deleted_videos_are_left_out() -> None:
    api = Api(
        video("live", snippet={"liveBroadcastContent": "live"}),
        video("private", status={"privacyStatus": "private"}),
        video("rejected", status={"uploadStatus": "rejected"}),
        video("deleted"),
        video("good"),
    )
    seen = api.videos.pop("deleted")
    candidates, _ = await ask(api)
    assert seen["id"] == "deleted"
    assert [candidate.candidate_id for candidate in candidates] == ["youtube:good"]


async def test_pages_are_followed_up_to_the_limit_in_the_order_of_the_search() -> None:
    candidates, web = await ask(Api(*(video(f"v{n}") for n in range(120))), limit=70)
    assert [candidate.candidate_id for candidate in candidates] == [f"youtube:v{n}" for n in range(70)]
    searches = [query["maxResults"] for path, query in web.asked if path.endswith("/search")]
    assert searches == [["50"], ["20"]]


async def test_an_odd_video_is_left_out_and_told() -> None:
    found = Findings(25)
    candidates, _ = await ask(Api({"id": "odd"}, video("good")), found=found)
    assert [candidate.candidate_id for candidate in candidates] == ["youtube:good"]
    assert found.notes == ["1 videos whose description could not be read were left out"]


async def test_what_earlier_pages_brought_is_kept_when_the_quota_ends() -> None:
    api, found = Api(*(video(f"v{n}") for n in range(60))), Findings(60)

    def answer(path: str, query: Query) -> Reply:
        return refusal(403, "quotaExceeded") if "pageToken" in query else api(path, query)

    with pytest.raises(SourceError, match="quota"):
        await ask(answer, limit=60, found=found)
    assert len(found.candidates) == 50


async def test_without_a_key_it_says_what_to_set() -> None:
    async with open_client(patience_s=1) as client:
        source = YouTube(client, base_url="http://127.0.0.1:9", key=None, patience_s=1)
        with pytest.raises(NotConfiguredError, match="CLIPWIRE_YOUTUBE_API_KEY"):
            await source.search(Wanted(niche="x", limit=1, now=NOW), Findings(1))


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (refusal(403, "quotaExceeded", f"quota of {KEY}"), "midnight Pacific"),
        (refusal(403, "dailyLimitExceeded"), "midnight Pacific"),
        (refusal(400, "keyInvalid", "Bad Request"), "Correct CLIPWIRE_YOUTUBE_API_KEY"),
        (refusal(400, "badRequest", "API key not valid. Please pass a valid API key."), "refuses the key"),
        (refusal(403, "accessNotConfigured", f"project of {KEY}"), "Enable it at console.cloud.google.com"),
        (refusal(403, "ipRefererBlocked"), "restrictions of the YouTube key"),
        (refusal(403, "forbidden", f"consumer api_key:{KEY} is suspended"), r"HTTP 403: consumer api_key:\*\*\*"),
        (refusal(429, "rateLimitExceeded", **{"Retry-After": "99"}), "too many requests.*wait 99 s"),
        (as_json({"error": "odd"}, 400), "HTTP 400: odd"),
        (as_json({"error": {"errors": 5, "details": "x"}}, 400), "HTTP 400"),
        (Reply(f"<h1>{KEY}</h1>".encode(), 200, {"Content-Type": "text/html"}), "no whole JSON but text/html"),
        (Reply(b'{"items": [', 200), "no whole JSON"),
        (as_json({"kind": "other"}), "not as documented: items"),
    ],
)
async def test_a_refusal_says_what_happened_and_what_to_do(reply: Reply, words: str) -> None:
    text = await fails(lambda path, query: reply)

    assert re.search(words, text), text


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "backendError"])
async def test_a_rate_limit_is_waited_for(reason: str) -> None:
    status = 503 if reason == "backendError" else 403
    api, first = Api(video("a")), iter([refusal(status, reason, **{"Retry-After": "0"})])
    candidates, web = await ask(lambda path, query: next(first, None) or api(path, query))
    assert len(candidates) == 1
    assert len(web.asked) == 3


async def test_a_spent_quota_is_not_asked_again() -> None:
    asked: list[str] = []

    def answer(path: str, query: Query) -> Reply:
        asked.append(path)
        return refusal(403, "quotaExceeded", **{"Retry-After": "0"})

    await fails(answer)
    assert len(asked) == 1


async def test_the_key_is_in_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await ask(Api(video("a")))
    await fails(lambda path, query: refusal(403, "forbidden", KEY))
    assert KEY not in caplog.text
