"""Bluesky, against a PDS and a video service that are as strict as the real ones."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.adapters.platforms.bluesky import Bluesky, BlueskySettings
from actors.publisher.adapters.platforms.bluesky_calls import facets, record_key
from actors.publisher.ports import RevokedError, Revokes
from runtime.errors import Reject, Retry
from tests.publisher.platforms.bluesky_server import BLUESKY, DID, TID, BlueskyServer, error
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import Reply, json_reply

CASE = BLUESKY


# -- Login ------------------------------------------------------------------------------------------------------------


async def test_an_app_password_opens_the_account_of_its_handle(kit: Kit, server: BlueskyServer) -> None:
    api = kit.api
    given = {"identifier": "@me.test", "password": "abcd-efgh", "base_url": server.url}
    assert await kit.grant.consent(api, given, state="s", verifier="v", redirect_uri="http://x") is None
    tokens = await kit.grant.tokens(api, given, verifier="v", redirect_uri="http://x")
    assert tokens.expires_at == datetime(2100, 1, 1, tzinfo=UTC)
    assert "abcd-efgh" not in tokens.model_dump_json()
    [owner] = await kit.platform.owners(api, tokens)
    assert (owner.name, owner.title, owner.details["did"], owner.details["pds"]) == (
        "me.test",
        "@me.test",
        DID,
        server.url,
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "wrong"}, "Invalid identifier or password"),
        ({"base_url": "ftp://x"}, "no address of a PDS"),
    ],
)
async def test_what_is_typed_in_wrongly_is_said(
    kit: Kit, server: BlueskyServer, typed: dict[str, str], said: str
) -> None:
    given = {"identifier": "me.test", "password": "abcd-efgh", "base_url": server.url, **typed}
    with pytest.raises(Reject, match=said):
        await kit.grant.tokens(kit.api, given, verifier="v", redirect_uri="http://x")


async def test_the_server_of_the_data_has_an_address(kit: Kit, server: BlueskyServer) -> None:
    session = json.loads(server.session().body)
    session["didDoc"]["service"][0]["serviceEndpoint"] = "file:///etc"
    server.refuses["login"] = json_reply(session)
    given = {"identifier": "me.test", "password": "abcd-efgh", "base_url": server.url}
    with pytest.raises(Reject, match="no address of a PDS"):
        await kit.grant.tokens(kit.api, given, verifier="v", redirect_uri="http://x")


async def test_a_password_with_a_second_factor_is_told_from_an_app_password(kit: Kit, server: BlueskyServer) -> None:
    server.refuses["login"] = error("AuthFactorTokenRequired", status=401)
    given = {"identifier": "me.test", "password": "abcd-efgh", "base_url": server.url}
    with pytest.raises(Reject, match="app password"):
        await kit.grant.tokens(kit.api, given, verifier="v", redirect_uri="http://x")


async def test_refresh_tokens_work_once_and_are_given_back(kit: Kit) -> None:
    api, stale = kit.api, await kit.vault.tokens("")
    fresh = await kit.grant.refresh(api, stale)
    assert fresh.more == stale.more
    with pytest.raises(RevokedError, match="revoked"):
        await kit.grant.refresh(api, stale)
    giver = kit.grant
    assert isinstance(giver, Revokes)
    await giver.revoke(api, fresh)
    with pytest.raises(RevokedError):
        await giver.refresh(api, fresh)


async def test_an_access_that_expires_with_a_400_is_renewed(kit: Kit, server: BlueskyServer) -> None:
    server.outdated = True
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert len(server.asked("POST /xrpc/com.atproto.server.refreshSession")) == 1


async def test_an_access_that_cannot_be_renewed_is_said(kit: Kit, server: BlueskyServer) -> None:
    session, made = await kit.session(), kit.post(await kit.render())
    server.count = 2
    with pytest.raises(RevokedError, match="revoked"):  # which the vault tells a person
        await kit.platform.check(session, made)


# -- Posts ------------------------------------------------------------------------------------------------------------


async def test_a_post_has_its_words_its_facets_and_its_shape(kit: Kit, server: BlueskyServer) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render, description="Schön: https://a.example/x#y. #ai")) == "done"
    [record] = server.records.values()
    text = record["text"].encode()
    found = [(text[f["index"]["byteStart"] : f["index"]["byteEnd"]], f["features"][0]) for f in record["facets"]]
    assert (
        b"https://a.example/x#y",
        {"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/x#y"},
    ) in found
    assert (b"#ai", {"$type": "app.bsky.richtext.facet#tag", "tag": "ai"}) in found
    assert record["embed"]["aspectRatio"] == {"width": 1080, "height": 1920}
    assert record["createdAt"].startswith("2026-11-21T12:")


async def test_words_are_cut_to_300_graphemes(kit: Kit, server: BlueskyServer) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render, description="👩‍👩‍👧‍👦 " * 400)) == "done"
    [record] = server.records.values()
    assert len(record["text"]) > 300
    assert "CC BY 4.0" in record["text"]


@given(st.text())
def test_keys_are_timestamp_identifiers_and_each_its_own(name: str) -> None:
    assert TID.fullmatch(record_key(name))
    assert record_key(name) == record_key(name) != record_key(f"{name}.")


@given(st.lists(st.sampled_from(["#ai", "ö#b", "(#c)", "#12", "https://e.org/#d,", "👍", "text", "#ü_1."]), max_size=9))
def test_facets_point_at_their_words_in_utf8(words: list[str]) -> None:
    text = " ".join(words)
    for facet in facets(text):
        place, feature = facet["index"], facet["features"][0]
        shown = text.encode()[place["byteStart"] : place["byteEnd"]].decode()
        assert shown == feature.get("uri", f"#{feature.get('tag')}")
        assert feature.get("tag") not in {"b", "12", "d"}
    assert len(facets(text)) == len(re.findall(r"(?<!\S)(?:#ai|\(#c\)|https|#ü_1)", text))


async def test_a_key_that_is_taken_is_the_same_post(kit: Kit, server: BlueskyServer) -> None:
    render = await kit.render()
    server.fail("POST /xrpc/com.atproto.repo.createRecord", "after", "after")
    server.taken = error("RecordAlreadyExists")
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]
    assert len(server.asked("POST /xrpc/com.atproto.repo.createRecord")) == 1


async def test_a_video_that_the_service_has_already_is_used(kit: Kit, server: BlueskyServer) -> None:
    server.fail("POST /xrpc/app.bsky.video.uploadVideo", "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert list(server.jobs) == ["job0"]
    assert server.posted == [kit.sent(render)]


async def test_a_video_that_was_let_go_of_is_sent_again(kit: Kit, server: BlueskyServer) -> None:
    server.refuses["create"] = error("BlobNotFound")
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert len(server.asked("POST /xrpc/app.bsky.video.uploadVideo")) == 2


async def test_the_video_service_may_fail_twice(kit: Kit, server: BlueskyServer) -> None:
    server.failures = 2
    assert await kit.drive(kit.request(await kit.render())) == "done"
    server.failures = 3
    assert "Failed to process video" in await kit.drive(kit.request(await kit.render(start=50)))


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (json_reply({"jobStatus": {"did": "", "error": "unconfirmed_email", "jobId": "", "state": ""}}, 400), "e-mail"),
        (error("InvalidRequest", "video too long"), "video too long"),
    ],
)
async def test_a_video_that_is_refused_is_said(kit: Kit, server: BlueskyServer, reply: Reply, said: str) -> None:
    server.refuses["upload"] = reply
    assert said in await kit.drive(kit.request(await kit.render()))
    assert server.posted == []


async def test_a_post_that_is_refused_is_said(kit: Kit, server: BlueskyServer) -> None:
    server.refuses["create"] = error("InvalidRecord", "text too long")
    assert "text too long" in await kit.drive(kit.request(await kit.render()))


async def test_a_day_that_is_used_up_is_waited_for(kit: Kit, server: BlueskyServer) -> None:
    session, made = await kit.session(), kit.post(await kit.render())
    server.limits = {"canUpload": False, "remainingDailyVideos": 0, "message": "You have reached the daily limit"}
    with pytest.raises(Retry) as later:
        await kit.platform.check(session, made)
    assert later.value.after == 3600
    server.limits = {"canUpload": False, "error": "unconfirmed_email", "message": "confirm your e-mail"}
    with pytest.raises(Reject, match="confirm your e-mail"):
        await kit.platform.check(session, made)


async def test_posts_are_found_counted_and_deleted(kit: Kit, server: BlueskyServer) -> None:
    session, render = await kit.session(), await kit.render()
    assert await kit.platform.find(session, kit.post(render)) is None
    assert await kit.drive(kit.request(render)) == "done"
    found = await kit.platform.find(session, kit.post(render))
    assert found is not None
    assert found.url == f"https://bsky.app/profile/{DID}/post/{found.platform_id}"
    counted = await kit.platform.metrics(session, [found.platform_id])
    assert (counted[found.platform_id].likes, counted[found.platform_id].shares) == (3, 3)
    assert counted[found.platform_id].views is None
    await kit.platform.delete(session, found.platform_id)
    await kit.platform.delete(session, found.platform_id)
    assert server.posted == []
    assert await kit.platform.metrics(session, [found.platform_id]) == {}


async def test_the_plan_names_every_request_and_no_token(kit: Kit) -> None:
    tokens = await kit.vault.tokens("")
    plan = kit.platform.plan(kit.account, kit.post(await kit.render()), tokens)
    assert [call.url.rpartition("/")[2] for call in plan] == [
        "com.atproto.server.getServiceAuth",
        "app.bsky.video.uploadVideo",
        "app.bsky.video.getJobStatus",
        "com.atproto.repo.createRecord",
    ]
    assert tokens.access not in repr(plan)


def test_it_is_bluesky_unless_set_otherwise() -> None:
    platform = Bluesky(BlueskySettings(_env_file=None))
    assert platform.grant is not None
    assert {asked.name: asked.default for asked in platform.grant.asks}["base_url"] == "https://bsky.social"
