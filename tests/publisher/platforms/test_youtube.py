"""YouTube, against a server that is as strict as its documentation."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.publisher.adapters.http import HttpApi
from actors.publisher.adapters.platforms.youtube import YouTube
from actors.publisher.ports import Piece, Post, RevokedError, Tokens
from actors.publisher.store import ClaimedSteps, key_of
from contracts.events import PublishRequested
from contracts.keys import render_uri, transcript_uri
from contracts.media import Rights, Transcript
from contracts.publishing import Disclosure, Metrics
from contracts.renders import Recipe, Render
from contracts.subjects import PUBLISH_REQUESTED
from runtime.errors import Reject, Retry
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.resumable_server import UNIT, UploadSession
from tests.publisher.platforms.server import Fault, Reply
from tests.publisher.platforms.youtube_server import (
    CHANNEL,
    SCOPES,
    YOUTUBE,
    YOUTUBE_IN_PIECES,
    YouTubeServer,
    google_error,
    open_youtube,
)
from tests.publisher.support import START, post_of
from tests.support.work import deliver

BACK = "http://127.0.0.1:8000/api/v1/accounts/youtube/callback"
PUT = "PUT /upload"


@pytest.fixture
def server() -> YouTubeServer:
    return YouTubeServer()


@pytest.fixture
async def kit(server: YouTubeServer, tmp_path: Path) -> AsyncIterator[Kit]:
    with server.running():
        async with Kit(YOUTUBE, server, tmp_path) as kit:
            yield kit


@pytest.fixture
async def pieces(server: YouTubeServer, tmp_path: Path) -> AsyncIterator[Kit]:
    with server.running():
        async with Kit(YOUTUBE_IN_PIECES, server, tmp_path) as kit:
            yield kit


async def spoken(kit: Kit, render: Render) -> None:
    """Its clip has a transcript, and so its post a language."""
    heard = Transcript(
        clip_id=render.clip_id, language="en", method="captions:srt", timing="spread", words=(), sentences=()
    )
    await kit.bench.media.write(transcript_uri(render.clip_id), heard)


async def changed(kit: Kit, **fields: object) -> Render:
    render = (await kit.render()).model_copy(update=fields)
    await kit.bench.media.write(render_uri(render.render_id), render)
    return render


def post_for(kit: Kit, render: Render, **more: Any) -> Post:
    """The post that the publisher would make, without its files."""
    post = post_of(render)
    ident = kit.request(render).publication_id
    return replace(post, publication_id=ident, account_id=kit.account.account_id, account=CHANNEL, **more)


async def steps_of(kit: Kit) -> ClaimedSteps:
    claim = await kit.bench.claims.take("publish/one", "worker")
    return ClaimedSteps(kit.bench.claims, claim, clock=kit.bench.clock, quarantine=120, patience=7200)


async def drive(kit: Kit, render: Render, **more: object) -> tuple[str, list[str]]:
    """The outcome, and what a person is told besides."""
    request = kit.request(render, **more)
    outcome = await kit.drive(request)
    claim = await kit.bench.claims.get(key_of(request.publication_id))
    assert claim is not None
    return outcome, claim.data.get("publication", {}).get("notes", [])


# -- Accounts ---------------------------------------------------------------------------------------------------------


async def test_an_account_is_connected_through_googles_consent_page(kit: Kit, server: YouTubeServer) -> None:
    grant, verifier = kit.platform.grant, "v" * 64
    assert grant is not None
    api = HttpApi(kit.client, "youtube")
    consent = await grant.consent(api, {}, state="st", verifier=verifier, redirect_uri=BACK)
    assert consent is not None
    address = urlsplit(consent.url)
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert address.path == "/o/oauth2/v2/auth"
    assert query["access_type"] == "offline" and query["prompt"] == "consent" and query["state"] == "st"
    assert set(query["scope"].split()) == set(SCOPES)
    digest = hashlib.sha256(verifier.encode()).digest()
    assert query["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    server.challenge = query["code_challenge"]
    tokens = await grant.tokens(api, {"code": "code"}, verifier=verifier, redirect_uri=BACK)
    assert tokens.refresh == "rt.1" and set(tokens.scopes) == set(SCOPES) and tokens.expires_at is not None
    (owner,) = await kit.platform.owners(api, tokens)
    assert (owner.name, owner.title, owner.details["handle"]) == (CHANNEL, "My channel", "@mine")


async def test_a_google_account_without_a_channel_is_refused_with_the_way_out(kit: Kit, server: YouTubeServer) -> None:
    server.channels = False
    with pytest.raises(Reject, match=r"no YouTube channel.*Make one"):
        await kit.platform.owners(HttpApi(kit.client, "youtube"), YOUTUBE.tokens)


async def test_an_access_token_that_has_expired_is_renewed_in_the_middle_of_a_post(
    kit: Kit, server: YouTubeServer
) -> None:
    server.access = "at.other"
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]
    assert len(server.asked("POST /token")) == 1


async def test_a_refresh_token_is_kept_where_google_sends_no_new_one_and_said_to_be_dead_where_it_is(
    kit: Kit, server: YouTubeServer
) -> None:
    assert kit.platform.grant is not None
    api = HttpApi(kit.client, "youtube")
    assert (await kit.platform.grant.refresh(api, YOUTUBE.tokens)).refresh == "rt.1"
    with pytest.raises(RevokedError, match="expired or revoked"):
        await kit.platform.grant.refresh(api, Tokens(access="x", refresh="rt.0"))


async def test_an_account_that_did_not_allow_uploads_is_refused_before_the_first_byte(
    server: YouTubeServer, tmp_path: Path
) -> None:
    case = replace(YOUTUBE, tokens=Tokens(access="at.1", refresh="rt.1", scopes=(SCOPES[1],)))
    with server.running():
        async with Kit(case, server, tmp_path) as kit:
            assert "did not let Clipwire upload" in await kit.drive(kit.request(await kit.render()))
    assert server.requests == []


# -- Posts ------------------------------------------------------------------------------------------------------------


async def test_a_video_is_described_with_its_words_its_marker_and_all_that_has_to_be_disclosed(
    kit: Kit, server: YouTubeServer
) -> None:
    disclosure = Disclosure(synthetic=True, paid_promotion=True, made_for_kids=True)
    render = await changed(kit, recipe=Recipe(disclosure=disclosure))
    await spoken(kit, render)
    assert await drive(kit, render) == ("done", [])
    (video,) = server.videos.values()
    snippet, status = video["snippet"], video["status"]
    assert snippet["title"] == "A short" and "What it is about" in snippet["description"]
    assert "“A” by B, CC BY 4.0" in snippet["description"]
    assert snippet["tags"][-1] == f"clipwire-{kit.request(render).publication_id}"
    assert snippet["tags"][0] == "ai" and snippet["categoryId"] == "22" and snippet["defaultLanguage"] == "en"
    assert status["selfDeclaredMadeForKids"] is True and status["containsSyntheticMedia"] is True
    assert video["paidProductPlacementDetails"] == {"hasPaidProductPlacement": True}
    assert status["privacyStatus"] == "public" and "publishAt" not in status


@pytest.mark.parametrize(
    ("licence", "told"),
    [
        ("CC-BY-4.0", "creativeCommon"),
        ("CC-BY", "creativeCommon"),
        ("creativeCommon", "creativeCommon"),
        ("CC-BY-SA-4.0", "youtube"),
        ("CC-BY-NC-4.0", "youtube"),
        ("CC0-1.0", "youtube"),
        (None, "youtube"),
    ],
)
async def test_only_what_may_be_given_under_cc_by_is(
    kit: Kit, server: YouTubeServer, licence: str | None, told: str
) -> None:
    render = await changed(kit, rights=Rights(status="licensed", licence=licence))
    assert await kit.drive(kit.request(render)) == "done"
    (video,) = server.videos.values()
    assert video["status"]["license"] == told


async def test_tags_beside_the_marker_fill_no_more_than_youtube_takes(kit: Kit, server: YouTubeServer) -> None:
    render = await changed(kit, tags=tuple(f"tag{number:02d}{'x' * 20}" for number in range(40)))
    assert await kit.drive(kit.request(render)) == "done"
    (video,) = server.videos.values()
    assert 470 < len(",".join(video["snippet"]["tags"])) <= 500


async def test_a_short_gets_its_captions_and_once_it_is_processed_its_thumbnail(
    kit: Kit, server: YouTubeServer
) -> None:
    render = await kit.render()
    await spoken(kit, render)
    server.looks = 3
    assert await drive(kit, render) == ("done", [])
    assert server.thumbnails["vid1"].startswith(b"thumbnail of")
    assert server.captions["vid1"].startswith(b"captions of")
    assert len(server.asked("GET /youtube/v3/videos")) == 4


@pytest.mark.parametrize("fault", ["after", "cut", "503", "429 silent"])
async def test_faults_after_the_upload_lead_to_one_post_with_captions_and_thumbnail(
    kit: Kit, server: YouTubeServer, fault: Fault
) -> None:
    render = await kit.render()
    await spoken(kit, render)
    server.fail("POST /upload/youtube/v3/captions", fault)
    server.fail("POST /upload/youtube/v3/thumbnails", fault)
    outcome, notes = await drive(kit, render)
    assert outcome == "done" and server.posted == [kit.sent(render)]
    assert set(server.captions) == set(server.thumbnails) == ({"vid1"} if not notes else set())
    assert notes == [] or fault == "429 silent"


async def test_a_thumbnail_and_captions_that_are_refused_are_told_and_fail_nothing(
    kit: Kit, server: YouTubeServer
) -> None:
    render = await kit.render()
    await spoken(kit, render)
    server.refusals = {
        "thumbnail": [google_error(403, "forbidden", "The user cannot set custom thumbnails.")],
        "captioned": [google_error(403, "quotaExceeded")],
    }
    outcome, notes = await drive(kit, render)
    assert outcome == "done" and len(server.posted) == 1
    assert "captions were not added" in notes[0] and "quota" in notes[0]
    assert "thumbnail was not set" in notes[1] and "cannot set custom thumbnails" in notes[1]


async def test_a_short_that_takes_long_to_be_processed_is_out_without_its_thumbnail(
    kit: Kit, server: YouTubeServer
) -> None:
    server.looks = 1000
    outcome, notes = await drive(kit, await kit.render())
    assert outcome == "done" and "thumbnail was not set" in notes[0] and not server.thumbnails


async def test_a_video_that_youtube_refuses_once_it_has_it_is_not_called_published(
    kit: Kit, server: YouTubeServer
) -> None:
    server.ends = {"uploadStatus": "rejected", "rejectionReason": "duplicate"}
    render = await kit.render()
    outcome, _ = await drive(kit, render)
    assert outcome.startswith("rejected: YouTube took all of the video and rejected it: duplicate")
    session = await kit.session()
    assert await kit.platform.find(session, post_for(kit, render)) is None


async def test_a_video_of_which_youtube_has_other_bytes_is_told(kit: Kit, server: YouTubeServer) -> None:
    server.file_size = 12
    outcome, notes = await drive(kit, await kit.render())
    assert outcome == "done" and "YouTube has 12 bytes" in notes[0]


async def test_the_platform_itself_is_given_the_time_of_what_comes_later(kit: Kit, server: YouTubeServer) -> None:
    render, when = await kit.render(), START + timedelta(hours=5)
    assert await kit.drive(kit.request(render, publish_at=when)) == "done"
    (video,) = server.videos.values()
    assert video["status"]["privacyStatus"] == "private"
    assert video["status"]["publishAt"] == "2026-11-21T17:00:00Z"
    session = await kit.session()
    found = await kit.platform.find(session, post_for(kit, render, publish_at=when))
    assert found is not None and found.published_at == when and found.url == "https://www.youtube.com/shorts/vid1"


async def test_what_is_not_to_be_public_is_never_given_a_time(server: YouTubeServer) -> None:
    assert open_youtube("http://127.0.0.1", youtube_privacy="unlisted").limits.schedules is None


async def test_a_dry_run_shows_the_requests_that_are_sent(pieces: Kit, server: YouTubeServer) -> None:
    render = await pieces.render()
    assert await pieces.drive(pieces.request(render)) == "done"
    files = {"cover": await pieces.bench.media.local(render.thumbnail.uri)}
    planned = pieces.platform.plan(pieces.account, post_for(pieces, render, **files), YOUTUBE.tokens)
    sent = [each for each in server.requests if each.method != "GET" and each.headers["content-length"] != "0"]
    assert [(call.method, call.headers.get("Content-Range")) for call in planned] == [
        (each.method, each.headers.get("content-range")) for each in sent
    ]
    assert planned[0].json["status"] == sent[0].json()["status"]
    assert planned[1].url == "{upload_url}" and isinstance(planned[1].body, Piece)


# -- The upload -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("takes", [[0], [UNIT], [UNIT + 5, UNIT * 2, 0]], ids=["nothing", "a unit", "less and less"])
async def test_an_upload_goes_on_at_the_byte_that_is_confirmed(
    kit: Kit, server: YouTubeServer, takes: list[int]
) -> None:
    server.takes += takes
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_an_upload_that_takes_no_more_bytes_is_left_for_later_and_finished_then(
    kit: Kit, server: YouTubeServer
) -> None:
    server.takes += [0] * 8
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_an_upload_that_moves_is_followed(pieces: Kit, server: YouTubeServer) -> None:
    server.moves = True
    render = await pieces.render()
    assert await pieces.drive(pieces.request(render)) == "done"
    assert server.posted == [pieces.sent(render)]


async def test_no_token_is_sent_to_an_address_that_is_not_googles(kit: Kit, server: YouTubeServer) -> None:
    server.refusals["opened"] = [Reply(200, b"", {"Location": "http://127.0.0.1:9/upload"})]
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)] and len(server.asked("POST /upload/youtube/v3/videos")) == 2


async def test_a_session_that_expires_before_the_last_piece_is_begun_again(pieces: Kit, server: YouTubeServer) -> None:
    server.refusals["piece"] = [Reply(404)]
    render = await pieces.render()
    assert await pieces.drive(pieces.request(render)) == "done"
    assert server.posted == [pieces.sent(render)] and len(server.sessions) == 2


class Forgetful(YouTubeServer):
    """Forgets an upload as soon as it has its last byte."""

    def _video(self, session: UploadSession) -> dict[str, Any]:
        video = super()._video(session)
        self.expire()
        return video


@pytest.mark.parametrize("hidden", [0, 1])
async def test_a_video_whose_upload_is_forgotten_before_its_answer_came_is_found_by_its_tag(
    tmp_path: Path, hidden: int
) -> None:
    server = Forgetful()
    server.hidden = hidden
    server.add("other", tags=["clipwire-p_00000000000000000000"])
    with server.running():
        async with Kit(YOUTUBE, server, tmp_path) as kit:
            server.fail(PUT, "after")
            render = await kit.render()
            assert await kit.drive(kit.request(render)) == "done"
            assert server.posted == [kit.sent(render)] and len(server.asked("POST /upload/youtube/v3/videos")) == 1
            assert (kit.bench.clock.now - START >= timedelta(minutes=15)) is bool(hidden)


async def test_a_video_is_searched_back_to_when_it_was_first_asked_for(tmp_path: Path) -> None:
    server = Forgetful()
    with server.running():
        async with Kit(YOUTUBE, server, tmp_path) as kit:
            server.fail(PUT, "after")
            request = kit.request(await kit.render())
            with pytest.raises(Retry):
                await deliver(kit.publisher(), PUBLISH_REQUESTED, request)
            for number in range(60):
                server.add(f"newer{number}", tags=[], days_ago=-1 - number / 100)
            kit.bench.clock.move(10 * 86_400)
            assert await kit.drive(request) == "done"
            assert len(server.posted) == 1


async def test_a_session_that_expires_with_part_of_the_last_piece_leads_to_one_post(
    kit: Kit, server: YouTubeServer
) -> None:
    server.fail(PUT, "cut")
    server.refusals["piece"] = [Reply(308), Reply(404), Reply(404)]
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)] and len(server.sessions) == 2


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_the_network_does_there_is_one_video_with_the_right_bytes(
    pieces: Kit, server: YouTubeServer, seed: int
) -> None:
    server.chaos(seed, 0.35)
    render = await pieces.render()
    outcome = await pieces.drive(pieces.request(render), deliveries=200)
    assert outcome in {"done", "unconfirmed"}
    assert server.posted in ([pieces.sent(render)], [] if outcome == "unconfirmed" else [pieces.sent(render)])


# -- Refusals ---------------------------------------------------------------------------------------------------------


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
    session, post = await kit.session(), post_for(kit, await kit.render())
    with pytest.raises(Retry) as caught:
        await kit.platform.publish(session, post, await steps_of(kit))
    assert caught.value.after == after


@pytest.mark.parametrize("headers", [{"Retry-After": "17"}, {}])
async def test_too_many_requests_are_waited_for_as_the_answer_says(
    kit: Kit, server: YouTubeServer, headers: dict[str, str]
) -> None:
    server.refusals["opened"] = [Reply(429, b"{}", headers)]
    session, post = await kit.session(), post_for(kit, await kit.render())
    with pytest.raises(Retry) as caught:
        await kit.platform.publish(session, post, await steps_of(kit))
    assert caught.value.after == (17.0 if headers else None)


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
    render = await changed(kit, duration=901.0)
    assert "youtube.com/verify" in await kit.drive(kit.request(render))
    server.long_uploads = "allowed"
    assert await kit.drive(PublishRequested(render_id=render.render_id, account_id=kit.account.account_id)) == "done"


# -- What is there ----------------------------------------------------------------------------------------------------


async def test_a_video_is_found_over_several_pages_and_not_sought_among_older_ones(
    kit: Kit, server: YouTubeServer
) -> None:
    render, session = await kit.render(), await kit.session()
    post = post_for(kit, render)
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
