"""What YouTube refuses, and what it tells of videos that are there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actors.publisher.adapters.platforms.youtube import YouTube
from contracts.events import PublishRequested
from contracts.publishing import Metrics
from runtime.errors import Reject, Retry
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.youtube_server import (
    YOUTUBE,
    YouTubeServer,
    google_error,
)
from tests.publisher.support import START

PUT = "PUT /upload"
CASE = YOUTUBE


# -- Refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "reason", "after"),
    [
        (403, "quotaExceeded", 20 * 3600.0),  # 04:00 in California until midnight
        (403, "dailyLimitExceeded", 20 * 3600.0),
        (400, "uploadLimitExceeded", 24 * 3600.0),
        (403, "rateLimitExceeded", None),
        (403, "userRateLimitExceeded", None),
    ],
)
async def test_a_limit_is_waited_for(
    kit: Kit, server: YouTubeServer, status: int, reason: str, after: float | None
) -> None:
    server.refusals["opened"] = [google_error(status, reason)]
    session, post = await kit.session(), kit.post(await kit.render())
    with pytest.raises(Retry) as caught:
        await kit.platform.publish(session, post, await kit.steps())
    assert caught.value.after == after


@pytest.mark.parametrize(
    ("status", "reason", "says"),
    [
        (400, "invalidTitle", "1 to 100 characters"),
        (400, "invalidCategoryId", "CLIPWIRE_YOUTUBE_CATEGORY"),
        (403, "insufficientPermissions", "Connect the account again"),
        (403, "accessNotConfigured", "Enable the YouTube Data API"),
        (401, "youtubeSignupRequired", "no channel"),
        (403, "forbidden", "YouTube Studio"),
    ],
)
async def test_a_refusal_names_what_is_wrong_and_what_to_do(
    kit: Kit, server: YouTubeServer, status: int, reason: str, says: str
) -> None:
    server.refusals["opened"] = [google_error(status, reason)] * 2
    outcome = await kit.drive(kit.request(await kit.render()))
    assert outcome.startswith("rejected: YouTube does not take 'A short'") and says in outcome
    assert server.posted == []


async def test_more_than_a_quarter_of_an_hour_needs_a_verified_channel(kit: Kit, server: YouTubeServer) -> None:
    server.long_uploads = "eligible"
    render = await kit.changed(duration=901.0)
    assert "youtube.com/verify" in await kit.drive(kit.request(render))
    server.long_uploads = "allowed"
    assert await kit.drive(PublishRequested(render_id=render.render_id, account_id=kit.account.account_id)) == "done"


# -- What is there -----------------------------------------------------------------------------------------------------


async def test_a_video_is_found_over_several_pages_and_not_sought_among_older_ones(
    kit: Kit, server: YouTubeServer
) -> None:
    render, session = await kit.render(), await kit.session()
    post = kit.post(render)
    assert await kit.platform.find(session, post) is None  # there is no list of uploads yet
    for number in range(120):
        server.add(f"other{number}", tags=["ai"], days_ago=number / 60)
    server.add("mine", tags=["ai", f"clipwire-{post.publication_id}"], days_ago=3)
    found = await kit.platform.find(session, post)
    assert found is not None and found.platform_id == "mine"
    for number in range(200):
        server.add(f"old{number}", tags=[], days_ago=20 + number)
    server.videos.pop("mine")
    before = len(server.asked("GET /youtube/v3/playlistItems"))
    assert isinstance(kit.platform, YouTube)
    assert await kit.platform.find(session, post, START - timedelta(days=8)) is None
    assert len(server.asked("GET /youtube/v3/playlistItems")) - before == 4


async def test_a_video_is_deleted_and_deleting_it_again_changes_nothing(kit: Kit, server: YouTubeServer) -> None:
    server.add("mine", tags=[])
    session = await kit.session()
    await kit.platform.delete(session, "mine")
    await kit.platform.delete(session, "mine")
    assert server.videos == {}
    server.refusals["deleted"] = [google_error(403, "insufficientPermissions")]
    with pytest.raises(Reject, match="was not deleted"):
        await kit.platform.delete(session, "mine")


async def test_counts_are_those_of_the_statistics_and_with_its_scope_of_analytics(
    kit: Kit, server: YouTubeServer
) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    session = await kit.session()
    counted = await kit.platform.metrics(session, ["vid1", "gone"])
    assert counted == {"vid1": Metrics(views=12345, likes=321, shares=7, watched_s=720.0, average_s=8.0)}
    server.refusals["report"] = [google_error(403, "accessNotConfigured")]
    assert await kit.platform.metrics(session, ["vid1"]) == {"vid1": Metrics(views=12345, likes=321)}
    assert await kit.platform.metrics(session, []) == {}
