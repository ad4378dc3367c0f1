"""What YouTube counts: statistics of now, and with its scope what YouTube Analytics knows, which is days behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actors.publisher.adapters.platforms.answers import number_of, object_of, text_of
from actors.publisher.adapters.platforms.youtube_calls import Api, items, took
from actors.publisher.ports import Session
from contracts.publishing import Metrics

__all__ = ["ANALYTICS", "counts"]

ANALYTICS = "https://www.googleapis.com/auth/yt-analytics.readonly"
_PAGE = 50


async def counts(session: Session, api: Api, videos: Sequence[str]) -> Mapping[str, Metrics]:
    """By video; of those that YouTube does not show nothing."""
    counted: dict[str, Metrics] = {}
    for start in range(0, len(videos), _PAGE):
        some = videos[start : start + _PAGE]
        answer = await session.ask(api.get("videos", part="statistics", id=",".join(some)))
        listed = items(took(answer, "YouTube does not tell its statistics", session.now))
        watched = await _watched(session, api, some) if ANALYTICS in session.tokens.scopes else {}
        for video in listed:
            numbers, ident = object_of(video, "statistics"), text_of(video, "id")
            counted[ident] = watched.get(ident, Metrics()).model_copy(
                update={
                    "views": _whole(numbers.get("viewCount")),
                    "likes": _whole(numbers.get("likeCount")),
                    "comments": _whole(numbers.get("commentCount")),
                }
            )
    return counted


async def _watched(session: Session, api: Api, videos: Sequence[str]) -> dict[str, Metrics]:
    """What Analytics adds; nothing where the project may not ask it."""
    answer = await session.ask(api.report(videos, session.now))
    rows = answer.json().get("rows") if answer.ok else None
    watched = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, list) and len(row) == 5:
            ident, _, shares, minutes, average = row
            seconds = number_of(minutes)
            watched[str(ident)] = Metrics(
                shares=_whole(shares),
                watched_s=None if seconds is None else seconds * 60,
                average_s=number_of(average),
            )
    return watched


def _whole(value: Any) -> int | None:
    """Counters are written as texts."""
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else None
