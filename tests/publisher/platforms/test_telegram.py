"""Telegram, against a Bot API server that is as strict as Telegram's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from actors.publisher.adapters.platforms.telegram import Telegram, TelegramSettings
from actors.publisher.core.rules import rules
from actors.publisher.ports import Owner, RevokedError, UnconfirmedError
from runtime.errors import Reject
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.server import Reply, json_reply
from tests.publisher.platforms.telegram_server import CHAT, TELEGRAM, TOKEN, TelegramServer, error
from tests.publisher.support import START, a_render, post_of

CASE = TELEGRAM


async def connected(kit: Kit, *, token: str = TOKEN, chat: str = "@my_shorts") -> Owner:
    api = kit.api
    given = {"token": token, "chat": chat}
    assert await kit.grant.consent(api, given, state="s", verifier="v", redirect_uri="http://x") is None
    tokens = await kit.grant.tokens(api, given, verifier="v", redirect_uri="http://x")
    [owner] = await kit.platform.owners(api, tokens)
    return owner


# -- Login ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chat", ["@my_shorts", "my_shorts", "https://t.me/my_shorts", str(CHAT)])
async def test_a_bot_and_its_channel_are_an_account(kit: Kit, chat: str) -> None:
    owner = await connected(kit, chat=chat)
    assert (owner.name, owner.title) == ("my_shorts", "Shorts")
    assert owner.details["chat_id"] == str(CHAT)
    assert TOKEN not in repr(owner)


async def test_a_channel_without_a_name_is_known_by_its_number(kit: Kit, server: TelegramServer) -> None:
    del server.chat["username"]
    assert (await connected(kit, chat=str(CHAT))).name == str(CHAT)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"token": "nonsense"}, "BotFather"),
        ({"token": "42:other"}, "does not know the bot"),
        ({"chat": "@another"}, "-100"),
    ],
)
async def test_what_is_typed_in_wrongly_is_said(kit: Kit, given: dict[str, str], said: str) -> None:
    with pytest.raises(Reject) as refused:
        await connected(kit, **given)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "member", "may"),
    [
        ("channel", {"status": "administrator", "can_post_messages": True}, True),
        ("channel", {"status": "administrator"}, False),
        ("channel", {"status": "member"}, False),
        ("channel", {"status": "left"}, False),
        ("supergroup", {"status": "member"}, True),
        ("supergroup", {"status": "restricted", "can_send_videos": False}, False),
        ("supergroup", {"status": "kicked"}, False),
        ("private", {"status": "member"}, False),
    ],
)
async def test_the_bot_has_to_be_allowed_to_post(
    kit: Kit, server: TelegramServer, kind: str, member: dict[str, object], may: bool
) -> None:
    server.chat["type"], server.member = kind, member
    if may:
        await connected(kit)
    else:
        with pytest.raises(Reject, match=r"administrator|channel"):
            await connected(kit)


# -- Posts ------------------------------------------------------------------------------------------------------------


async def test_a_message_has_what_clients_show_it_by(kit: Kit, server: TelegramServer) -> None:
    request = kit.request(await kit.render())
    assert await kit.drive(request) == "done"
    [fields] = server.messages.values()
    assert (fields["width"], fields["height"], fields["duration"]) == ("1080", "1920", "20")
    assert fields["supports_streaming"] == "true"
    assert fields["caption"].endswith("CC BY 4.0")
    claim = await kit.bench.claims.get(f"publish/{request.publication_id}")
    assert claim is not None
    publication = claim.data["publication"]
    assert (publication["platform_id"], publication["url"]) == ("7", "https://t.me/my_shorts/7")
    assert TOKEN not in str(claim.data)


async def test_a_lost_answer_is_left_to_a_person(kit: Kit, server: TelegramServer) -> None:
    server.fail(f"POST /bot{TOKEN}/sendVideo", "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    assert server.posted == [kit.sent(render)]
    assert await kit.drive(kit.request(render, outcome="there", url="https://t.me/my_shorts/7")) == "done"
    assert len(server.posted) == 1


async def test_what_a_person_says_is_not_there_is_sent_again(kit: Kit, server: TelegramServer) -> None:
    server.fail(f"POST /bot{TOKEN}/sendVideo", "before")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    assert await kit.drive(kit.request(render, outcome="not_there")) == "done"
    assert server.posted == [kit.sent(render)]


async def test_an_answer_of_a_proxy_is_not_believed_nor_quoted(kit: Kit, server: TelegramServer) -> None:
    server.refuses["sendVideo"] = Reply(200, f"<html>/bot{TOKEN}/sendVideo</html>".encode())
    assert await kit.drive(kit.request(await kit.render())) == "unconfirmed"
    session, made = await kit.session(), post_of(await kit.render())
    server.refuses["getChatMember"] = Reply(403, f"<html>/bot{TOKEN}/getChatMember</html>".encode())
    with pytest.raises(Reject) as refused:
        await kit.platform.check(session, made)
    assert TOKEN not in str(refused.value)


async def test_flood_control_is_waited_for_as_long_as_the_body_says(kit: Kit, server: TelegramServer) -> None:
    server.refuses["sendVideo"] = error(429, "Too Many Requests: retry after 431", retry_after=431)
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert kit.bench.clock() - START == timedelta(seconds=431)
    assert server.posted == [kit.sent(render)]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (error(400, "Bad Request: not enough rights to send videos to the chat"), "administrator"),
        (error(403, "Forbidden: bot was kicked from the channel chat"), "Add the bot"),
        (error(413, "Request Entity Too Large"), "Bot API server of your own"),
        (error(400, "Bad Request: group chat was upgraded to a supergroup", migrate_to_chat_id=-1), "Connect"),
        (error(400, "Bad Request: something else"), "something else"),
    ],
)
async def test_what_telegram_refuses_is_said_with_what_to_do(
    kit: Kit, server: TelegramServer, reply: Reply, said: str
) -> None:
    server.refuses["sendVideo"] = reply
    assert said in await kit.drive(kit.request(await kit.render()))
    assert server.posted == []


async def test_a_bot_that_lost_its_right_is_told_before_the_first_byte(kit: Kit, server: TelegramServer) -> None:
    server.member = {"status": "left"}
    assert "may not post" in await kit.drive(kit.request(await kit.render()))
    assert server.asked(r"POST /bot.*/sendVideo") == []


async def test_a_token_that_was_taken_back_sets_the_account_aside(kit: Kit, server: TelegramServer) -> None:
    session, made = await kit.session(), post_of(await kit.render())
    server.token = "42:new"
    with pytest.raises(RevokedError):
        await kit.platform.check(session, made)


async def test_nothing_is_found_or_counted_and_messages_are_deleted(kit: Kit, server: TelegramServer) -> None:
    session = await kit.session()
    assert await kit.drive(kit.request(await kit.render())) == "done"
    with pytest.raises(UnconfirmedError, match="no bot"):
        await kit.platform.find(session, post_of(await kit.render()))
    assert await kit.platform.metrics(session, ["7"]) == {}
    await kit.platform.delete(session, "7")
    await kit.platform.delete(session, "7")
    assert server.posted == []
    server.refuses["deleteMessage"] = error(400, "Bad Request: message can't be deleted for everyone")
    with pytest.raises(Reject, match="can't be deleted"):
        await kit.platform.delete(session, "7")


async def test_a_server_of_ones_own_takes_larger_videos(kit: Kit) -> None:
    made = post_of(await a_render(kit.bench.media), description="words")
    large = replace(made, film=replace(made.film, bytes=60_000_000))
    cloud = Telegram(TelegramSettings(_env_file=None))
    assert [rule.name for rule in rules(cloud.limits, large) if not rule.kept] == ["file size"]
    assert all(rule.kept for rule in rules(kit.platform.limits, large))


async def test_the_plan_is_one_request_without_the_token(kit: Kit, tmp_path: Path) -> None:
    cover = tmp_path / "cover.jpg"
    cover.write_bytes(b"jpeg")
    made = replace(post_of(await kit.render()), cover=cover)
    [call] = kit.platform.plan(kit.account, made, await kit.vault.tokens(""))
    assert call.url.endswith("/bot{token}/sendVideo")
    assert TOKEN not in repr(call)
    assert call.answer_s is not None
    assert call.answer_s > 120


async def test_a_refusal_without_words_is_said_with_its_status(kit: Kit, server: TelegramServer) -> None:
    server.refuses["sendVideo"] = json_reply({}, 418)
    assert "HTTP 418" in await kit.drive(kit.request(await kit.render()))
