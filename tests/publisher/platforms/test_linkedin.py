"""LinkedIn, against a server that is as strict as its documentation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.adapters.platforms.linkedin_calls import little, parts_of
from actors.publisher.ports import Post, RevokedError, Tokens, UnconfirmedError
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from runtime.errors import Reject, Retry
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.linkedin_server import (
    LINKEDIN,
    LINKEDIN_ORGANIZATION,
    PART,
    SHOWN_AT,
    LinkedInServer,
    opened,
    problem,
)
from tests.publisher.platforms.server import Fault, Reply
from tests.publisher.support import START, post_of
from tests.support.work import deliver

BACK = "http://127.0.0.1:8080/accounts/callback"
POST, PUT, VIDEOS = "POST /rest/posts", "PUT /dms-uploads", "POST /rest/videos"
CASE = LINKEDIN
of_organization = pytest.mark.parametrize("case", [LINKEDIN_ORGANIZATION], ids=["of organization"])


async def posted(kit: Kit) -> Post:
    """What was posted."""
    render = await kit.render()
    work = await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    (done,) = work.of(PUBLISH_DONE)
    return replace(post_of(render), account_id=kit.account.account_id, description=done.publication.description)


# -- Accounts ---------------------------------------------------------------------------------------------------------


async def test_a_member_is_connected_with_a_code(kit: Kit) -> None:
    grant = kit.grant
    consent = await grant.consent(kit.api, {}, state="s1", verifier="v", redirect_uri=BACK)
    assert consent is not None
    assert parse_qs(urlsplit(consent.url).query)["scope"] == ["openid profile w_member_social"]
    tokens = await grant.tokens(kit.api, {"code": "c1"}, verifier="v", redirect_uri=BACK)
    assert (tokens.access, tokens.refresh) == ("li-1", None)
    (owner,) = await kit.platform.owners(kit.api, tokens)
    assert (owner.name, owner.title) == ("person-aB_1-x", "Me Myself")
    with pytest.raises(RevokedError):
        await grant.refresh(kit.api, tokens)


async def test_organizations_are_connected_where_that_is_wanted(server: LinkedInServer, tmp_path: Path) -> None:
    case = replace(LINKEDIN, open=lambda url: opened(url, linkedin_organizations=True))
    with server.running():
        async with Kit(case, server, tmp_path) as kit:
            owners = await kit.platform.owners(kit.api, LINKEDIN.tokens)
    assert [(owner.name, owner.title) for owner in owners][1:] == [("organization-77", "Films & Co")]


async def test_who_does_not_let_it_post_is_told_which_permission_is_lacking(kit: Kit) -> None:
    with pytest.raises(Reject, match="w_member_social"):
        await kit.platform.owners(kit.api, Tokens(access="li-1", scopes=("openid", "profile")))


async def test_a_token_that_is_refused_is_renewed_where_linkedin_gave_what_for(
    kit: Kit, server: LinkedInServer
) -> None:
    server.token = "li-2"
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


# -- Posts ------------------------------------------------------------------------------------------------------------


async def test_a_post_has_its_words_escaped_and_its_hashtags_kept(kit: Kit, server: LinkedInServer) -> None:
    render = await kit.render()
    words = "C# (really) costs 5 *stars* #AiTools"
    work = await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render, description=words))
    (post,) = server.posts
    assert r"C\# \(really\) costs 5 \*stars\* #AiTools" in post["commentary"]
    assert post["content"]["media"]["title"] == "A short"
    assert post["author"] == "urn:li:person:aB_1-x"
    (done,) = work.of(PUBLISH_DONE)
    assert done.publication.url == "https://www.linkedin.com/feed/update/urn:li:share:6000/"


@given(st.text())
def test_no_reserved_character_is_left_bare_and_no_other_is_touched(text: str) -> None:
    escaped, plain, bare = little(text), "", ""
    letters = iter(escaped)
    for letter in letters:
        following = next(letters) if letter == "\\" else ""
        plain += following or letter
        bare += letter if not following else ""
    assert plain == text
    assert not set("|{}@[]()<>*_~") & set(bare)


async def test_parts_go_to_their_addresses_without_a_token(kit: Kit, server: LinkedInServer) -> None:
    await posted(kit)
    puts = server.asked(PUT)
    assert len(puts) > 3
    assert all("authorization" not in put.headers for put in puts)


async def test_parts_that_arrived_are_not_sent_again_after_a_break(kit: Kit, server: LinkedInServer) -> None:
    server.fail(f"{PUT}/C5F10/{2 * PART}", "before", times=4)
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert len(server.asked(f"{PUT}/C5F10/{PART}")) == 1
    assert len(server.asked(VIDEOS)) == 2
    assert server.posted == [kit.sent(render)]


async def test_an_upload_that_takes_no_more_begins_anew(kit: Kit, server: LinkedInServer) -> None:
    server.forgets.add("C5F10")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_an_upload_whose_addresses_have_expired_meanwhile_begins_anew(kit: Kit, server: LinkedInServer) -> None:
    server.expires_at = int(START.timestamp() * 1000) + 60_000
    server.fail(f"{PUT}/C5F10/{PART}", "before", times=4)
    render = await kit.render()
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    kit.bench.clock.move(60)
    server.expires_at = SHOWN_AT
    assert await kit.drive(kit.request(render)) == "done"
    assert not server.asked(f"{PUT}/C5F10/{2 * PART}")
    assert server.posted == [kit.sent(render)]


async def test_an_upload_that_linkedin_drops_again_and_again_is_refused(kit: Kit, server: LinkedInServer) -> None:
    server.forgets |= {f"C5F{number}" for number in range(10, 30)}
    assert "5 uploads in a row" in await kit.drive(kit.request(await kit.render()))


async def test_finalizing_whose_answer_was_lost_is_not_taken_for_a_failure(kit: Kit, server: LinkedInServer) -> None:
    server.fail(f"{VIDEOS}", None, "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert len(server.sizes) == 1
    assert server.posted == [kit.sent(render)]


async def test_a_video_that_cannot_be_shown_is_refused_with_linkedins_reason(kit: Kit, server: LinkedInServer) -> None:
    server.fails = "UNSUPPORTED_CODEC"
    assert "UNSUPPORTED_CODEC" in await kit.drive(kit.request(await kit.render()))
    assert not server.posts


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        (problem(422, "DUPLICATE_POST", "Content is a duplicate of urn:li:share:6"), "another `description`"),
        (problem(403, "ACCESS_DENIED", "Not enough permissions"), "Connect the account again"),
        (problem(426, "NONEXISTENT_VERSION", "Not active"), "CLIPWIRE_LINKEDIN_VERSION"),
        (problem(400, "", "Something is wrong"), "Something is wrong"),
    ],
)
async def test_what_linkedin_never_takes_is_refused_with_what_to_do(
    kit: Kit, server: LinkedInServer, reply: Reply, advice: str
) -> None:
    server.refuses.append(reply)
    said = await kit.drive(kit.request(await kit.render()))
    assert said.startswith("rejected")
    assert advice in said


async def test_a_members_post_whose_answer_was_lost_is_left_to_a_person(kit: Kit, server: LinkedInServer) -> None:
    server.fail(POST, "after")
    assert await kit.drive(kit.request(await kit.render())) == "unconfirmed"
    assert len(server.posted) == 1


@of_organization
@pytest.mark.parametrize("fault", ["after", "before"])
async def test_an_organizations_post_whose_answer_was_lost_is_looked_for_by_its_video(
    kit: Kit, server: LinkedInServer, fault: Fault
) -> None:
    server.fail(POST, fault)
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


@of_organization
async def test_a_post_behind_more_than_is_read_is_left_to_a_person(kit: Kit, server: LinkedInServer) -> None:
    server.fail(POST, "after")
    request = kit.request(await kit.render())
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, request)
    [post] = server.posts
    server.posts = [{**post, "content": {}, "id": f"urn:li:share:{number}"} for number in range(1000)] + [post]
    assert await kit.drive(request) == "unconfirmed"
    assert len(server.posted) == 1


# -- Afterwards -------------------------------------------------------------------------------------------------------


@of_organization
async def test_an_organizations_post_is_found_by_its_words_and_deleted(kit: Kit, server: LinkedInServer) -> None:
    post = await posted(kit)
    platform, session = kit.platform, await kit.session()
    found = await platform.find(session, post)
    assert found is not None
    assert found.platform_id == "urn:li:share:6000"
    assert await platform.find(session, replace(post, description="Never posted")) is None
    server.posts.append({**server.posts[0], "id": "urn:li:share:1"})
    with pytest.raises(UnconfirmedError, match="2 posts"):
        await platform.find(session, post)
    for _ in range(2):
        await platform.delete(session, "urn:li:share:6000")
    assert [each["id"] for each in server.posts] == ["urn:li:share:1"]


async def test_a_members_posts_are_listed_for_nobody(kit: Kit) -> None:
    post = await posted(kit)
    with pytest.raises(UnconfirmedError, match="does not let programs read"):
        await kit.platform.find(await kit.session(), post)


def test_parts_that_leave_a_gap_are_taken_for_none() -> None:
    def told(*spans: tuple[int, int]) -> dict[str, object]:
        return {"uploadInstructions": [{"uploadUrl": "u", "firstByte": a, "lastByte": b} for a, b in spans]}

    assert len(parts_of(told((0, 3), (4, 9)), 10)) == 2
    for wrong in (told((0, 3), (5, 9)), told((0, 3)), told(), {"uploadInstructions": [{"uploadUrl": "u"}]}, {}):
        assert parts_of(wrong, 10) == []
