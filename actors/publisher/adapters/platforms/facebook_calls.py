"""Requests of Facebook's Reels, and what its answers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from actors.publisher.adapters.platforms.answers import number_of, object_of
from actors.publisher.adapters.platforms.meta import Graph, number
from actors.publisher.ports import Call, Post, Posted
from contracts.publishing import Account
from runtime.errors import Retry

__all__ = [
    "METRICS",
    "SOONEST",
    "Requests",
    "State",
    "counted",
    "errors",
    "page_of",
    "posted",
    "same",
    "state_for",
]

State = Literal["PUBLISHED", "SCHEDULED"]
SOONEST = timedelta(minutes=10)
METRICS = (
    "blue_reels_play_count",
    "fb_reels_total_plays",
    "post_video_view_time",
    "post_video_avg_time_watched",
    "post_video_social_actions",
)
_PHASES = ("uploading_phase", "processing_phase", "publishing_phase")
_ACTIONS = {"LIKE": "likes", "COMMENT": "comments", "SHARE": "shares"}
_SLACK = timedelta(seconds=30)


@dataclass(frozen=True)
class Requests:
    """Of Pages, by their ids."""

    graph: Graph

    def start(self, page: str) -> Call:
        """A new upload."""
        return self.graph.call("POST", f"{page}/video_reels", upload_phase="start")

    def finish(self, page: str, video: str, post: Post, state: State) -> Call:
        """Show what was uploaded, now or at its time."""
        values = {"upload_phase": "finish", "video_id": video, "video_state": state, "description": post.description}
        if post.title:
            values["title"] = post.title
        if state == "SCHEDULED" and post.publish_at:
            values["scheduled_publish_time"] = str(int(post.publish_at.timestamp()))
        return self.graph.call("POST", f"{page}/video_reels", **values)

    def status(self, video: str) -> Call:
        """How far it is."""
        return self.graph.call("GET", video, fields="status,permalink_url")

    def list(self, page: str, after: Mapping[str, str]) -> Call:
        """The reels that the Page shows, newest first."""
        fields = "id,description,created_time,permalink_url"
        return self.graph.call("GET", f"{page}/video_reels", fields=fields, limit="50", **after)


def page_of(account: Account) -> str:
    """Facebook's id of the Page that an account is."""
    return account.account_id.partition(":")[2]


def state_for(post: Post, at: datetime) -> State:
    """What to make of the post now. Raises `Retry` where it is too late to schedule it and too early to show it."""
    ahead = post.publish_at - at if post.publish_at else timedelta(0)
    if ahead >= SOONEST + _SLACK:
        return "SCHEDULED"
    if ahead > timedelta(0):
        raise Retry("Facebook takes no time so near; it is shown when it is due", after=ahead.total_seconds())
    return "PUBLISHED"


def errors(status: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What went wrong, in whatever phase."""
    found: list[Any] = []
    for name in _PHASES:
        told = object_of(status, name)
        for each in (told.get("error"), told.get("errors")):
            found += each if isinstance(each, list) else [each]
    return [each for each in found if isinstance(each, dict)]


def same(told: Mapping[str, Any], post: Post) -> bool:
    """Whether a reel has the post's description, whatever became of its white space."""
    return str(told.get("description") or "").split() == post.description.split()


def posted(video: str, at: datetime) -> Posted:
    """A reel by its id."""
    return Posted(platform_id=video, url=f"https://www.facebook.com/reel/{video}", published_at=at.astimezone(UTC))


def counted(told: Mapping[str, Any]) -> dict[str, Any]:
    """Insights as fields of `Metrics`. Facebook tells times in milliseconds."""
    plays = told.get("blue_reels_play_count")
    values: dict[str, Any] = {"views": told.get("fb_reels_total_plays") if plays is None else plays}
    for name, field in (("post_video_view_time", "watched_s"), ("post_video_avg_time_watched", "average_s")):
        if (milliseconds := number_of(told, name)) is not None:
            values[field] = milliseconds / 1000
    for name, count in object_of(told, "post_video_social_actions").items():
        if str(name).upper() in _ACTIONS:
            values[_ACTIONS[str(name).upper()]] = number(count)
    return {field: value for field, value in values.items() if value is not None}
