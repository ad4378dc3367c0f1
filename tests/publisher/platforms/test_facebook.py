"""Facebook, against a server that is as strict as its documentation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.publisher.ports import RevokedError, UnconfirmedError
from actors.publisher.store import key_of
from contracts.publishing import Metrics
from contracts.renders import Render
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from runtime.errors import Reject, Retry
from tests.publisher.platforms.facebook_server import FACEBOOK, PAGE, FacebookServer
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.meta_server import VERSION, error, upload_error
from tests.publisher.platforms.server import Reply
from tests.publisher.support import START, post_of
from tests.support.work import deliver

BACK = "http://127.0.0.1:8080/accounts/callback"
REELS = f"POST /{VERSION}/{PAGE}/video_reels"
UPLOAD = "POST /video-upload"
CASE = FACEBOOK


async def posted(kit: Kit, **more: object) -> tuple[Render, dict[str, str]]:
    """What was posted, and the form that finished it."""
    render = await kit.render()
    assert await kit.drive(kit.request(render, **more)) == "done"
    assert isinstance(kit.server, FacebookServer)
    (form,) = kit.server.finished.values()
    return render, form


# -- Accounts ---------------------------------------------------------------------------------------------------------


async def test_the_pages_that_may_be_posted_to_are_connected_with_tokens_of_their_own(kit: Kit) -> None:
    grant = kit.grant
    consent = await grant.consent(kit.api, {}, state="s1", verifier="v", redirect_uri=BACK)
    assert consent is not None
    assert urlsplit(consent.url).path == f"/{VERSION}/dialog/oauth"
    assert "pages_manage_posts" in parse_qs(urlsplit(consent.url).query)["scope"][0].split(",")
    tokens = await grant.tokens(kit.api, {"code": "AQB1"}, verifier="v", redirect_uri=BACK)
    (owner,) = await kit.platform.owners(kit.api, tokens)
    assert (owner.name, owner.title) == (PAGE, "My Films")
    assert (owner.tokens.access, owner.tokens.expires_at) == ("page-1", None)


async def test_a_login_that_did_not_come_off_is_told_in_the_platforms_words(kit: Kit) -> None:
    with pytest.raises(Reject, match="has been used"):
        await kit.grant.tokens(kit.api, {"code": "old"}, verifier="v", redirect_uri=BACK)


async def test_who_does_not_let_it_post_is_told_which_permission_is_lacking(kit: Kit, server: FacebookServer) -> None:
    server.refused_scopes = {"pages_manage_posts"}
    with pytest.raises(Reject, match="pages_manage_posts"):
        await kit.grant.tokens(kit.api, {"code": "AQB1"}, verifier="v", redirect_uri=BACK)


async def test_who_has_no_page_to_post_to_is_told_so(kit: Kit, server: FacebookServer) -> None:
    server.tasks = ["ANALYZE"]
    with pytest.raises(Reject, match="no Page"):
        await kit.platform.owners(kit.api, FACEBOOK.tokens.model_copy(update={"access": "person"}))


async def test_the_token_of_a_page_is_asked_for_again_with_the_persons(kit: Kit, server: FacebookServer) -> None:
    server.token = server.page_token = "page-2"
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


@pytest.mark.parametrize("person", ["person", "somebody else"])
async def test_a_page_that_gets_no_other_token_has_to_be_connected_again(kit: Kit, person: str) -> None:
    stale = FACEBOOK.tokens.model_copy(update={"more": {"user": person, "page": PAGE}})
    with pytest.raises(RevokedError):
        await kit.grant.refresh(kit.api, stale)


# -- Posts ------------------------------------------------------------------------------------------------------------


async def test_a_reel_has_its_words_and_is_there_when_it_is_said_to_be(kit: Kit, server: FacebookServer) -> None:
    server.works_for = 4
    render = await kit.render()
    work = await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    ((video, form),) = server.finished.items()
    assert (form["video_state"], form["title"]) == ("PUBLISHED", "A short")
    assert "What it is about" in form["description"]
    assert "CC BY 4.0" in form["description"]
    (done,) = work.of(PUBLISH_DONE)
    assert done.publication.url == f"https://www.facebook.com/reel/{video}"
    assert server.left[video] < 0


async def test_facebook_keeps_the_time_of_a_post_itself(kit: Kit) -> None:
    at = START + timedelta(hours=2)
    _, form = await posted(kit, publish_at=at)
    assert (form["video_state"], form["scheduled_publish_time"]) == ("SCHEDULED", str(int(at.timestamp())))
    assert not kit.bench.timers.set


async def test_a_post_whose_time_came_too_near_meanwhile_is_shown_when_it_is_due(
    kit: Kit, server: FacebookServer
) -> None:
    at = START + timedelta(minutes=12)
    server.fail(UPLOAD, "before", "before", "before", "before", "before")
    render = await kit.render()
    request = kit.request(render, publish_at=at)
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, request)
    kit.bench.clock.move(180)
    assert await kit.drive(request) == "done"
    (form,) = server.finished.values()
    assert form["video_state"] == "PUBLISHED"
    assert kit.bench.clock() >= at


async def test_an_upload_that_breaks_goes_on_where_facebook_says_that_it_got_to(
    kit: Kit, server: FacebookServer
) -> None:
    server.fail(UPLOAD, "cut")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    first, second = server.asked(UPLOAD)
    assert int(second.headers["offset"]) == len(first.body) > 0
    assert server.posted == [kit.sent(render)]


async def test_an_upload_whose_answer_was_lost_is_not_sent_again(kit: Kit, server: FacebookServer) -> None:
    server.fail(UPLOAD, "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert len(server.asked(UPLOAD)) == 1


async def test_an_upload_that_cannot_go_on_begins_anew(kit: Kit, server: FacebookServer) -> None:
    server.refuses.append((UPLOAD, upload_error(retriable=False, message="broken")))
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


@pytest.mark.parametrize("reply", [error(1), error(6000), error(80001), error(2, is_transient=True), Reply(503, b"{}")])
@pytest.mark.parametrize("place", [0, 1], ids=["start", "finish"])
async def test_what_passes_is_tried_again_until_it_is_posted_once(
    kit: Kit, server: FacebookServer, place: int, reply: Reply
) -> None:
    server.refuses.append((REELS, reply))
    server.passed[REELS] = place
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


@pytest.mark.parametrize(
    ("reply", "advice"),
    [(error(368), "policy"), (error(200), "Connect the account again"), (error(1363130), "Correct")],
)
async def test_what_facebook_never_takes_is_refused_with_what_to_do(
    kit: Kit, server: FacebookServer, reply: Reply, advice: str
) -> None:
    server.refuses.append((REELS, reply))
    said = await kit.drive(kit.request(await kit.render()))
    assert said.startswith("rejected")
    assert advice in said


async def test_a_video_that_cannot_be_shown_is_refused_and_not_called_published(
    kit: Kit, server: FacebookServer
) -> None:
    server.fails.append({"code": 1363008, "message": "The video is broken"})
    said = await kit.drive(kit.request(await kit.render()))
    assert "The video is broken" in said
    assert not server.posted


async def test_a_video_that_failed_by_facebooks_own_trouble_is_uploaded_anew(kit: Kit, server: FacebookServer) -> None:
    server.fails.append({"code": 6000, "message": "There was a problem uploading your video"})
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_a_video_that_vanished_after_an_unknown_outcome_is_left_to_a_person(
    kit: Kit, server: FacebookServer
) -> None:
    server.fail_at(3, "after")
    render = await kit.render()
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    server.deleted += list(server.finished)
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    assert len(server.posted) == 1


async def test_a_refusal_after_which_facebook_cannot_be_asked_leaves_it_unknown(
    kit: Kit, server: FacebookServer
) -> None:
    server.passed[REELS] = 1
    server.refuses += [(REELS, error(10)), (f"GET /{VERSION}/179", error(4))]
    request = kit.request(await kit.render())
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, request)
    claim = await kit.bench.claims.get(key_of(request.publication_id))
    assert claim is not None
    assert list(claim.data["begun"]) == ["finish"]
    assert await kit.drive(request) == "done"


async def test_a_page_that_may_not_be_asked_after_a_reel_was_finished_is_not_posted_to_again(
    kit: Kit, server: FacebookServer
) -> None:
    server.refuses.append((f"GET /{VERSION}/179", error(200)))
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_a_video_that_is_worked_on_for_hours_is_left_to_a_person(kit: Kit, server: FacebookServer) -> None:
    server.works_for = 1000
    render = await kit.render()
    with pytest.raises(Retry, match="still working"):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    kit.bench.clock.move(7200)
    assert await kit.drive(kit.request(render)) == "unconfirmed"


# -- Afterwards -------------------------------------------------------------------------------------------------------


async def test_a_reel_is_found_by_its_words(kit: Kit, server: FacebookServer) -> None:
    render, form = await posted(kit)
    post = replace(post_of(render), description=form["description"])
    found = await kit.platform.find(await kit.session(), post)
    assert found is not None
    assert found.platform_id == form["video_id"]
    never = replace(post, description="Never posted")
    assert await kit.platform.find(await kit.session(), never) is None
    with pytest.raises(UnconfirmedError, match="unlisted"):
        await kit.platform.find(await kit.session(), replace(never, publish_at=kit.bench.clock() + timedelta(hours=1)))
    server.reels.append({**server.reels[0], "id": "2"})
    with pytest.raises(UnconfirmedError, match="2 reels"):
        await kit.platform.find(await kit.session(), post)


async def test_a_reel_is_deleted_also_if_it_is_gone_already(kit: Kit, server: FacebookServer) -> None:
    _, form = await posted(kit)
    for _ in range(2):
        await kit.platform.delete(await kit.session(), form["video_id"])
    assert server.deleted == [form["video_id"]]


async def test_metrics_are_read_also_where_one_of_them_is_not_known(kit: Kit, server: FacebookServer) -> None:
    _, form = await posted(kit)
    counted = await kit.platform.metrics(await kit.session(), [form["video_id"], "404"])
    whole = Metrics(views=2000, likes=5, comments=4, shares=3, watched_s=2.0, average_s=2.0)
    assert counted == {form["video_id"]: whole}
    server.lacks = {"blue_reels_play_count", "post_video_view_time"}
    counted = await kit.platform.metrics(await kit.session(), [form["video_id"]])
    assert counted == {form["video_id"]: whole.model_copy(update={"watched_s": None})}


async def test_a_dry_run_shows_the_requests_that_are_sent(kit: Kit, server: FacebookServer) -> None:
    render, form = await posted(kit)
    plan = kit.platform.plan(kit.account, post_of(render), FACEBOOK.tokens)
    assert "page-1" not in repr(plan)
    paths = [urlsplit(call.url).path.replace("{video}", form["video_id"]) for call in plan]
    paths[1] = f"/video-upload/{VERSION}/{form['video_id']}"
    assert paths == [each.path for each in server.requests][:4]
    assert [call.method for call in plan] == [each.method for each in server.requests][:4]
