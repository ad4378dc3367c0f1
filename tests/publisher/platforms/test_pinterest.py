"""Pinterest, against a server and a store that are as strict as the real ones."""

from __future__ import annotations

import base64
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.publisher.adapters.platforms.pinterest import SCOPES
from actors.publisher.ports import NeedsApp, RevokedError, Tokens, UnconfirmedError
from runtime.errors import Reject, Unavailable
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.pinterest_server import PINTEREST, PinterestServer, error, open_pinterest
from tests.publisher.platforms.server import Reply, json_reply
from tests.publisher.support import START

BACK = "http://127.0.0.1:8080/accounts/callback"
CASE = PINTEREST


# -- Login ------------------------------------------------------------------------------------------------------------


async def test_the_account_is_the_board_that_was_asked_for(kit: Kit) -> None:
    api = kit.api
    assert [asked.name for asked in kit.grant.asks] == ["board"]
    page = await kit.grant.consent(api, {"board": "ai tools!"}, state="s", verifier="v", redirect_uri=BACK)
    assert page is not None
    query = parse_qs(urlsplit(page.url).query)
    assert (query["client_id"], query["scope"], query["state"]) == (["app"], [",".join(SCOPES)], ["s"])
    given = {"board": "ai tools!", "code": "code"}
    tokens = await kit.grant.tokens(api, given, verifier="v", redirect_uri=BACK)
    assert tokens.refresh_expires_at is not None
    [owner] = await kit.platform.owners(api, tokens)
    assert (owner.name, owner.title, owner.details["board_id"]) == ("me~12", "AI Tools! (me)", "12")


async def test_boards_are_listed_to_the_end_and_named_by_id_too(kit: Kit) -> None:
    api = kit.api
    [owner] = await kit.platform.owners(api, Tokens(access="pina.1", more={"board": "13"}))
    assert owner.name == "me~13"
    with pytest.raises(Reject, match="Later, AI Tools!, über"):
        await kit.platform.owners(api, Tokens(access="pina.1", more={"board": "none"}))


async def test_boards_with_names_alike_are_accounts_of_their_own(kit: Kit, server: PinterestServer) -> None:
    server.boards = [{"id": str(number), "name": name} for number, name in enumerate(("A B", "A-B", "猫", "犬"), 21)]
    api, names = kit.api, []
    for board in server.boards:
        [owner] = await kit.platform.owners(api, Tokens(access="pina.1", more={"board": board["name"]}))
        names.append(owner.name)
    assert names == ["me~21", "me~22", "me~23", "me~24"]


async def test_refresh_tokens_rotate_and_the_board_stays(kit: Kit) -> None:
    api, stale = kit.api, await kit.vault.tokens("")
    fresh = await kit.grant.refresh(api, stale)
    assert (fresh.refresh, fresh.more) == ("pinr.2", stale.more)
    with pytest.raises(RevokedError, match="Invalid refresh token"):
        await kit.grant.refresh(api, stale)


async def test_wrong_credentials_of_the_app_revoke_nothing(kit: Kit, server: PinterestServer) -> None:
    other = open_pinterest(server.url, pinterest_client_secret="wrong").grant
    assert other is not None
    with pytest.raises(Unavailable, match="CLIPWIRE_PINTEREST_CLIENT_ID"):
        await other.refresh(kit.api, await kit.vault.tokens(""))


async def test_without_an_app_nobody_can_connect(server: PinterestServer) -> None:
    unset = open_pinterest("http://127.0.0.1:1", pinterest_client_id="").grant
    assert isinstance(unset, NeedsApp)
    assert unset.missing == "CLIPWIRE_PINTEREST_CLIENT_ID and CLIPWIRE_PINTEREST_CLIENT_SECRET"


async def test_an_access_that_expires_midway_is_renewed(kit: Kit, server: PinterestServer) -> None:
    server.access = "pina.other"
    assert await kit.drive(kit.request(await kit.render())) == "done"
    assert server.count == 2


# -- Pins -------------------------------------------------------------------------------------------------------------


async def test_a_pin_has_its_words_and_its_cover(kit: Kit, server: PinterestServer) -> None:
    assert await kit.drive(kit.request(await kit.render())) == "done"
    told = server.asked("POST /v5/pins")[0].json()
    assert (told["title"], told["alt_text"], told["board_id"]) == ("A short", "A short", "12")
    assert "CC BY 4.0" in told["description"]
    assert base64.b64decode(told["media_source"]["cover_image_data"]).startswith(b"thumbnail of")


