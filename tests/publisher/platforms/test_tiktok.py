"""TikTok, against a server that is as strict as its documentation."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.publisher.ports import RevokedError, Revokes, Tokens, UnconfirmedError
from contracts.publishing import Disclosure
from contracts.renders import Recipe
from runtime.errors import Reject
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import Fault
from tests.publisher.platforms.tiktok_server import OPEN_ID, TIKTOK, TikTokServer, open_tiktok

MB = 1_000_000
BACK = "http://127.0.0.1:8080/accounts/callback"
CASE = TIKTOK
as_draft = pytest.mark.parametrize(
    "case", [replace(TIKTOK, open=lambda url: open_tiktok(url, tiktok_mode="draft"))], ids=["as draft"]
)


# -- Login -------------------------------------------------------------------------------------------------------------


async def test_the_consent_page_gets_a_hex_challenge_and_scopes_with_commas(kit: Kit, server: TikTokServer) -> None:
    api, verifier = kit.api, "v" * 43
    grant = kit.grant
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
    with pytest.raises(Reject, match="Code verifier"):
        await kit.grant.tokens(kit.api, {"code": "code"}, verifier="w" * 43, redirect_uri=BACK)


async def test_an_account_that_unticked_posting_is_not_connected(kit: Kit) -> None:
    with pytest.raises(Reject, match=r"video\.publish"):
        await kit.platform.owners(kit.api, Tokens(access="act.1", scopes=("user.info.basic",)))


async def test_a_refresh_token_works_once(kit: Kit) -> None:
    api, grant = kit.api, kit.grant
    fresh = await grant.refresh(api, TIKTOK.tokens)
    assert fresh.refresh == "rft.2"
    assert (await grant.refresh(api, fresh)).access == "act.3"
    with pytest.raises(RevokedError):
        await grant.refresh(api, TIKTOK.tokens)


async def test_tokens_are_given_back(kit: Kit) -> None:
    api, grant = kit.api, kit.grant
    assert isinstance(grant, Revokes)
    with pytest.raises(Reject, match="no such token"):
        await grant.revoke(api, Tokens(access="act.0"))
    await grant.revoke(api, TIKTOK.tokens)


async def test_an_access_that_expires_midway_is_renewed(kit: Kit, server: TikTokServer) -> None:
    server.access = "act.other"
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert server.renewals == 2


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
        await platform.check(await kit.session(), kit.post(await kit.render()))


async def test_paid_promotion_is_nothing_to_post_in_private(kit: Kit) -> None:
    platform = open_tiktok(kit.server.url, tiktok_privacy="SELF_ONLY")
    with pytest.raises(Reject, match="paid promotion"):
        await platform.check(
            await kit.session(), kit.post(await kit.render(), disclosure=Disclosure(paid_promotion=True))
        )


@pytest.mark.parametrize("fault", ["429", "429 silent"])
async def test_a_rate_limit_only_takes_longer(kit: Kit, server: TikTokServer, fault: Fault) -> None:
    server.fail("POST /v2/post/publish/video/init/", fault, times=2)
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


# -- Drafts, search, counts --------------------------------------------------------------------------------------------


@as_draft
async def test_a_draft_goes_into_the_inbox(kit: Kit, server: TikTokServer) -> None:
    render = await kit.large(MB, recipe=Recipe(disclosure=Disclosure(synthetic=True)))
    assert await kit.drive(kit.request(render)) == "done"
    assert (await kit.published(kit.request(render)))["platform_id"] == "v_inbox_file~v2.1"
    assert server.asked("POST /v2/post/publish/creator_info") == []
    assert server.posted == [kit.sent(render)]


async def test_it_is_found_by_its_words_and_its_length(kit: Kit, server: TikTokServer) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    words = server.videos[0]["title"]
    server.videos = [{**server.videos[0], "id": f"9{n}", "title": "", "video_description": "x"} for n in range(25)] + [
        server.videos[0]
    ]
    found = await kit.platform.find(await kit.session(), kit.post(render, description=words))
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
    assert (await kit.published(kit.request(render)))["platform_id"] == "2"


async def test_what_is_not_in_the_public_list_may_still_be_there(kit: Kit) -> None:
    with pytest.raises(UnconfirmedError, match="public videos"):
        await kit.platform.find(await kit.session(), kit.post(await kit.render()))


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
    render = await kit.large(45 * MB)
    film = kit.bench.folder.parent / "media" / render.video.uri.removeprefix("media://")
    made = kit.post(render)
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
