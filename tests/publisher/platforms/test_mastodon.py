"""Mastodon, against an instance that is as strict as the real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.publisher.adapters.platforms.mastodon_login import SCOPES
from actors.publisher.ports import RevokedError, Revokes, Tokens
from contracts.events import PublishRequested
from contracts.subjects import PUBLISH_REQUESTED
from runtime.errors import Reject, Retry
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.mastodon_server import MASTODON, MastodonServer, error
from tests.publisher.platforms.server import Reply, json_reply
from tests.publisher.support import START
from tests.support.work import deliver

BACK = "http://127.0.0.1:8080/accounts/callback"
CASE = MASTODON


async def connected(kit: Kit, server: MastodonServer, code: str = "code") -> Tokens:
    api, verifier = kit.api, "v" * 43
    asked = {"base_url": server.url}
    page = await kit.grant.consent(api, asked, state="s", verifier=verifier, redirect_uri=BACK)
    assert page is not None
    query = parse_qs(urlsplit(page.url).query)
    assert page.url.startswith(f"{server.url}/oauth/authorize?")
    assert (query["client_id"], query["state"], query["scope"]) == (["app1"], ["s"], [" ".join(SCOPES)])
    server.challenge = query["code_challenge"][0]
    given = {"code": code, **asked, **page.keep}
    return await kit.grant.tokens(api, given, verifier=verifier, redirect_uri=BACK)


# -- Login ------------------------------------------------------------------------------------------------------------


async def test_clipwire_registers_itself_and_the_person_agrees(kit: Kit, server: MastodonServer) -> None:
    tokens = await connected(kit, server)
    assert (tokens.expires_at, tokens.more["client_id"]) == (None, "app1")
    [owner] = await kit.platform.owners(kit.api, tokens)
    host = server.url.removeprefix("http://")
    assert (owner.name, owner.title) == (f"me~{host.replace(':', '-')}", f"@me@{host}")
    assert owner.details == {"base_url": server.url, "id": "77", "username": "me"}


async def test_a_wrong_code_and_a_wrong_address_are_said(kit: Kit, server: MastodonServer) -> None:
    with pytest.raises(Reject, match="The grant is invalid"):
        await connected(kit, server, code="other")
    server.refuses["apps"] = Reply(404, b"<html>")
    with pytest.raises(Reject, match="as a Mastodon instance does"):
        await connected(kit, server)


async def test_tokens_are_given_back_and_never_renewed(kit: Kit, server: MastodonServer) -> None:
    api, giver, tokens = kit.api, kit.grant, await kit.vault.tokens("")
    assert isinstance(giver, Revokes)
    await giver.revoke(api, tokens)
    assert server.revoked == ["token.1"]
    with pytest.raises(RevokedError, match="without the person"):
        await giver.refresh(api, tokens)


# -- Posts ------------------------------------------------------------------------------------------------------------


async def test_a_status_has_its_words_and_its_language(kit: Kit, server: MastodonServer) -> None:
    assert await kit.drive(kit.request(await kit.render())) == "done"
    [request] = server.asked("POST /api/v1/statuses")
    told = request.json()
    assert told["visibility"] == "public"
    assert told["status"].endswith("“A” by B, CC BY 4.0")
    assert "#ai" in told["status"]
    parts = server.asked("POST /api/v2/media")[0].parts()
    assert parts["description"] == b"A short"
    assert parts["thumbnail"].startswith(b"thumbnail of")


@pytest.mark.parametrize("keeps", [True, False], ids=["a key that is known", "a key that is forgotten"])
async def test_a_lost_answer_leads_to_one_status(kit: Kit, server: MastodonServer, keeps: bool) -> None:
    server.keeps = keeps
    server.fail("POST /api/v1/statuses", "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]
    assert len(server.asked("POST /api/v1/statuses")) == 1


async def lost(kit: Kit, server: MastodonServer) -> PublishRequested:
    """A request whose status is there, of which nobody knows, on an instance that has forgotten the key."""
    server.keeps = False
    server.fail("POST /api/v1/statuses", "after")
    request = kit.request(await kit.render())
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, request)
    return request


async def test_a_status_is_searched_back_to_when_it_was_first_asked_for(kit: Kit, server: MastodonServer) -> None:
    request = await lost(kit, server)
    kit.bench.clock.move(10 * 86_400)
    assert await kit.drive(request) == "done"
    assert len(server.posted) == 1


async def test_a_status_behind_more_than_is_read_is_left_to_a_person(kit: Kit, server: MastodonServer) -> None:
    request = await lost(kit, server)
    for number in range(420):
        server.show(f"another {number}", [])
    assert await kit.drive(request) == "unconfirmed"
    assert len(server.posted) == 1


async def test_a_video_that_is_in_a_status_already_is_not_sent_again(kit: Kit, server: MastodonServer) -> None:
    request = await lost(kit, server)
    server.shows = False
    assert await kit.drive(request) == "unconfirmed"
    assert len(server.posted) == 1


async def test_a_time_is_left_to_the_instance(kit: Kit, server: MastodonServer) -> None:
    render, at = await kit.render(), START + timedelta(hours=2)
    server.fail("POST /api/v1/statuses", "after")
    assert await kit.drive(kit.request(render, publish_at=at)) == "done"
    assert [each["scheduled_at"] for each in server.waiting.values()] == ["2026-11-21T14:00:00Z"]
    session = await kit.session()
    words = next(iter(server.waiting.values()))["params"]["text"]
    found = await kit.platform.find(session, kit.post(render, words))
    assert found is not None
    assert (found.platform_id, found.published_at) == ("scheduled~w0~m0", at)
    assert await kit.platform.metrics(session, [found.platform_id]) == {}
    server.comes_due()
    assert (await kit.platform.metrics(session, [found.platform_id]))[found.platform_id].likes == 4
    await kit.platform.delete(session, found.platform_id)
    assert server.statuses == {}


async def test_what_waits_is_taken_back(kit: Kit, server: MastodonServer) -> None:
    assert await kit.drive(kit.request(await kit.render(), publish_at=START + timedelta(hours=2))) == "done"
    session = await kit.session()
    await kit.platform.delete(session, "scheduled~w0~m0")
    await kit.platform.delete(session, "scheduled~w0~m0")
    assert server.waiting == {}


async def test_a_time_that_comes_too_soon_for_the_instance_is_waited_for(kit: Kit, server: MastodonServer) -> None:
    server.works_for = 9  # looks, which take four minutes
    at = START + timedelta(minutes=8)
    assert await kit.drive(kit.request(await kit.render(), publish_at=at)) == "done"
    assert kit.bench.clock() >= at
    assert list(server.statuses) == ["1000"]


async def test_a_video_that_was_let_go_of_is_sent_again(kit: Kit, server: MastodonServer) -> None:
    server.refuses["status"] = error("Validation failed: Media m0 not found or already attached to another post", 422)
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert list(server.media) == ["m0", "m1"]
    assert server.posted == [kit.sent(render)]


@pytest.mark.parametrize(
    ("where", "reply", "said"),
    [
        ("media", error("Validation failed: File is too big", 422), "File is too big"),
        ("processing", error("Error processing thumbnail for uploaded media", 422), "Error processing"),
        ("status", error("This action is not allowed", 403), "may post"),
    ],
)
async def test_what_the_instance_refuses_is_said(
    kit: Kit, server: MastodonServer, where: str, reply: Reply, said: str
) -> None:
    server.refuses[where] = reply
    assert said in await kit.drive(kit.request(await kit.render()))
    assert server.posted == []


async def test_an_access_that_was_taken_away_is_said(kit: Kit, server: MastodonServer) -> None:
    session, made = await kit.session(), kit.post(await kit.render())
    server.access = "token.2"
    with pytest.raises(RevokedError, match="without the person"):
        await kit.platform.find(session, made)


@pytest.mark.parametrize(
    ("part", "key", "most", "said"),
    [
        ("media_attachments", "video_size_limit", 1000, "takes 1000 bytes"),
        ("media_attachments", "video_frame_rate_limit", 24, "24 frames"),
        ("media_attachments", "video_matrix_limit", 500_000, "pixels"),
        ("media_attachments", "supported_mime_types", ["image/png"], "no video/mp4"),
        ("statuses", "max_characters", 3, "takes 3 characters"),
    ],
)
async def test_limits_of_the_instance_are_kept_before_the_first_byte(
    kit: Kit, server: MastodonServer, part: str, key: str, most: object, said: str
) -> None:
    assert server.configuration is not None
    server.configuration[part][key] = most
    assert said in await kit.drive(kit.request(await kit.render()))
    assert server.asked("POST /api/v2/media") == []


async def test_an_instance_that_tells_no_limits_is_tried(kit: Kit, server: MastodonServer) -> None:
    server.configuration = None
    assert await kit.drive(kit.request(await kit.render())) == "done"


async def test_uploads_wait_as_long_as_the_instance_says(kit: Kit, server: MastodonServer) -> None:
    reset = (datetime.now(UTC) + timedelta(minutes=20)).isoformat().replace("+00:00", "Z")
    server.refuses["media"] = json_reply({"error": "Too many requests"}, 429, X_RateLimit_Reset=reset)
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert kit.bench.clock() - START > timedelta(minutes=19)


async def test_a_status_is_found_by_its_words_over_pages(kit: Kit, server: MastodonServer) -> None:
    words = "Über “x”\n\nmore & more https://a.example/b?c=d\n\n#ai #b"
    session, made = await kit.session(), kit.post(await kit.render(), words)
    assert await kit.platform.find(session, made) is None
    server.show(words, [])
    assert await kit.platform.find(session, made) is None
    wanted = server.show(words, [{"id": "m9"}])
    for number in range(45):
        server.show(f"another {number}", [{"id": f"n{number}"}])
    found = await kit.platform.find(session, made)
    assert found is not None
    assert (found.platform_id, found.url) == (wanted["id"], wanted["url"])


async def test_the_plan_names_every_request_and_no_token(kit: Kit) -> None:
    tokens, made = await kit.vault.tokens(""), kit.post(await kit.render())
    made = replace(made, cover=kit.bench.folder.parent / "cover.jpg")
    made.cover.write_bytes(b"jpeg")
    plan = kit.platform.plan(kit.account, made, tokens)
    assert [urlsplit(call.url).path for call in plan] == [
        "/api/v2/media",
        "/api/v1/media/{media_id}",
        "/api/v1/statuses",
    ]
    assert tokens.access not in repr(plan)
