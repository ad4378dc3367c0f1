"""PeerTube, against a server that behaves as an instance does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actors.publisher.adapters.platforms.peertube import PeerTube
from actors.publisher.ports import RevokedError, Tokens, UnconfirmedError
from contracts.keys import transcript_uri
from contracts.media import Rights, Transcript
from contracts.publishing import Disclosure, Metrics
from contracts.renders import Recipe
from runtime.errors import Reject, Retry
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.peertube_server import PEERTUBE, PEERTUBE_IN_PIECES, PeerTubeServer, problem
from tests.publisher.platforms.server import json_reply
from tests.publisher.support import START

INIT, PUT = "POST /api/v1/videos/upload-resumable", "PUT /api/v1/videos/upload-resumable"
CASE = PEERTUBE
in_pieces = pytest.mark.parametrize("case", [PEERTUBE_IN_PIECES], ids=["in pieces"])


async def connect(kit: Kit, **given: str) -> Tokens:
    answers = {"base_url": kit.server.url, "username": "me", "password": "secret", **given}
    return await kit.grant.tokens(kit.api, answers, verifier="", redirect_uri="")


# -- Accounts ----------------------------------------------------------------------------------------------------------


async def test_an_account_is_connected_with_a_password_that_is_not_kept(kit: Kit) -> None:
    grant, api = kit.grant, kit.api
    assert await grant.consent(api, {}, state="", verifier="", redirect_uri="") is None
    assert [each.name for each in grant.asks] == ["base_url", "username", "password", "otp", "channel"]
    assert [each.secret for each in grant.asks] == [False, False, True, False, False]
    tokens = await connect(kit)
    assert "secret" not in tokens.more.values() and tokens.refresh_expires_at is not None
    (owner,) = await kit.platform.owners(api, tokens)
    host = kit.server.url.removeprefix("http://")
    assert owner.name == f"clips~{host.replace(':', '-')}" and owner.title == f"My clips ({host})"
    assert owner.details == {"base_url": kit.server.url, "channel_id": "5", "channel": "clips"}


async def test_another_channel_is_connected_by_its_name(kit: Kit) -> None:
    api = kit.api
    (owner,) = await kit.platform.owners(api, await connect(kit, channel="other"))
    assert owner.details["channel_id"] == "6"
    with pytest.raises(Reject, match=r"no channel 'third'.*clips, other"):
        await kit.platform.owners(api, await connect(kit, channel="third"))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"password": "wrong"}, "name or the password is wrong"),
        ({}, "second factor: give its code"),
        ({"otp": "000000"}, "second factor is wrong"),
    ],
)
async def test_a_login_that_fails_says_why(kit: Kit, server: PeerTubeServer, given: dict[str, str], says: str) -> None:
    server.otp = "123456"
    with pytest.raises(Reject, match=says):
        await connect(kit, **given)
    assert (await connect(kit, otp="123456")).access


async def test_what_is_no_instance_is_said_to_be_none(kit: Kit, server: PeerTubeServer) -> None:
    with pytest.raises(Reject, match="no address of a PeerTube instance"):
        await connect(kit, base_url="ftp://videos.example.org")
    with pytest.raises(Reject, match="does not answer as a PeerTube instance"):
        server._routes.insert(0, ("GET", server._routes[0][1], lambda request: json_reply({}), False))
        await connect(kit)


async def test_refresh_tokens_rotate_and_one_that_was_used_is_dead(kit: Kit) -> None:
    grant, api = kit.grant, kit.api
    tokens = await connect(kit)
    fresh = await grant.refresh(api, tokens)
    assert fresh.refresh != tokens.refresh and fresh.more == tokens.more
    with pytest.raises(RevokedError, match="refresh token is invalid"):
        await grant.refresh(api, tokens)


async def test_an_access_token_that_has_expired_is_renewed_in_the_middle_of_a_post(
    kit: Kit, server: PeerTubeServer
) -> None:
    server.access = "at.other"
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


# -- Posts -------------------------------------------------------------------------------------------------------------


async def test_a_video_is_described_with_its_words_and_licence_and_gets_thumbnail_and_captions(
    kit: Kit, server: PeerTubeServer
) -> None:
    render = await kit.render()
    heard = Transcript(
        clip_id=render.clip_id, language="en-GB", method="captions:srt", timing="spread", words=(), sentences=()
    )
    await kit.bench.media.write(transcript_uri(render.clip_id), heard)
    assert await kit.told(render) == ("done", [])
    (video,) = server.videos.values()
    assert video["name"] == "A short" and "What it is about" in video["description"]
    assert video["licence"] == 1 and video["language"] == "en" and video["privacy"] == 1
    assert video["filename"] == f"{kit.request(render).publication_id}.mp4" and video["channelId"] == 5
    assert video["tags"][0] == "ai"
    assert server.thumbnails["short42"].startswith(b"thumbnail of")
    assert server.captions["short42"][0] == "en" and server.captions["short42"][1].startswith(b"captions of")


@pytest.mark.parametrize(
    ("licence", "number"),
    [
        ("CC-BY-4.0", 1),
        ("CC-BY-SA-3.0", 2),
        ("CC-BY-NC-ND-4.0", 6),
        ("CC0-1.0", 7),
        ("creativeCommon", 1),
        (None, None),
    ],
)
async def test_the_licence_is_that_of_the_render(
    kit: Kit, server: PeerTubeServer, licence: str | None, number: int | None
) -> None:
    render = await kit.changed(rights=Rights(status="licensed", licence=licence))
    assert await kit.drive(kit.request(render)) == "done"
    (video,) = server.videos.values()
    assert video.get("licence") == number


async def test_the_instance_itself_is_given_the_time_of_what_comes_later(kit: Kit, server: PeerTubeServer) -> None:
    render, when = await kit.render(), START + timedelta(hours=5)
    assert await kit.drive(kit.request(render, publish_at=when)) == "done"
    (video,) = server.videos.values()
    assert video["privacy"] == 3 and video["scheduleUpdate"] == {"updateAt": "2026-11-21T17:00:00Z", "privacy": 1}


async def test_what_cannot_be_added_or_disclosed_is_told_and_fails_nothing(kit: Kit, server: PeerTubeServer) -> None:
    render = await kit.changed(recipe=Recipe(disclosure=Disclosure(synthetic=True)))
    server.refusals["changed"] = [problem(400, "The thumbnail is not supported")]
    outcome, notes = await kit.told(render)
    assert outcome == "done" and len(server.posted) == 1
    assert "The thumbnail is not supported" in notes[0] and "no mark for what is synthetic" in notes[1]


async def test_no_room_is_refused_before_the_first_byte_and_a_days_room_is_waited_for(
    kit: Kit, server: PeerTubeServer
) -> None:
    session, post = await kit.session(), kit.post(await kit.render())
    server.daily = 2000
    with pytest.raises(Retry, match="today's room"):
        await kit.platform.check(session, post)
    server.room = 2000
    with pytest.raises(Reject, match="do not fit"):
        await kit.platform.check(session, post)
    server.room = server.daily = 10**9
    await kit.platform.check(session, post)
    assert not server.asked(INIT)


@in_pieces
async def test_a_dry_run_shows_the_requests_that_are_sent(kit: Kit, server: PeerTubeServer) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    post = kit.post(render, cover=await kit.bench.media.local(render.thumbnail.uri))
    planned = kit.platform.plan(kit.account, post, PEERTUBE.tokens)
    sent = [each for each in server.requests if each.method != "GET" and each.headers["content-length"] != "0"]
    assert [(call.method, call.headers.get("Content-Range")) for call in planned] == [
        (each.method, each.headers.get("content-range")) for each in sent
    ]
    assert planned[0].json["filename"] == sent[0].json()["filename"]


# -- Refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "detail", "says"),
    [
        (400, "Incorrect request parameters: name", "Incorrect request parameters: name"),
        (403, "Cannot upload to this channel", "may upload to this channel"),
        (413, "The user video quota is exceeded with this video", "more room"),
        (415, "This file is not supported", "Render it as MP4"),
    ],
)
async def test_a_refusal_names_what_is_wrong_and_what_to_do(
    kit: Kit, server: PeerTubeServer, status: int, detail: str, says: str
) -> None:
    server.refusals["opened"] = [problem(status, detail)]
    outcome = await kit.drive(kit.request(await kit.render()))
    assert outcome.startswith("rejected") and detail in outcome and says in outcome and not server.posted


async def test_a_file_that_the_instance_cannot_read_is_refused_for_good(kit: Kit, server: PeerTubeServer) -> None:
    server.refusals["piece"] = [problem(422, "Video file unreadable.")]
    outcome = await kit.drive(kit.request(await kit.render()))
    assert outcome.startswith("rejected") and "unreadable" in outcome


# -- What is there -----------------------------------------------------------------------------------------------------


async def test_a_video_is_found_over_several_pages_and_not_sought_among_old_ones(
    kit: Kit, server: PeerTubeServer
) -> None:
    render, session = await kit.render(), await kit.session()
    post = kit.post(render)
    assert await kit.platform.find(session, post) is None
    for number in range(30):
        server.add(f"other{number}", "Another", f"{number}.mp4", days_ago=number / 200)
    server.add("mine", "Renamed by hand", f"{post.publication_id}.mp4", days_ago=1)
    found = await kit.platform.find(session, post)
    assert found is not None and found.url == f"{server.url}/w/mine"
    server.add("mine", "Renamed by hand", f"{post.publication_id}.mp4", days_ago=9)
    assert isinstance(kit.platform, PeerTube)
    assert await kit.platform.find(session, post, START - timedelta(days=8)) is None
    assert await kit.platform.find(session, post, START - timedelta(days=10)) is not None
    server.sources = False
    server.add("alike", "A short", "any.mp4")
    with pytest.raises(UnconfirmedError):
        await kit.platform.find(session, post)


async def test_a_video_is_deleted_and_deleting_it_again_changes_nothing(kit: Kit, server: PeerTubeServer) -> None:
    server.add("mine", "A short", "any.mp4")
    session = await kit.session()
    await kit.platform.delete(session, "mine")
    await kit.platform.delete(session, "mine")
    assert server.videos == {}
    server.refusals["deleted"] = [problem(403, "Cannot remove a video of another user")]
    with pytest.raises(Reject, match="was not deleted"):
        await kit.platform.delete(session, "mine")


async def test_counts_are_those_of_the_video_and_of_its_viewers(kit: Kit, server: PeerTubeServer) -> None:
    assert await kit.drive(kit.request(await kit.render())) == "done"
    session = await kit.session()
    known = Metrics(views=12, likes=3, comments=1, reach=10, watched_s=80.0, average_s=8.0)
    assert await kit.platform.metrics(session, ["short42", "gone"]) == {"short42": known}
    server.stats = False
    assert await kit.platform.metrics(session, ["short42"]) == {"short42": Metrics(views=12, likes=3, comments=1)}
