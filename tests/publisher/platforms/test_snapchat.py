"""Snapchat, against a server that decrypts what it gets."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from actors.publisher.adapters.platforms.snapchat_calls import locale
from actors.publisher.adapters.platforms.snapchat_seal import BLOCK, PART, Seal
from actors.publisher.ports import RevokedError, Tokens, UnconfirmedError
from runtime.errors import Reject
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import Fault
from tests.publisher.platforms.snapchat_server import PROFILE, SNAPCHAT, SnapchatServer

BACK = "https://clips.example/accounts/callback"
CASE = SNAPCHAT


# -- Login ------------------------------------------------------------------------------------------------------------


async def test_a_profile_is_connected(kit: Kit) -> None:
    api, grant = kit.api, kit.grant
    consent = await grant.consent(api, {}, state="s", verifier="v" * 43, redirect_uri=BACK)
    assert consent is not None
    assert urlsplit(consent.url).path == "/login/oauth2/authorize"
    assert parse_qs(urlsplit(consent.url).query)["scope"] == ["snapchat-profile-api"]
    tokens = await grant.tokens(api, {"code": "code"}, verifier="v" * 43, redirect_uri=BACK)
    owners = await kit.platform.owners(api, tokens)
    assert [(each.name, each.title, each.details) for each in owners] == [(PROFILE, "Me", {"username": "me"})]


async def test_an_app_that_is_not_on_the_allowlist_is_told_so(kit: Kit, server: SnapchatServer) -> None:
    server.allowed = False
    with pytest.raises(Reject, match="allowlist"):
        await kit.platform.owners(kit.api, SNAPCHAT.tokens)


async def test_a_refresh_token_works_once(kit: Kit) -> None:
    api, grant = kit.api, kit.grant
    assert (await grant.refresh(api, SNAPCHAT.tokens)).refresh == "refresh-2"
    with pytest.raises(RevokedError):
        await grant.refresh(api, Tokens(access="x", refresh="refresh-1"))


async def test_an_access_that_expires_is_renewed(kit: Kit, server: SnapchatServer) -> None:
    server.access = "other"
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert server.renewals == 2


# -- Encryption -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, PART - 1, PART, PART + BLOCK + 5])
def test_parts_make_up_the_file_encrypted_as_a_whole(tmp_path: Path, size: int) -> None:
    path, key, iv = tmp_path / "film.mp4", bytes(range(32)), bytes(range(16))
    path.write_bytes((b"frame" * (size // 5 + 1))[:size])
    seal, before, parts = Seal(path, size, key, iv), iv, []
    for index in range(seal.parts):
        parts.append(seal.part(index, before))
        before = parts[-1][-BLOCK:]
    padder, encryptor = PKCS7(128).padder(), Cipher(AES(key), CBC(iv)).encryptor()
    whole = encryptor.update(padder.update(path.read_bytes()) + padder.finalize()) + encryptor.finalize()
    assert b"".join(parts) == whole
    assert max(len(part) for part in parts) <= PART + BLOCK


# -- Posts ------------------------------------------------------------------------------------------------------------


async def test_a_post_is_known_by_its_own_link(kit: Kit, server: SnapchatServer) -> None:
    render = await kit.render()
    request = kit.request(render)
    assert await kit.drive(request) == "done"
    claim = await kit.bench.claims.get(f"publish/{request.publication_id}")
    assert claim is not None
    assert claim.data["publication"]["platform_id"] == "W7_0"
    assert claim.data["publication"]["url"] == "https://www.snapchat.com/spotlight/W7_0"
    assert server.posted == [kit.sent(render)]


async def test_an_upload_goes_on_at_the_part_that_is_missing(kit: Kit, server: SnapchatServer) -> None:
    render = await kit.large(PART + 100)
    server.fail(r"POST /us/v1/media/m1/add", None, "cut")
    assert await kit.drive(kit.request(render)) == "done"
    whole = [each.parts()["part_number"] for each in server.asked(r"POST /us/v1/media/m1/add") if each.whole]
    assert whole == [b"1", b"2"]
    assert (len(server.media), server.posted) == (1, [kit.sent(render)])


async def test_media_that_is_refused_half_way_is_begun_anew(kit: Kit, server: SnapchatServer) -> None:
    server.refuse_parts = 2
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert (len(server.media), server.posted) == (3, [kit.sent(render)])


async def test_media_that_is_always_refused_is_given_up(kit: Kit, server: SnapchatServer) -> None:
    server.refuse_parts = 100
    assert "the upload is over" in await kit.drive(kit.request(await kit.render()))


async def test_media_that_is_not_ready_is_waited_for(kit: Kit, server: SnapchatServer) -> None:
    server.processing = 5
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert (len(server.media), server.posted) == (1, [kit.sent(render)])


async def test_a_post_whose_answer_is_lost_is_found_in_the_profile(kit: Kit, server: SnapchatServer) -> None:
    server.processing = 0
    server.fail(f"POST /v1/public_profiles/{PROFILE}/spotlights", "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_a_post_that_is_not_listed_is_left_to_a_person(kit: Kit, server: SnapchatServer) -> None:
    server.processing, server.shows = 0, False
    server.fail(f"POST /v1/public_profiles/{PROFILE}/spotlights", "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    assert len(server.posted) == 1


async def test_a_person_who_saw_that_it_is_not_there_has_it_tried_again(kit: Kit, server: SnapchatServer) -> None:
    server.processing = 0
    server.fail(f"POST /v1/public_profiles/{PROFILE}/spotlights", "before")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    kit.bench.clock.move(2 * 86_400)  # what was uploaded is gone by now
    assert await kit.drive(kit.request(render, outcome="not_there")) == "done"
    assert (len(server.media), server.posted) == (2, [kit.sent(render)])


async def test_an_app_that_loses_its_allowlist_is_told_so(kit: Kit, server: SnapchatServer) -> None:
    server.allowed = False
    assert "allowlist" in await kit.drive(kit.request(await kit.render()))


@pytest.mark.parametrize("fault", ["429", "429 silent"])
async def test_a_rate_limit_only_takes_longer(kit: Kit, server: SnapchatServer, fault: Fault) -> None:
    server.fail(f"POST /v1/public_profiles/{PROFILE}/spotlights", fault, times=2)
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_the_token_is_sent_to_no_other_host(kit: Kit, server: SnapchatServer) -> None:
    server.elsewhere = "https://elsewhere.example"
    with pytest.raises(AssertionError, match="not over"):
        await kit.drive(kit.request(await kit.render()), deliveries=3)
    assert [request.path for request in server.requests if request.path.startswith("/us/")] == []


async def test_a_dry_run_shows_the_requests_that_are_sent(kit: Kit) -> None:
    planned = kit.platform.plan(kit.account, kit.post(await kit.render(), "x"), SNAPCHAT.tokens)
    assert [call.url.removeprefix(kit.server.url) for call in planned] == [
        f"/v1/public_profiles/{PROFILE}/media",
        "{add_path}",
        "{finalize_path}",
        f"/v1/public_profiles/{PROFILE}/spotlights",
    ]


# -- Search, counts ---------------------------------------------------------------------------------------------------


async def test_it_is_found_by_its_description(kit: Kit, server: SnapchatServer) -> None:
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    words = server.spotlights[0]["caption"]
    server.spotlights = [{**server.spotlights[0], "id": f"x{n}", "caption": "other"} for n in range(60)] + [
        server.spotlights[0]
    ]
    found = await kit.platform.find(await kit.session(), kit.post(render, words))
    assert found is not None
    assert found.platform_id == "W7_0"
    with pytest.raises(UnconfirmedError):
        await kit.platform.find(await kit.session(), kit.post(render, "never posted"))


async def test_metrics_are_those_that_snapchat_counts(kit: Kit) -> None:
    assert await kit.drive(kit.request(await kit.render())) == "done"
    counted = await kit.platform.metrics(await kit.session(), ["W7_0", "W7_9"])
    assert list(counted) == ["W7_0"]
    assert (counted["W7_0"].views, counted["W7_0"].likes, counted["W7_0"].shares) == (9, 4, 2)
    assert counted["W7_0"].comments is None


async def test_a_spotlight_can_only_be_deleted_in_the_app(kit: Kit) -> None:
    with pytest.raises(Reject, match="Snapchat app"):
        await kit.platform.delete(await kit.session(), "W7_0")


@pytest.mark.parametrize(
    ("language", "told"),
    [(None, "en_US"), ("de", "de_DE"), ("de-AT", "de_AT"), ("pt-BR", "pt_BR"), ("ja", "ja_JP"), ("xx", "en_US")],
)
def test_a_language_is_told_with_its_country(language: str | None, told: str) -> None:
    assert locale(language) == told
