"""TikTok, against a server that is as strict as its documentation."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.adapters.http import HttpApi
from actors.publisher.adapters.platforms.tiktok_calls import Chunks, data_of, direct_call
from actors.publisher.ports import Post, RevokedError, Revokes, Tokens, UnconfirmedError
from contracts.events import PublishRequested
from contracts.keys import render_prefix, render_uri
from contracts.publishing import Disclosure
from contracts.renders import Recipe, Render
from runtime.errors import Reject
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import Fault
from tests.publisher.platforms.tiktok_server import OPEN_ID, SCOPES, TIKTOK, TikTokServer, open_tiktok
from tests.publisher.support import post_of

MB = 1_000_000
BACK = "http://127.0.0.1:8080/accounts/callback"


@pytest.fixture
def server() -> TikTokServer:
    return TikTokServer()


@pytest.fixture
async def kit(server: TikTokServer, tmp_path: Path) -> AsyncIterator[Kit]:
    with server.running():
        async with Kit(TIKTOK, server, tmp_path) as kit:
            yield kit


@pytest.fixture
async def draft(server: TikTokServer, tmp_path: Path) -> AsyncIterator[Kit]:
    case = replace(TIKTOK, open=lambda url: open_tiktok(url, tiktok_mode="draft"))
    with server.running():
        async with Kit(case, server, tmp_path) as kit:
            yield kit


async def large(kit: Kit, size: int = 45 * MB, **more: object) -> Render:
    """A render whose video has so many bytes."""
    render = await kit.render()
    async with kit.bench.media.writing(f"{render_prefix(render.render_id)}/large.mp4", "video/mp4") as writing:
        writing.path.write_bytes(hashlib.shake_256(b"clip").digest(MB) * (size // MB))
    render = render.model_copy(update={"video": writing.ref, **more})
    await kit.bench.media.write(render_uri(render.render_id), render)
    return render


def post(kit: Kit, render: Render, **more: Any) -> Post:
    made = replace(post_of(render, OPEN_ID, description=f"{render.title}\n\n#ai"), account_id=kit.account.account_id)
    return replace(made, **more)


# -- Login ------------------------------------------------------------------------------------------------------------


async def test_the_consent_page_gets_a_hex_challenge_and_scopes_with_commas(kit: Kit, server: TikTokServer) -> None:
    api, verifier = HttpApi(kit.client, "tiktok"), "v" * 43
    grant = kit.platform.grant
    assert grant is not None
    consent = await grant.consent(api, {}, state="s", verifier=verifier, redirect_uri=BACK)
    assert consent is not None
    query = parse_qs(urlsplit(consent.url).query)
    assert query["scope"] == ["user.info.basic,video.list,video.publish"]
    assert query["code_challenge"] == [hashlib.sha256(verifier.encode()).hexdigest()]
    assert query["client_key"] == ["key"]
    server.challenge = query["code_challenge"][0]
    tokens = await grant.tokens(api, {"code": "code"}, verifier=verifier, redirect_uri=BACK)
    assert tokens.refresh == "rft.2"
    assert [owner.name for owner in await kit.platform.owners(api, tokens)] == [OPEN_ID]


async def test_an_error_with_status_200_is_an_error(kit: Kit) -> None:
    assert kit.platform.grant is not None
    with pytest.raises(Reject, match="Code verifier"):
        await kit.platform.grant.tokens(
            HttpApi(kit.client, "tiktok"), {"code": "code"}, verifier="w" * 43, redirect_uri=BACK
        )


async def test_an_account_that_unticked_posting_is_not_connected(kit: Kit) -> None:
    with pytest.raises(Reject, match=r"video\.publish"):
        await kit.platform.owners(HttpApi(kit.client, "tiktok"), Tokens(access="act.1", scopes=("user.info.basic",)))


async def test_a_refresh_token_works_once(kit: Kit) -> None:
    api, grant = HttpApi(kit.client, "tiktok"), kit.platform.grant
    assert grant is not None
    fresh = await grant.refresh(api, TIKTOK.tokens)
    assert fresh.refresh == "rft.2"
    assert (await grant.refresh(api, fresh)).access == "act.3"
    with pytest.raises(RevokedError):
        await grant.refresh(api, TIKTOK.tokens)


async def test_tokens_are_given_back(kit: Kit) -> None:
    api, grant = HttpApi(kit.client, "tiktok"), kit.platform.grant
    assert isinstance(grant, Revokes)
    with pytest.raises(Reject, match="no such token"):
        await grant.revoke(api, Tokens(access="act.0"))
    await grant.revoke(api, TIKTOK.tokens)


async def test_an_access_that_expires_midway_is_renewed(kit: Kit, server: TikTokServer) -> None:
    server.access = "act.other"
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert server.renewals == 2


# -- Posts ------------------------------------------------------------------------------------------------------------


async def test_a_post_says_what_has_to_be_disclosed(kit: Kit, server: TikTokServer) -> None:
    recipe = Recipe(disclosure=Disclosure(synthetic=True, paid_promotion=True))
    render = await large(kit, 6 * MB, recipe=recipe)
    assert await kit.drive(kit.request(render)) == "done"
    info = server.asked("POST /v2/post/publish/video/init/")[0].json()["post_info"]
    assert (info["is_aigc"], info["brand_content_toggle"], info["brand_organic_toggle"]) == (True, True, False)
    assert (info["privacy_level"], info["disable_stitch"]) == ("PUBLIC_TO_EVERYONE", True)
    assert render.title in info["title"] or render.description in info["title"]


async def test_it_is_known_by_the_id_that_everybody_can_open(kit: Kit, server: TikTokServer) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    publication = await published(kit, kit.request(render))
    assert publication["platform_id"] == server.videos[0]["id"]
    assert publication["url"] == f"https://www.tiktok.com/@me/video/{server.videos[0]['id']}"


async def test_a_large_video_goes_in_chunks_rounded_down(kit: Kit, server: TikTokServer) -> None:
    render = await large(kit)
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
    render = await large(kit)
    server.fail("PUT /video/1", fault)
    assert await kit.drive(kit.request(render)) == "done"
    whole = [each for each in server.asked("PUT /video/1") if each.whole]
    assert [len(each.body) for each in whole] == [20 * MB, 25 * MB]
    assert (len(server.tasks), server.posted) == (1, [kit.sent(render)])


@pytest.mark.parametrize("inclusive", [True, False])
async def test_a_range_that_is_not_wanted_tells_where_to_go_on(kit: Kit, server: TikTokServer, inclusive: bool) -> None:
    server.inclusive, server.tells_bytes = inclusive, False
    render = await large(kit)
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
    publication = await published(kit, kit.request(render))
    assert publication["platform_id"] == "v_pub_file~v2-1.1"
    assert publication["url"] == "https://www.tiktok.com/@me"
    server.moderation = 0
    counted = await kit.platform.metrics(await kit.session(), ["v_pub_file~v2-1.1"])
    assert counted["v_pub_file~v2-1.1"].views == 7


async def test_a_post_that_is_never_ready_is_left_to_a_person_who_may_have_it_tried_again(
    kit: Kit, server: TikTokServer
) -> None:
    server.processing = 10**9
    request = kit.request(await kit.render())
    assert await kit.drive(request) == "unconfirmed"
    assert len(server.tasks) == 1
    server.processing = 0
    assert await kit.drive(request) == "done"
    assert len(server.tasks) == 1


async def test_a_person_who_saw_that_it_is_not_there_gets_another_upload(kit: Kit, server: TikTokServer) -> None:
    server.processing = 10**9
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "unconfirmed"
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


# -- What TikTok does not let ------------------------------------------------------------------------------------------


async def test_a_cap_of_the_day_comes_with_status_200_and_waits(kit: Kit, server: TikTokServer) -> None:
    server.creator_code = "spam_risk_too_many_posts"
    with pytest.raises(AssertionError, match="not over"):
        await kit.drive(kit.request(await kit.render()), deliveries=3)
    assert server.tasks == {}
    server.creator_code = "ok"
    assert await kit.drive(kit.request(await kit.render())) == "done"


async def test_an_account_that_is_barred_is_told_so(kit: Kit, server: TikTokServer) -> None:
    server.creator_code = "spam_risk_user_banned_from_posting"
    assert "barred" in await kit.drive(kit.request(await kit.render()))


async def test_an_app_that_is_not_audited_is_told_what_it_may(kit: Kit, server: TikTokServer) -> None:
    server.audited = False
    assert "SELF_ONLY" in await kit.drive(kit.request(await kit.render()))


async def test_a_privacy_that_the_account_does_not_offer_is_named(kit: Kit, server: TikTokServer) -> None:
    server.options = ["FOLLOWER_OF_CREATOR", "SELF_ONLY"]
    assert "FOLLOWER_OF_CREATOR" in await kit.drive(kit.request(await kit.render()))
    assert server.tasks == {}


async def test_a_video_longer_than_the_account_may_post_is_refused_before_the_first_byte(
    kit: Kit, server: TikTokServer
) -> None:
    server.longest = 15
    assert "15 s" in await kit.drive(kit.request(await kit.render()))
    assert server.tasks == {}


async def test_nobody_chose_who_may_see_it(kit: Kit) -> None:
    platform = open_tiktok(kit.server.url, tiktok_privacy=None)
    with pytest.raises(Reject, match="CLIPWIRE_TIKTOK_PRIVACY"):
        await platform.check(await kit.session(), post(kit, await kit.render()))


async def test_paid_promotion_is_nothing_to_post_in_private(kit: Kit) -> None:
    platform = open_tiktok(kit.server.url, tiktok_privacy="SELF_ONLY")
    with pytest.raises(Reject, match="paid promotion"):
        await platform.check(
            await kit.session(), post(kit, await kit.render(), disclosure=Disclosure(paid_promotion=True))
        )


@pytest.mark.parametrize("fault", ["429", "429 silent"])
async def test_a_rate_limit_only_takes_longer(kit: Kit, server: TikTokServer, fault: Fault) -> None:
    server.fail("POST /v2/post/publish/video/init/", fault, times=2)
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


# -- Drafts, search, counts --------------------------------------------------------------------------------------------


async def test_a_draft_goes_into_the_inbox(draft: Kit, server: TikTokServer) -> None:
    render = await large(draft, MB, recipe=Recipe(disclosure=Disclosure(synthetic=True)))
    assert await draft.drive(draft.request(render)) == "done"
    assert (await published(draft, draft.request(render)))["platform_id"] == "v_inbox_file~v2.1"
    assert server.asked("POST /v2/post/publish/creator_info") == []
    assert server.posted == [draft.sent(render)]


async def test_it_is_found_by_its_words_and_its_length(kit: Kit, server: TikTokServer) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    words = server.videos[0]["title"]
    server.videos = [{**server.videos[0], "id": f"9{n}", "title": "", "video_description": "x"} for n in range(25)] + [
        server.videos[0]
    ]
    found = await kit.platform.find(await kit.session(), post(kit, render, description=words))
    assert found is not None
    assert found.platform_id == server.videos[-1]["id"]


async def test_an_upload_that_tiktok_forgot_is_searched_for_among_newer_videos_only(
    kit: Kit, server: TikTokServer
) -> None:
    server.processing = 10**9
    render = await kit.render()
    with pytest.raises(AssertionError, match="not over"):
        await kit.drive(kit.request(render), deliveries=1)
    words = server.asked("POST /v2/post/publish/video/init/")[0].json()["post_info"]["title"]
    server.show("1", words, at=kit.bench.clock.now.timestamp() - 86_400)
    server.forgotten.add("v_pub_file~v2-1.1")
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    server.show("2", words, at=kit.bench.clock.now.timestamp())
    assert await kit.drive(kit.request(render)) == "done"
    assert (await published(kit, kit.request(render)))["platform_id"] == "2"


async def test_what_is_not_in_the_public_list_may_still_be_there(kit: Kit) -> None:
    with pytest.raises(UnconfirmedError, match="public videos"):
        await kit.platform.find(await kit.session(), post(kit, await kit.render()))


async def test_metrics_are_asked_for_twenty_at_a_time(kit: Kit, server: TikTokServer) -> None:
    assert await kit.drive(kit.request(await kit.render())) == "done"
    server.videos = [{**server.videos[0], "id": str(n)} for n in range(45)]
    counted = await kit.platform.metrics(await kit.session(), [str(n) for n in range(46)])
    assert len(counted) == 45
    assert (counted["3"].views, counted["3"].likes, counted["3"].comments, counted["3"].shares) == (7, 5, 3, 2)
    assert counted["3"].watched_s is None
    assert len(server.asked("POST /v2/video/query/")) == 3


async def test_a_video_can_only_be_deleted_in_the_app(kit: Kit) -> None:
    with pytest.raises(Reject, match="TikTok app"):
        await kit.platform.delete(await kit.session(), "7")


async def test_a_dry_run_shows_the_requests_that_are_sent(kit: Kit, server: TikTokServer) -> None:
    render = await large(kit)
    film = kit.bench.folder.parent / "media" / render.video.uri.removeprefix("media://")
    made = post(kit, render)
    made = replace(made, film=replace(made.film, path=film, bytes=render.video.bytes))
    planned = kit.platform.plan(kit.account, made, TIKTOK.tokens)
    assert [(call.method, call.url.removeprefix(server.url)) for call in planned] == [
        ("POST", "/v2/post/publish/creator_info/query/"),
        ("POST", "/v2/post/publish/video/init/"),
        ("PUT", "{upload_url}"),
        ("PUT", "{upload_url}"),
        ("POST", "/v2/post/publish/status/fetch/"),
    ]
    assert not [call for call in planned if "act.1" in repr(call)]


async def published(kit: Kit, request: PublishRequested) -> dict[str, str]:
    claim = await kit.bench.claims.get(f"publish/{request.publication_id}")
    assert claim is not None
    publication: dict[str, str] = claim.data["publication"]
    return publication
