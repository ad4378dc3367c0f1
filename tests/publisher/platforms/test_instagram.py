"""Instagram, against a server that is as strict as its documentation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.publisher.ports import Post, RevokedError, UnconfirmedError
from contracts.keys import render_uri
from contracts.publishing import Disclosure
from contracts.renders import Recipe
from contracts.subjects import PUBLISH_DONE, PUBLISH_PLANNED, PUBLISH_REQUESTED
from runtime.errors import Reject
from tests.publisher.platforms.instagram_server import INSTAGRAM, SEEN_AT, USER, InstagramServer, opened
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.meta_server import VERSION, upload_error
from tests.publisher.support import START, post_of
from tests.support.work import deliver

BACK = "http://127.0.0.1:8080/accounts/callback"
CREATE = f"POST /{VERSION}/{USER}/media"
UPLOAD = "POST /ig-api-upload"
CASE = INSTAGRAM


async def posted(kit: Kit) -> Post:
    """What was posted."""
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert isinstance(kit.server, InstagramServer)
    return replace(post_of(render), description=kit.server.media[0]["caption"])


# -- Accounts ----------------------------------------------------------------------------------------------------------


async def test_an_account_is_connected_with_a_code_that_becomes_a_token_of_sixty_days(kit: Kit) -> None:
    grant = kit.grant
    consent = await grant.consent(kit.api, {}, state="s1", verifier="v", redirect_uri=BACK)
    assert consent is not None
    query = parse_qs(urlsplit(consent.url).query)
    assert query["client_id"] == ["app"]
    assert query["state"] == ["s1"]
    assert "instagram_business_content_publish" in query["scope"][0].split(",")
    tokens = await grant.tokens(kit.api, {"code": "AQB1#_"}, verifier="v", redirect_uri=BACK)
    assert tokens.access == "ig-1"
    assert tokens.expires_at is not None
    (owner,) = await kit.platform.owners(kit.api, tokens)
    assert (owner.name, owner.title) == (USER, "@me.films")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"error": "access_denied", "error_description": "The user denied your request"}, "denied"),
        ({"code": "x"}, "Inv"),
    ],
)
async def test_a_login_that_did_not_come_off_is_told_in_the_platforms_words(
    kit: Kit, given: dict[str, str], said: str
) -> None:
    with pytest.raises(Reject, match=said):
        await kit.grant.tokens(kit.api, given, verifier="v", redirect_uri=BACK)


async def test_who_does_not_let_it_post_is_told_which_permission_is_lacking(kit: Kit, server: InstagramServer) -> None:
    server.permissions = ["instagram_business_basic"]
    with pytest.raises(Reject, match="instagram_business_content_publish"):
        await kit.grant.tokens(kit.api, {"code": "AQB1"}, verifier="v", redirect_uri=BACK)


async def test_a_private_account_is_no_account_to_post_to(kit: Kit, server: InstagramServer) -> None:
    server.account_type = "PERSONAL"
    with pytest.raises(Reject, match="professional"):
        await kit.platform.owners(kit.api, INSTAGRAM.tokens)


async def test_a_token_renews_itself_while_it_is_good_and_not_after(kit: Kit, server: InstagramServer) -> None:
    grant, server.token = kit.grant, "ig-2"
    fresh = await grant.refresh(kit.api, INSTAGRAM.tokens)
    assert fresh.access == "ig-2"
    with pytest.raises(RevokedError, match="expired"):
        await grant.refresh(kit.api, fresh)


async def test_a_token_that_is_refused_is_renewed_on_the_way_and_nothing_is_posted_twice(
    kit: Kit, server: InstagramServer
) -> None:
    server.token = "ig-2"
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


# -- Posts -------------------------------------------------------------------------------------------------------------


async def test_a_reel_has_its_caption_and_says_that_it_was_made_by_a_machine(kit: Kit, server: InstagramServer) -> None:
    render = await kit.render()
    made = Recipe(disclosure=Disclosure(synthetic=True, paid_promotion=True))
    await kit.bench.media.write(render_uri(render.render_id), render.model_copy(update={"recipe": made}))
    work = await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    (form,) = server.asked_for.values()
    assert form["is_ai_generated"] == form["share_to_feed"] == "true"
    assert "What it is about" in form["caption"]
    assert "CC BY 4.0" in form["caption"]
    (done,) = work.of(PUBLISH_DONE)
    promoted, covered = done.publication.notes
    assert "a paid promotion" in promoted
    assert "CLIPWIRE_INSTAGRAM_MEDIA_BASE_URL" in covered
    assert done.publication.url == f"https://www.instagram.com/reel/{done.publication.platform_id}/"
    assert done.publication.published_at.strftime("%Y-%m-%dT%H:%M:%S%z") == SEEN_AT


async def test_what_is_not_made_by_a_machine_is_not_said_to_be(kit: Kit, server: InstagramServer) -> None:
    await posted(kit)
    assert all("is_ai_generated" not in form for form in server.asked_for.values())


async def test_an_account_that_has_used_its_day_waits_before_the_first_byte(kit: Kit, server: InstagramServer) -> None:
    server.quota = (50, 50)
    render = await kit.render()
    (planned,) = (await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))).of(PUBLISH_PLANNED)
    assert planned.at == START + timedelta(hours=1)
    assert "50 posts" in planned.note
    assert not server.asked("POST")
    server.quota = (49, 50)
    assert await kit.drive(kit.request(render)) == "done"


async def test_too_many_mentions_are_refused_before_the_first_byte(kit: Kit, server: InstagramServer) -> None:
    render = await kit.render()
    said = await kit.drive(kit.request(render, description="@you " * 21))
    assert "more than 20 mentions" in said
    assert not server.requests


async def test_an_upload_that_breaks_goes_on_where_instagram_says_that_it_got_to(
    kit: Kit, server: InstagramServer
) -> None:
    server.fail(UPLOAD, "cut")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    first, second = server.asked(UPLOAD)
    assert int(second.headers["offset"]) == len(first.body) > 0
    assert server.posted == [kit.sent(render)]


async def test_where_instagram_does_not_say_that_the_upload_begins_anew(kit: Kit, server: InstagramServer) -> None:
    server.resumes = False
    server.fail(UPLOAD, "cut", "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert [int(each.headers["offset"]) for each in server.asked(UPLOAD)] == [0, 0, 0]
    assert server.posted == [kit.sent(render)]


async def test_an_upload_that_cannot_go_on_gets_a_new_container(kit: Kit, server: InstagramServer) -> None:
    server.refuses.append((UPLOAD, upload_error(retriable=False, message="broken")))
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert len(server.asked(CREATE + "$")) == 2
    assert server.posted == [kit.sent(render)]


async def test_a_video_that_spends_one_container_after_the_other_is_refused(kit: Kit, server: InstagramServer) -> None:
    server.refuses += [(UPLOAD, upload_error(retriable=False, message="broken"))] * 9
    said = await kit.drive(kit.request(await kit.render()))
    assert "6 uploads in a row" in said
    assert not server.posted


async def test_a_media_folder_that_is_public_is_fetched_from_in_place_of_an_upload(
    server: InstagramServer, tmp_path: Path
) -> None:
    case = replace(INSTAGRAM, open=lambda url: opened(url, instagram_media_base_url="https://media.example/"))
    with server.running():
        async with Kit(case, server, tmp_path) as kit:
            render = await kit.render()
            (done,) = (await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))).of(PUBLISH_DONE)
    assert done.publication.notes == ()
    (form,) = server.asked_for.values()
    assert form["video_url"] == "https://media.example/" + render.video.uri.removeprefix("media://")
    assert form["cover_url"].endswith("/thumb.jpg")
    assert not server.asked(UPLOAD)


# -- Afterwards --------------------------------------------------------------------------------------------------------


async def test_a_reel_is_found_by_its_words_through_all_pages(kit: Kit, server: InstagramServer) -> None:
    post = await posted(kit)
    other = {"caption": "Another", "media_product_type": "REELS", "timestamp": SEEN_AT, "permalink": "x"}
    server.media[:0] = [{**other, "id": str(number)} for number in range(5)]
    found = await kit.platform.find(await kit.session(), post)
    assert found is not None
    assert found.platform_id == server.media[-1]["id"]
    assert await kit.platform.find(await kit.session(), replace(post, description="Never posted")) is None


async def test_of_two_reels_with_the_same_words_none_is_guessed(kit: Kit, server: InstagramServer) -> None:
    post = await posted(kit)
    server.media.append({**server.media[0], "id": "2"})
    with pytest.raises(UnconfirmedError, match="2 reels"):
        await kit.platform.find(await kit.session(), post)


async def test_a_reel_cannot_be_deleted_and_that_is_said(kit: Kit) -> None:
    with pytest.raises(Reject, match="does not let programs delete"):
        await kit.platform.delete(await kit.session(), "1")


async def test_metrics_are_read_also_where_one_of_them_is_not_known(kit: Kit, server: InstagramServer) -> None:
    await posted(kit)
    ident = server.media[0]["id"]
    counted = await kit.platform.metrics(await kit.session(), [ident, "404"])
    assert list(counted) == [ident]
    assert counted[ident].views is not None
    assert counted[ident].watched_s == 1.0
    server.lacks = {"saved"}
    counted = await kit.platform.metrics(await kit.session(), [ident])
    assert counted[ident].saves is None
    assert counted[ident].views == 1000


async def test_a_dry_run_shows_the_requests_that_are_sent(kit: Kit, server: InstagramServer) -> None:
    post = await posted(kit)
    plan = kit.platform.plan(kit.account, post, INSTAGRAM.tokens)
    assert "ig-1" not in repr(plan)
    planned = [f"{call.method} {urlsplit(call.url).path.replace('{container}', '17900001')}" for call in plan]
    planned = [where.replace("{upload_url}", "/ig-api-upload/v26.0/17900001") for where in planned]
    sent = list(dict.fromkeys(f"{each.method} {each.path}" for each in server.requests))
    assert planned[:-1] == sent[:-1]
