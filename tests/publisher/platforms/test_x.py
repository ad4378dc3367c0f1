"""X, against a server that refuses what comes in another order, in other pieces or twice."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.publisher.ports import RevokedError, Tokens, UnconfirmedError
from contracts.publishing import Disclosure
from contracts.renders import Recipe
from runtime.errors import Reject
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import Fault
from tests.publisher.platforms.x_server import USER, XCASE, XServer, open_x

BACK = "http://127.0.0.1:8080/accounts/callback"
CASE = XCASE


# -- Login ------------------------------------------------------------------------------------------------------------


async def test_an_account_is_connected_with_a_challenge(kit: Kit, server: XServer) -> None:
    api, grant = kit.api, kit.grant
    consent = await grant.consent(api, {}, state="s", verifier="v" * 43, redirect_uri=BACK)
    assert consent is not None
    query = parse_qs(urlsplit(consent.url).query)
    assert query["scope"] == ["tweet.read tweet.write users.read media.write offline.access"]
    assert query["code_challenge_method"] == ["S256"]
    server.challenge = query["code_challenge"][0]
    tokens = await grant.tokens(api, {"code": "code"}, verifier="v" * 43, redirect_uri=BACK)
    owners = await kit.platform.owners(api, tokens)
    assert [(each.name, each.title) for each in owners] == [(USER, "@me")]


async def test_a_refresh_token_works_once_and_a_dead_one_is_known_by_its_words(kit: Kit) -> None:
    api, grant = kit.api, kit.grant
    assert (await grant.refresh(api, XCASE.tokens)).refresh == "refresh-2"
    with pytest.raises(RevokedError):
        await grant.refresh(api, Tokens(access="x", refresh="refresh-1"))


async def test_an_access_that_expires_is_renewed(kit: Kit, server: XServer) -> None:
    server.access = "other"
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert server.renewals == 2


# -- Posts ------------------------------------------------------------------------------------------------------------


async def test_a_post_says_what_has_to_be_disclosed(kit: Kit, server: XServer) -> None:
    recipe = Recipe(disclosure=Disclosure(synthetic=True, paid_promotion=True))
    request = kit.request(await kit.large(1000, recipe=recipe))
    assert await kit.drive(request) == "done"
    asked = server.posts[0]["asked"]
    assert (asked["made_with_ai"], asked["paid_partnership"]) == (True, True)
    claim = await kit.bench.claims.get(f"publish/{request.publication_id}")
    assert claim is not None
    assert claim.data["publication"]["url"] == f"https://x.com/i/web/status/{server.posts[0]['id']}"


async def test_an_upload_goes_on_at_the_segment_that_is_missing(kit: Kit, server: XServer) -> None:
    render = await kit.large(10_000_000)
    server.fail(r"POST /2/media/upload/\d+/append", None, "cut")
    assert await kit.drive(kit.request(render)) == "done"
    whole = [each for each in server.asked(r"POST /2/media/upload/\d+/append") if each.whole]
    assert [each.parts()["segment_index"] for each in whole] == [b"0", b"1", b"2"]
    assert (len(server.media), server.posted) == (1, [kit.sent(render)])


async def test_an_upload_that_was_ended_without_an_answer_is_asked_for(kit: Kit, server: XServer) -> None:
    server.fail(r"POST /2/media/upload/\d+/finalize", "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert (len(server.media), server.posted) == (1, [kit.sent(render)])


async def test_media_that_is_refused_half_way_is_begun_anew(kit: Kit, server: XServer) -> None:
    server.refuse_segments = 2
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert (len(server.media), server.posted) == (3, [kit.sent(render)])


@pytest.mark.parametrize("processing", [0, 6])
async def test_a_video_is_waited_for_as_long_as_x_says(kit: Kit, server: XServer, processing: int) -> None:
    server.processing = processing
    begun = kit.bench.clock.now
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert (kit.bench.clock.now - begun).total_seconds() == 3 * processing


async def test_a_video_that_x_cannot_show_is_refused_with_its_reason(kit: Kit, server: XServer) -> None:
    server.failing = "Unsupported video format"
    assert "Unsupported video format" in await kit.drive(kit.request(await kit.render()))
    assert server.posted == []


async def test_a_post_whose_answer_is_lost_is_found_by_its_media(kit: Kit, server: XServer) -> None:
    server.fail("POST /2/tweets", "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_a_post_that_x_shows_late_is_known_when_x_refuses_it_as_a_duplicate(kit: Kit, server: XServer) -> None:
    server.fail("POST /2/tweets", "after")
    server.shows = False
    render = await kit.render()
    with pytest.raises(AssertionError, match="not over"):
        await kit.drive(kit.request(render), deliveries=2)
    kit.bench.clock.move(300)
    server.shows = True
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_a_duplicate_that_x_does_not_show_after_an_unknown_outcome_is_left_to_a_person(
    kit: Kit, server: XServer
) -> None:
    server.fail("POST /2/tweets", "after")
    server.shows = False
    assert await kit.drive(kit.request(await kit.render())) == "unconfirmed"
    assert len(server.posted) == 1


async def test_a_post_behind_more_than_x_lists_is_left_to_a_person(kit: Kit, server: XServer) -> None:
    server.fail("POST /2/tweets", "after")
    request = kit.request(await kit.render())
    with pytest.raises(AssertionError, match="not over"):
        await kit.drive(request, deliveries=1)
    server.posts = [{**server.posts[0], "id": str(n), "key": f"13_{n}"} for n in range(100)] + server.posts
    assert await kit.drive(request) == "unconfirmed"
    assert len(server.posted) == 1


async def test_the_same_words_of_an_earlier_post_are_refused(kit: Kit, server: XServer) -> None:
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert "no text twice" in await kit.drive(kit.request(await kit.render(start=200.0)))
    assert len(server.posted) == 1


async def test_media_that_expired_is_sent_again(kit: Kit, server: XServer) -> None:
    server.limited = [(kit.bench.clock.now + timedelta(hours=24)).timestamp()]
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert (len(server.media), server.posted) == (2, [kit.sent(render)])


async def test_a_rate_limit_is_kept_to_the_second_that_x_names(kit: Kit, server: XServer) -> None:
    reset = kit.bench.clock.now + timedelta(minutes=9)
    server.limited = [reset.timestamp()]
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert 0 <= (kit.bench.clock.now - reset).total_seconds() < 30


@pytest.mark.parametrize("fault", ["429", "429 silent"])
async def test_a_rate_limit_without_that_header_only_takes_longer(kit: Kit, server: XServer, fault: Fault) -> None:
    server.fail("POST /2/tweets", fault, times=2)
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_credits_that_are_used_up_are_named(kit: Kit, server: XServer) -> None:
    server.paid = False
    assert "credits" in await kit.drive(kit.request(await kit.render()))
    assert server.media == {}


async def test_credits_that_end_before_an_unknown_outcome_is_known_lead_to_a_person(kit: Kit, server: XServer) -> None:
    server.fail("POST /2/tweets", "after")
    render = await kit.render()
    with pytest.raises(AssertionError, match="not over"):
        await kit.drive(kit.request(render), deliveries=1)
    server.paid = False
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    server.paid = True
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


def test_premium_accounts_may_post_longer_videos() -> None:
    assert open_x("http://127.0.0.1:1").limits.duration == (0.5, 140.0)
    assert open_x("http://127.0.0.1:1", x_longest_s=600.0).limits.duration == (0.5, 600.0)


# -- Search, counts, deletion -----------------------------------------------------------------------------------------


async def test_it_is_found_by_its_words_without_the_links(kit: Kit, server: XServer) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    words = server.posts[0]["asked"]["text"]
    found = await kit.platform.find(await kit.session(), kit.post(render, words))
    assert found is not None
    assert found.platform_id == server.posts[0]["id"]
    assert await kit.platform.find(await kit.session(), kit.post(render, "never posted")) is None
    server.posts += [{**server.posts[0], "id": str(n), "text": "x"} for n in range(100)]
    with pytest.raises(UnconfirmedError, match="last 100"):
        await kit.platform.find(await kit.session(), kit.post(render, "never posted"))


async def test_metrics_take_the_views_of_the_video(kit: Kit, server: XServer) -> None:
    assert await kit.drive(kit.request(await kit.render())) == "done"
    ident = server.posts[0]["id"]
    counted = await kit.platform.metrics(await kit.session(), [ident, *(str(n) for n in range(120))])
    assert list(counted) == [ident]
    told = counted[ident]
    assert (told.views, told.likes, told.comments, told.shares, told.saves) == (9, 4, 3, 3, 5)
    assert len(server.asked("GET /2/tweets")) == 2


async def test_a_post_is_deleted(kit: Kit, server: XServer) -> None:
    assert await kit.drive(kit.request(await kit.render())) == "done"
    await kit.platform.delete(await kit.session(), server.posts[0]["id"])
    assert server.posts == []


async def test_what_x_does_not_allow_is_said(kit: Kit, server: XServer) -> None:
    server.paid = False
    with pytest.raises(Reject, match="paid"):
        await kit.platform.delete(await kit.session(), "1")
