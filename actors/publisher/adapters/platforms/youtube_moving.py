"""Another time for a video that YouTube keeps private until then.

Source: YouTube Data API v3, `videos.update`: what a part that is sent leaves out is erased, so all of it is sent again.
"""

from __future__ import annotations

from datetime import datetime

from actors.publisher.adapters.platforms.answers import object_of, text_of, time_of
from actors.publisher.adapters.platforms.youtube_calls import Api, items, took
from actors.publisher.ports import Session
from runtime.errors import Reject

__all__ = ["move"]

_KEPT = ("license", "embeddable", "publicStatsViewable", "selfDeclaredMadeForKids", "containsSyntheticMedia")
"""What may be changed of a video's status, beside who sees it and when."""


async def move(session: Session, api: Api, video: str, at: datetime) -> None:
    """See `Moves.move`."""
    listed = items(
        took(await session.ask(api.get("videos", part="status", id=video)), "YouTube does not tell", session.now)
    )
    if not listed:
        raise Reject(
            f"YouTube shows no video {video}: it was deleted there", advice="Publish the short on another account"
        )
    status = object_of(listed[0], "status")
    wanted = api.seen(at, session.now)
    waits = time_of(status, "publishAt")
    if waits is None and "publishAt" not in wanted and text_of(status, "privacyStatus") == wanted["privacyStatus"]:
        return
    if waits is None or text_of(status, "privacyStatus") != "private":
        raise Reject(
            f"the video {video} waits for no time on YouTube any more: it is {text_of(status, 'privacyStatus')}",
            advice="Change it in YouTube Studio, or delete it there",
            field="publish_at",
        )
    if waits != time_of(wanted, "publishAt"):
        kept = {name: status[name] for name in _KEPT if name in status}
        answer = await session.ask(api.update(video, {**kept, **wanted}))
        took(answer, f"YouTube does not change the time of {video}", session.now)
