"""Accounts are connected once and in time, by whoever was sent; what came of it is said without secrets."""

from __future__ import annotations

import traceback
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from actors.publisher.adapters.accounts.answers import AccountAnswers, info_of
from actors.publisher.adapters.session import OpenSessions
from actors.publisher.ports import Call, LostError
from contracts import asks
from runtime.errors import Reject, Unavailable
from tests.publisher.account_bench import REDIRECT, AccountBench, account_bench
from tests.publisher.oauth_server import CLIENT_SECRET, PASSWORD, OAuthServer
from tests.publisher.platforms.server import Fault
from tests.publisher.tube import Tube, platforms


async def test_a_person_who_agrees_has_an_account_connected(bench: AccountBench) -> None:
    begun = await bench.consent()
    assert begun.state == "open"
    assert begun.url is not None and begun.url.startswith(f"{bench.server.url}/authorize?")
    waiting = await bench.answers.connection(asks.WhichConnection(connection=begun.connection))
    assert (waiting.state, waiting.url) == ("open", None)
    done = await bench.back(bench.server.agree(begun.url))
    (account,) = done.accounts
    assert (account.account_id, account.title, account.state, account.scopes) == (
        "tube:alice",
        "Alice",
        "ready",
        ("post",),
    )
    assert account.details == {"kind": "channel"}
    assert await bench.answers.connection(asks.WhichConnection(connection=begun.connection)) == done
    assert (await bench.vault.tokens("tube:alice")).access == bench.server.access


async def test_all_accounts_behind_one_login_are_connected(bench: AccountBench) -> None:
    bench.server.channels = ["alice", "bob"]
    await bench.connected()
    listed = await bench.answers.accounts(asks.Nothing())
    assert [account.account_id for account in listed.accounts] == ["tube:alice", "tube:bob"]


async def test_what_tells_the_browser_that_began_is_a_part_of_the_state(bench: AccountBench) -> None:
    asked = asks.Connect(platform="tube", redirect_uri=REDIRECT, browser="b" * 43)
    begun = await bench.answers.connect(asked)
    assert begun.url is not None
    query = bench.server.agree(begun.url)
    state, _, browser = query["state"].partition(".")
    assert (len(state), browser) == (43, "b" * 43)
    for other in (state, f"{state}.{'c' * 43}"):
        with pytest.raises(Reject):
            await bench.back({**query, "state": other})
    assert (await bench.back(query)).state == "done"


@pytest.mark.parametrize("spoil", ["used", "wrong", "late", "of another platform", "none"])
async def test_a_callback_with_another_state_is_refused(bench: AccountBench, spoil: str) -> None:
    begun = await bench.consent()
    assert begun.url is not None
    query, platform = bench.server.agree(begun.url), "tube"
    if spoil == "used":
        await bench.back(query)
    elif spoil == "wrong":
        query["state"] = query["state"][:-1] + "!"
    elif spoil == "none":
        del query["state"]
    elif spoil == "of another platform":
        platform = "garden"
    else:
        async with bench.accounts.database.transaction() as connection:
            await connection.execute("UPDATE publisher.connections SET expires_at = now() - interval '1 second'")
    with pytest.raises(Reject, match="not begun here") as told:
        await bench.back(query, platform)
    assert told.value.field == "state"
    if spoil == "late":
        over = await bench.answers.connection(asks.WhichConnection(connection=begun.connection))
        assert over.state == "failed"


async def test_whoever_does_not_agree_is_told_and_may_begin_anew(bench: AccountBench) -> None:
    begun = await bench.consent()
    state = bench.server.agree(begun.url or "")["state"]
    failed = await bench.back({"state": state, "error": "access_denied", "error_description": "you said no"})
    assert failed.state == "failed"
    assert failed.refusal is not None and "you said no" in failed.refusal.what
    assert (await bench.connected()).state == "ready"


async def test_a_login_is_kept_without_its_state_and_its_verifier(bench: AccountBench) -> None:
    begun = await bench.consent()
    state = dict(parse_qsl(urlsplit(begun.url or "").query))["state"]
    async with bench.accounts.database.transaction() as connection:
        row = await connection.fetchrow("SELECT row_to_json(c)::text AS text FROM publisher.connections AS c")
    assert row is not None and state not in row["text"] and "verifier" not in row["text"]


async def test_what_a_person_types_in_may_be_enough(bench: AccountBench) -> None:
    done = await bench.planted()
    assert [account.account_id for account in done.accounts] == ["garden:alice"]


async def test_a_wrong_password_is_said_without_it(bench: AccountBench) -> None:
    with pytest.raises(Reject, match="Garden did not let you in") as told:
        await bench.planted("a-wrong-password")
    assert "a-wrong-password" not in str(told.value)


