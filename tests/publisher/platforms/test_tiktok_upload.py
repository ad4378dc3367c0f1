"""Uploads to TikTok, from the first chunk to the post that everybody can open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.adapters.platforms.tiktok_calls import Chunks, data_of, direct_call
from contracts.events import PublishRequested
from contracts.publishing import Disclosure
from contracts.renders import Recipe
from contracts.subjects import PUBLISH_REQUESTED
from runtime.errors import Retry
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import Fault
from tests.publisher.platforms.tiktok_server import SCOPES, TIKTOK, TikTokServer
from tests.publisher.support import post_of
from tests.support.work import deliver

MB = 1_000_000
CASE = TIKTOK


async def test_a_post_says_what_has_to_be_disclosed(kit: Kit, server: TikTokServer) -> None:
    recipe = Recipe(disclosure=Disclosure(synthetic=True, paid_promotion=True))
    render = await kit.large(6 * MB, recipe=recipe)
    assert await kit.drive(kit.request(render)) == "done"
    info = server.asked("POST /v2/post/publish/video/init/")[0].json()["post_info"]
    assert (info["is_aigc"], info["brand_content_toggle"], info["brand_organic_toggle"]) == (True, True, False)
    assert (info["privacy_level"], info["disable_stitch"]) == ("PUBLIC_TO_EVERYONE", True)
    assert render.title in info["title"] or render.description in info["title"]


async def test_it_is_known_by_the_id_that_everybody_can_open(kit: Kit, server: TikTokServer) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    publication = await kit.published(kit.request(render))
    assert publication["platform_id"] == server.videos[0]["id"]
    assert publication["url"] == f"https://www.tiktok.com/@me/video/{server.videos[0]['id']}"


async def test_a_large_video_goes_in_chunks_rounded_down(kit: Kit, server: TikTokServer) -> None:
    render = await kit.large(45 * MB)
    assert await kit.drive(kit.request(render)) == "done"
    assert [len(each.body) for each in server.asked("PUT /video/1")] == [20 * MB, 25 * MB]
    assert server.posted == [kit.sent(render)]


@given(st.integers(1, 4_000_000_000))
def test_chunks_follow_the_rules_whatever_the_size(size: int) -> None:
    chunks = Chunks.of(size)
    last = size - (chunks.count - 1) * chunks.chunk
    assert chunks.count == size // chunks.chunk
    assert chunks.count == 1 or 5 * MB <= chunks.chunk <= 64 * MB
    assert last <= 64 * MB
    assert chunks.span(size - 1) == ((chunks.count - 1) * chunks.chunk, size)
    assert chunks.span(0)[0] == 0


@pytest.mark.parametrize("fault", ["before", "cut", "after", "503"])
async def test_a_broken_upload_goes_on_at_the_byte_that_tiktok_has(
    kit: Kit, server: TikTokServer, fault: Fault
) -> None:
    render = await kit.large(45 * MB)
    server.fail("PUT /video/1", fault)
    assert await kit.drive(kit.request(render)) == "done"
    whole = [each for each in server.asked("PUT /video/1") if each.whole]
    assert [len(each.body) for each in whole] == [20 * MB, 25 * MB]
    assert (len(server.tasks), server.posted) == (1, [kit.sent(render)])


@pytest.mark.parametrize("inclusive", [True, False])
async def test_a_range_that_is_not_wanted_tells_where_to_go_on(kit: Kit, server: TikTokServer, inclusive: bool) -> None:
    server.inclusive, server.tells_bytes = inclusive, False
    render = await kit.large(45 * MB)
    server.fail("PUT /video/1", "after", "after")
    assert await kit.drive(kit.request(render)) == "done"
    assert (len(server.tasks), server.posted) == (1, [kit.sent(render)])


async def test_an_address_that_expired_leads_to_another_upload(kit: Kit, server: TikTokServer) -> None:
    server.expired.add("v_pub_file~v2-1.1")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert (len(server.tasks), server.posted) == (2, [kit.sent(render)])


async def test_an_address_that_expires_while_the_last_bytes_are_under_way_is_not_given_up_at_once(
    kit: Kit, server: TikTokServer
) -> None:
    server.fail("PUT /video/1", "before", times=5)
    render = await kit.render()
    with pytest.raises(AssertionError, match="not over"):
        await kit.drive(kit.request(render), deliveries=1)
    server.expired.add("v_pub_file~v2-1.1")
    begun = kit.bench.clock.now
    assert await kit.drive(kit.request(render)) == "done"
    assert (kit.bench.clock.now - begun).total_seconds() > 600
    assert (len(server.tasks), server.posted) == (2, [kit.sent(render)])


async def test_a_failure_of_tiktok_itself_is_tried_again(kit: Kit, server: TikTokServer) -> None:
    server.fail_reasons = ["internal"]
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_a_failure_that_stays_is_not_tried_for_ever(kit: Kit, server: TikTokServer) -> None:
    server.fail_reasons = ["internal"] * 10
    assert "internal" in await kit.drive(kit.request(await kit.render()))
    assert (len(server.tasks), server.posted) == (4, [])


async def test_a_cap_of_the_day_that_is_told_after_the_upload_is_waited_for_a_day(
    kit: Kit, server: TikTokServer
) -> None:
    server.fail_reasons = ["spam_risk_too_many_posts"]
    render, begun = await kit.render(), kit.bench.clock.now
    assert await kit.drive(kit.request(render)) == "done"
    assert (kit.bench.clock.now - begun).total_seconds() >= 86_400
    assert (len(server.tasks), server.posted) == (2, [kit.sent(render)])


async def test_of_a_cap_that_is_told_after_a_lost_answer_a_day_is_waited_as_well(
    kit: Kit, server: TikTokServer
) -> None:
    server.fail_reasons = ["spam_risk_too_many_posts"]
    server.fail("POST /v2/post/publish/status", "500")
    render, begun = await kit.render(), kit.bench.clock.now
    assert await kit.drive(kit.request(render)) == "done"
    assert (kit.bench.clock.now - begun).total_seconds() >= 86_400
    assert len(server.tasks) == 2


async def test_two_posts_of_an_account_begin_at_the_same_time(kit: Kit, server: TikTokServer) -> None:
    session, posts = await kit.session(), [post_of(await kit.render(start=start)) for start in (1.0, 200.0)]
    for post in posts:
        await kit.platform.check(session, post)
    for post in posts:
        call = direct_call(server.url, post, privacy="SELF_ONLY", creator={"stitch_disabled": True})
        assert data_of(await session.ask(call), "to begin a post")


@pytest.mark.parametrize(("reason", "fix"), [("picture_size_check_failed", "360"), ("spam_risk_text", "words")])
async def test_a_video_that_tiktok_does_not_want_is_refused_with_the_fix(
    kit: Kit, server: TikTokServer, reason: str, fix: str
) -> None:
    server.fail_reasons = [reason]
    outcome = await kit.drive(kit.request(await kit.render()))
    assert outcome.startswith("rejected")
    assert reason in outcome and fix in outcome
    assert len(server.tasks) == 1


async def test_a_failure_after_a_lost_answer_is_refused_as_well(kit: Kit, server: TikTokServer) -> None:
    server.fail_reasons = ["picture_size_check_failed"]
    server.fail("POST /v2/post/publish/status", "500")
    outcome = await kit.drive(kit.request(await kit.render()))
    assert "picture_size_check_failed" in outcome
    assert len(server.tasks) == 1


async def test_what_has_no_public_id_yet_is_known_by_its_publish_id(kit: Kit, server: TikTokServer) -> None:
    server.moderation = 1_000
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    publication = await kit.published(kit.request(render))
    assert publication["platform_id"] == "v_pub_file~v2-1.1"
    assert publication["url"] == "https://www.tiktok.com/@me"
    server.moderation = 0
    counted = await kit.platform.metrics(await kit.session(), ["v_pub_file~v2-1.1"])
    assert counted["v_pub_file~v2-1.1"].views == 7


async def waited_out(kit: Kit, request: PublishRequested) -> str:
    """What comes of a post that is not ready now, and not after more than the publisher's patience either."""
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, request)
    kit.bench.clock.move(10_800)
    return await kit.drive(request)


