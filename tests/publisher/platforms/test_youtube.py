"""YouTube, against a server that is as strict as its documentation."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.publisher.ports import Piece, RevokedError, Tokens
from contracts.media import Rights
from contracts.publishing import Disclosure
from contracts.renders import Recipe
from runtime.errors import Reject
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import Fault
from tests.publisher.platforms.youtube_server import (
    CHANNEL,
    SCOPES,
    YOUTUBE,
    YOUTUBE_IN_PIECES,
    YouTubeServer,
    google_error,
    open_youtube,
)
from tests.publisher.support import START

BACK = "http://127.0.0.1:8000/api/v1/accounts/youtube/callback"
PUT = "PUT /upload"
CASE = YOUTUBE
in_pieces = pytest.mark.parametrize("case", [YOUTUBE_IN_PIECES], ids=["in pieces"])


# -- Accounts ----------------------------------------------------------------------------------------------------------


async def test_an_account_is_connected_through_googles_consent_page(kit: Kit, server: YouTubeServer) -> None:
    grant, verifier = kit.grant, "v" * 64
    api = kit.api
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
        await kit.platform.owners(kit.api, YOUTUBE.tokens)


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
    api = kit.api
    assert (await kit.grant.refresh(api, YOUTUBE.tokens)).refresh == "rt.1"
    with pytest.raises(RevokedError, match="expired or revoked"):
        await kit.grant.refresh(api, Tokens(access="x", refresh="rt.0"))


async def test_an_account_that_did_not_allow_uploads_is_refused_before_the_first_byte(
    server: YouTubeServer, tmp_path: Path
) -> None:
    case = replace(YOUTUBE, tokens=Tokens(access="at.1", refresh="rt.1", scopes=(SCOPES[1],)))
    with server.running():
        async with Kit(case, server, tmp_path) as kit:
            assert "did not let Clipwire upload" in await kit.drive(kit.request(await kit.render()))
    assert server.requests == []


# -- Posts -------------------------------------------------------------------------------------------------------------


async def test_a_video_is_described_with_its_words_its_marker_and_all_that_has_to_be_disclosed(
    kit: Kit, server: YouTubeServer
) -> None:
    disclosure = Disclosure(synthetic=True, paid_promotion=True, made_for_kids=True)
    render = await kit.changed(recipe=Recipe(disclosure=disclosure))
    await kit.spoken(render)
    assert await kit.told(render) == ("done", [])
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
    render = await kit.changed(rights=Rights(status="licensed", licence=licence))
    assert await kit.drive(kit.request(render)) == "done"
    (video,) = server.videos.values()
    assert video["status"]["license"] == told


async def test_tags_beside_the_marker_fill_no_more_than_youtube_takes(kit: Kit, server: YouTubeServer) -> None:
    render = await kit.changed(tags=tuple(f"tag{number:02d}{'x' * 20}" for number in range(40)))
    assert await kit.drive(kit.request(render)) == "done"
    (video,) = server.videos.values()
    assert 470 < len(",".join(video["snippet"]["tags"])) <= 500


async def test_a_short_gets_its_captions_and_once_it_is_processed_its_thumbnail(
    kit: Kit, server: YouTubeServer
) -> None:
    render = await kit.render()
    await kit.spoken(render)
    server.looks = 3
    assert await kit.told(render) == ("done", [])
    assert server.thumbnails["vid1"].startswith(b"thumbnail of")
    assert server.captions["vid1"].startswith(b"captions of")
    assert len(server.asked("GET /youtube/v3/videos")) == 4


@pytest.mark.parametrize("fault", ["after", "cut", "503", "429 silent"])
async def test_faults_after_the_upload_lead_to_one_post_with_captions_and_thumbnail(
    kit: Kit, server: YouTubeServer, fault: Fault
) -> None:
    render = await kit.render()
    await kit.spoken(render)
    server.fail("POST /upload/youtube/v3/captions", fault)
    server.fail("POST /upload/youtube/v3/thumbnails", fault)
    outcome, notes = await kit.told(render)
    assert outcome == "done" and server.posted == [kit.sent(render)]
    assert set(server.captions) == set(server.thumbnails) == ({"vid1"} if not notes else set())
    assert notes == [] or fault == "429 silent"


async def test_a_thumbnail_and_captions_that_are_refused_are_told_and_fail_nothing(
    kit: Kit, server: YouTubeServer
) -> None:
    render = await kit.render()
    await kit.spoken(render)
    server.refusals = {
        "thumbnail": [google_error(403, "forbidden", "The user cannot set custom thumbnails.")],
        "captioned": [google_error(403, "quotaExceeded")],
    }
    outcome, notes = await kit.told(render)
    assert outcome == "done" and len(server.posted) == 1
    assert "captions were not added" in notes[0] and "quota" in notes[0]
    assert "thumbnail was not set" in notes[1] and "cannot set custom thumbnails" in notes[1]


async def test_a_short_that_takes_long_to_be_processed_is_out_without_its_thumbnail(
    kit: Kit, server: YouTubeServer
) -> None:
    server.looks = 1000
    outcome, notes = await kit.told(await kit.render())
    assert outcome == "done" and "thumbnail was not set" in notes[0] and not server.thumbnails


async def test_a_video_that_youtube_refuses_once_it_has_it_is_not_called_published(
    kit: Kit, server: YouTubeServer
) -> None:
    server.ends = {"uploadStatus": "rejected", "rejectionReason": "duplicate"}
    render = await kit.render()
    outcome, _ = await kit.told(render)
    assert outcome.startswith("rejected: YouTube took all of the video and rejected it: duplicate")
    session = await kit.session()
    assert await kit.platform.find(session, kit.post(render)) is None


async def test_a_video_of_which_youtube_has_other_bytes_is_told(kit: Kit, server: YouTubeServer) -> None:
    server.file_size = 12
    outcome, notes = await kit.told(await kit.render())
    assert outcome == "done" and "YouTube has 12 bytes" in notes[0]


async def test_the_platform_itself_is_given_the_time_of_what_comes_later(kit: Kit, server: YouTubeServer) -> None:
    render, when = await kit.render(), START + timedelta(hours=5)
    assert await kit.drive(kit.request(render, publish_at=when)) == "done"
    (video,) = server.videos.values()
    assert video["status"]["privacyStatus"] == "private"
    assert video["status"]["publishAt"] == "2026-11-21T17:00:00Z"
    session = await kit.session()
    found = await kit.platform.find(session, kit.post(render, publish_at=when))
    assert found is not None and found.published_at == when and found.url == "https://www.youtube.com/shorts/vid1"


async def test_what_is_not_to_be_public_is_never_given_a_time(server: YouTubeServer) -> None:
    assert open_youtube("http://127.0.0.1", youtube_privacy="unlisted").limits.schedules is None


@in_pieces
async def test_a_dry_run_shows_the_requests_that_are_sent(kit: Kit, server: YouTubeServer) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    cover = await kit.bench.media.local(render.thumbnail.uri)
    planned = kit.platform.plan(kit.account, kit.post(render, cover=cover), YOUTUBE.tokens)
    sent = [each for each in server.requests if each.method != "GET" and each.headers["content-length"] != "0"]
    assert [(call.method, call.headers.get("Content-Range")) for call in planned] == [
        (each.method, each.headers.get("content-range")) for each in sent
    ]
    assert planned[0].json["status"] == sent[0].json()["status"]
    assert planned[1].url == "{upload_url}" and isinstance(planned[1].body, Piece)