async def test_a_lost_answer_leads_to_one_pin(kit: Kit, server: PinterestServer) -> None:
    server.fail("POST /v5/pins", "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]
    assert len(server.asked("POST /v5/pins")) == 1


async def test_a_pin_is_found_over_pages_by_its_note(kit: Kit, server: PinterestServer) -> None:
    session, renders = await kit.session(), [await kit.render(start=float(n)) for n in range(5)]
    for render in renders:
        assert await kit.drive(kit.request(render)) == "done"
    for number, render in enumerate(renders):
        found = await kit.platform.find(session, kit.post(render))
        assert found is not None
        assert found.url == f"https://www.pinterest.com/pin/{9000 + number}/"
    assert await kit.platform.find(session, kit.post(await kit.render(start=99.0))) is None


async def test_a_pin_that_might_be_it_is_left_to_a_person(kit: Kit, server: PinterestServer) -> None:
    server.notes = False
    server.fail("POST /v5/pins", "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    assert server.posted == [kit.sent(render)]
    session = await kit.session()
    with pytest.raises(UnconfirmedError, match="does not tell"):
        await kit.platform.find(session, kit.post(render))
    kit.bench.clock.move(3 * 86_400)
    assert await kit.platform.find(session, kit.post(render)) is None


async def test_a_video_that_was_let_go_of_and_a_store_that_is_slow_are_tried_again(
    kit: Kit, server: PinterestServer
) -> None:
    server.refuses["store"] = Reply(400, b"<Error><Code>RequestTimeout</Code><HostId>x</HostId></Error>")
    server.refuses["medium"] = error(404, 1, "Media not found")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert len(server.media) == 3
    assert server.posted == [kit.sent(render)]


@pytest.mark.parametrize(
    ("where", "reply", "said"),
    [
        ("media", error(403, 29, "You are not permitted to access that resource."), "trial access"),
        ("store", Reply(400, b"<Error><Code>EntityTooLarge</Code></Error>"), "too large"),
        ("pin", error(400, 1, "Sorry! We blocked this link"), "We blocked"),
        ("pin", error(404, 40, "Board not found."), "connect another one"),
    ],
)
async def test_what_is_refused_is_said_with_what_to_do(
    kit: Kit, server: PinterestServer, where: str, reply: Reply, said: str
) -> None:
    server.refuses[where] = reply
    assert said in await kit.drive(kit.request(await kit.render()))
    assert server.posted == []


async def test_a_video_that_cannot_be_worked_on_is_said(kit: Kit, server: PinterestServer) -> None:
    server.ends = "failed"
    assert "cannot work on the video" in await kit.drive(kit.request(await kit.render()))


async def test_a_board_that_is_gone_is_told_before_the_first_byte(kit: Kit, server: PinterestServer) -> None:
    server.boards = []
    assert "Board not found" in await kit.drive(kit.request(await kit.render()))
    assert server.media == {}


async def test_a_rate_limit_is_waited_for_as_long_as_its_header_says(kit: Kit, server: PinterestServer) -> None:
    server.refuses["pin"] = json_reply({"code": 8, "message": "rate limit"}, 429, X_RateLimit_Reset="57")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert kit.bench.clock() - START >= timedelta(seconds=57)
    assert server.posted == [kit.sent(render)]


async def test_pins_are_counted_and_deleted(kit: Kit, server: PinterestServer) -> None:
    session = await kit.session()
    assert await kit.drive(kit.request(await kit.render())) == "done"
    counted = (await kit.platform.metrics(session, ["9000", "1"]))["9000"]
    assert (counted.views, counted.saves, counted.comments, counted.likes) == (422, 6, 2, 7)
    assert (counted.average_s, counted.watched_s) == (5.3104, 3462.385)
    assert server.asked("GET /v5/pins/9000/analytics")[0].query["start_date"] == "2026-08-24"
    await kit.platform.delete(session, "9000")
    await kit.platform.delete(session, "9000")
    assert server.posted == []


async def test_the_plan_names_every_request_and_no_token(kit: Kit) -> None:
    plan = kit.platform.plan(kit.account, kit.post(await kit.render()), await kit.vault.tokens(""))
    assert [urlsplit(call.url).path for call in plan] == [
        "/v5/media",
        "{upload_url}",
        "/v5/media/{media_id}",
        "/v5/pins",
    ]
    assert "pina.1" not in repr(plan)