async def test_a_post_that_is_never_ready_is_left_to_a_person_who_may_have_it_tried_again(
    kit: Kit, server: TikTokServer
) -> None:
    server.processing = 10**9
    request = kit.request(await kit.render())
    assert await waited_out(kit, request) == "unconfirmed"
    assert len(server.tasks) == 1
    server.processing = 0
    assert await kit.drive(request) == "done"
    assert len(server.tasks) == 1


async def test_a_person_who_saw_that_it_is_not_there_gets_another_upload(kit: Kit, server: TikTokServer) -> None:
    server.processing = 10**9
    render = await kit.render()
    assert await waited_out(kit, kit.request(render)) == "unconfirmed"
    server.processing = 0
    server.forgotten.add("v_pub_file~v2-1.1")
    assert await kit.drive(kit.request(render, outcome="not_there")) == "done"
    assert len(server.tasks) == 2


async def test_an_access_taken_away_after_the_last_byte_leads_to_no_second_post(kit: Kit, server: TikTokServer) -> None:
    server.fail("PUT /video/1", "after")
    server.fail("POST /v2/post/publish/status", "500")
    render = await kit.render()
    with pytest.raises(AssertionError, match="not over"):
        await kit.drive(kit.request(render), deliveries=1)
    server.scopes = ("user.info.basic",)
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    server.scopes = SCOPES
    assert await kit.drive(kit.request(render)) == "done"
    assert (len(server.tasks), server.posted) == (1, [kit.sent(render)])