@pytest.mark.parametrize(
    ("platform", "given", "field"),
    [
        ("nowhere", {}, "platform"),
        ("garden", {"handle": "alice"}, "given.password"),
        ("garden", {"handle": "alice", "password": PASSWORD, "pin": "1"}, "given.pin"),
        ("tube", {"handle": "alice"}, "given.handle"),
    ],
)
async def test_what_is_asked_wrongly_is_answered_with_the_field(
    bench: AccountBench, platform: str, given: dict[str, str], field: str
) -> None:
    with pytest.raises(Reject) as told:
        await bench.answers.connect(
            asks.Connect.model_validate({"platform": platform, "given": given, "redirect_uri": REDIRECT})
        )
    assert told.value.field == field


async def test_a_login_that_opens_no_account_is_refused_without_its_token(bench: AccountBench) -> None:
    bench.server.channels = []
    begun = await bench.consent()
    failed = await bench.back(bench.server.agree(begun.url or ""))
    assert failed.refusal is not None
    assert failed.refusal.what == "there is no channel behind •••"
    assert failed.refusal.advice == "Make one there"
    assert (await bench.answers.accounts(asks.Nothing())).accounts == ()


async def test_a_platform_that_does_not_answer_is_no_failure_of_the_login_data(bench: AccountBench) -> None:
    begun = await bench.consent()
    bench.server.fail("POST /token", "503")
    failed = await bench.back(bench.server.agree(begun.url or ""))
    assert failed.refusal is not None and failed.refusal.kind == "unavailable"


async def test_an_account_that_is_connected_again_stays_as_old_as_it_is(bench: AccountBench) -> None:
    first = await bench.connected()
    again = await bench.connected()
    assert again.connected_at == first.connected_at
    assert await bench.version() == 2


async def test_a_removed_account_is_given_back_to_the_platform(bench: AccountBench) -> None:
    await bench.connected()
    removed = await bench.answers.remove(asks.Remove(account_id="tube:alice"))
    assert removed.revoked and bench.server.revoked
    assert (await bench.answers.accounts(asks.Nothing())).accounts == ()
    with pytest.raises(Reject, match="not connected") as told:
        await bench.answers.remove(asks.Remove(account_id="tube:alice"))
    assert told.value.field == "account_id"


@pytest.mark.parametrize("fault", ["503", "after"])
async def test_an_account_is_forgotten_also_where_the_platform_is_not_told(bench: AccountBench, fault: Fault) -> None:
    await bench.connected()
    bench.server.fail("POST /revoke", fault)
    removed = await bench.answers.remove(asks.Remove(account_id="tube:alice"))
    assert not removed.revoked
    assert "take its access away" in removed.note
    assert (await bench.answers.accounts(asks.Nothing())).accounts == ()


async def test_it_is_told_what_can_be_connected_and_what_is_missing(bench: AccountBench) -> None:
    told = await AccountAnswers(platforms(bench.server.url), None, bench.client).platforms(asks.Nothing())
    tube, garden = told.platforms
    assert (tube.name, tube.connect, tube.ready, tube.asks) == ("tube", "login", True, ())
    assert [(field.name, field.secret) for field in garden.asks] == [("handle", False), ("password", True)]
    bare = info_of(Tube(bench.server.url, client_id=""))
    assert not bare.ready
    assert bare.missing == "CLIPWIRE_TUBE_CLIENT_ID and CLIPWIRE_TUBE_CLIENT_SECRET"


async def test_without_a_database_it_is_said_what_is_to_be_set(bench: AccountBench) -> None:
    answers = AccountAnswers(platforms(bench.server.url), None, bench.client)
    with pytest.raises(Reject, match="no database is set") as told:
        await answers.connect(asks.Connect(platform="tube", redirect_uri=REDIRECT))
    assert "CLIPWIRE_DATABASE_URL" in told.value.advice


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    server = OAuthServer()
    with server.running():
        async with account_bench("postgresql://nobody:x@127.0.0.1:9/none", tmp_path / "home", server) as bench:
            with pytest.raises(Unavailable, match="does not answer"):
                await bench.consent()


async def test_nothing_that_is_said_of_a_login_has_a_secret_in_it(bench: AccountBench) -> None:
    bench.server.lasts = 7200
    account = await bench.connected()
    assert account.expires_at is not None
    assert timedelta(hours=1) < account.expires_at - account.connected_at < timedelta(hours=2, seconds=5)
    text = account.model_dump_json() + (await bench.answers.accounts(asks.Nothing())).model_dump_json()
    assert not [token for token in (*bench.server.given, CLIENT_SECRET) if token in text]


async def test_a_platform_that_quotes_a_token_in_an_error_is_quoted_without_it(bench: AccountBench) -> None:
    await bench.connected()
    sessions = OpenSessions(bench.vault, bench.client, clock=bench.accounts.clock)
    session = await sessions.open(platforms(bench.server.url)["tube"], "tube:alice", _unheard)
    for send in (session.ask, session.make):
        with pytest.raises((Unavailable, LostError), match=r"HTTP 503 \(Bearer •••\)") as told:
            await send(Call("GET", f"{bench.server.url}/echo"))
        assert bench.server.access not in "".join(traceback.format_exception(told.value))


async def _unheard(done: float) -> None:
    return None
