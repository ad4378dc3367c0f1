"""Accounts at the HTTP door: passed on to the publisher, answered as everything else, opened by a state alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from contracts import asks
from contracts.publishing import Account
from gateway.http.settings import GatewaySettings
from runtime.asks import Answers
from runtime.bus import Bus
from runtime.errors import Reject, Unavailable
from tests.gateway.answers import problem
from tests.gateway.conftest import TOKEN

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ALICE = Account(account_id="tube:alice", platform="tube", title="Alice <b>", connected_at=NOW)
NAME = "a" * 64
STATE = "s" * 43
CONSENT = f"https://tube.example/authorize?state={STATE}"


class FakePublisher:
    """Answers as the publisher does, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[asks.Connect] = []
        self.brought: list[dict[str, str]] = []

    async def platforms(self, _: asks.Nothing) -> asks.Platforms:
        return asks.Platforms(platforms=(asks.PlatformInfo(name="tube", connect="login", ready=True),))

    async def accounts(self, _: asks.Nothing) -> asks.Accounts:
        return asks.Accounts(accounts=(ALICE,))

    async def connect(self, asked: asks.Connect) -> asks.Connection:
        self.asked.append(asked)
        if asked.platform != "tube":
            raise Reject(f"there is no platform {asked.platform!r}", advice="There is: tube", field="platform")
        if "handle" in asked.given and "password" not in asked.given:
            raise Reject("password is missing", advice="Give it as well", field="given.password")
        if asked.given:
            return asks.Connection(state="done", connection=NAME, platform="tube", expires_at=NOW, accounts=(ALICE,))
        url = f"{CONSENT}.{asked.browser}" if asked.browser else CONSENT
        return asks.Connection(state="open", connection=NAME, platform="tube", url=url, expires_at=NOW)

    async def callback(self, asked: asks.Callback) -> asks.Connection:
        self.brought.append({name: value.get_secret_value() for name, value in asked.query.items()})
        if asked.query["state"].get_secret_value().partition(".")[0] != STATE:
            raise Reject("this login was not begun here", advice="Begin it anew")
        if "error" in asked.query:
            refusal = asks.Refusal(kind="rejected", what="Tube said <no>", advice="Agree to it")
            return asks.Connection(state="failed", connection=NAME, platform="tube", expires_at=NOW, refusal=refusal)
        return asks.Connection(state="done", connection=NAME, platform="tube", expires_at=NOW, accounts=(ALICE,))

    async def remove(self, asked: asks.Remove) -> asks.Removed:
        if asked.account_id != ALICE.account_id:
            raise Reject("it is not connected", field="account_id")
        return asks.Removed(account_id=asked.account_id, revoked=True, note="forgotten")


@pytest.fixture
async def publisher(bus: Bus) -> AsyncIterator[FakePublisher]:
    fake = FakePublisher()
    answers: Answers = {
        asks.PLATFORMS: fake.platforms,
        asks.ACCOUNTS: fake.accounts,
        asks.CONNECT: fake.connect,
        asks.CALLBACK: fake.callback,
        asks.REMOVE: fake.remove,
    }
    async with bus.answering(answers):
        yield fake


async def test_platforms_and_accounts_are_listed(client: httpx.AsyncClient, publisher: FakePublisher) -> None:
    assert [item["name"] for item in (await client.get("/platforms")).json()["items"]] == ["tube"]
    (account,) = (await client.get("/accounts")).json()["items"]
    assert (account["account_id"], account["state"]) == ("tube:alice", "ready")


async def test_a_program_is_told_the_consent_page_and_a_browser_is_sent_there(
    client: httpx.AsyncClient, publisher: FakePublisher
) -> None:
    answer = await client.get("/accounts/tube/connect")
    assert (answer.status_code, answer.json()["url"]) == (200, CONSENT)
    assert answer.headers["cache-control"] == "no-store"
    browser = await client.get("/accounts/tube/connect", headers={"Accept": "text/html,*/*"})
    assert (browser.status_code, browser.headers["location"]) == (303, CONSENT)
    assert publisher.asked[0].redirect_uri == "http://localhost/api/v1/accounts/tube/callback"


@pytest.fixture
def browser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody who has logged in with a browser."""
    del client.headers["Authorization"]
    client.headers["Accept"] = "text/html,*/*"
    client.cookies.set("clipwire_access_token", TOKEN)
    return client


async def begun(browser: httpx.AsyncClient) -> dict[str, str]:
    """What the platform sends back with them after they have agreed."""
    answer = await browser.get("/accounts/tube/connect")
    assert answer.status_code == 303
    return {"code": "c", "state": parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]}


async def test_a_login_that_a_browser_began_ends_in_that_browser_alone(
    browser: httpx.AsyncClient, publisher: FakePublisher
) -> None:
    first, second = await begun(browser), await begun(browser)
    kept = browser.cookies.pop("clipwire_connect")
    for cookie in (None, "x" * 43):
        if cookie:
            browser.cookies.set("clipwire_connect", cookie)
        elsewhere = await browser.get("/accounts/tube/callback", params=first)
        assert (elsewhere.status_code, "begun in another browser" in elsewhere.text) == (400, True)
    assert publisher.brought == [], "the state is not used up by that"
    browser.cookies.clear()
    browser.cookies.set("clipwire_connect", kept)
    for query in (first, second):
        assert (await browser.get("/accounts/tube/callback", params=query)).status_code == 200


async def test_the_cookie_of_a_login_is_read_by_no_script_and_sent_by_no_other_site(
    browser: httpx.AsyncClient, publisher: FakePublisher
) -> None:
    plain = (await browser.get("/accounts/tube/connect")).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Max-Age=600", "Path=/"} <= set(plain.split("; "))
    host = "https://localhost/api/v1/accounts/tube/connect"
    safe = (await browser.get(host, headers={"Cookie": f"clipwire_access_token={TOKEN}"})).headers["set-cookie"]
    assert safe.startswith("__Host-clipwire_connect=") and "Secure" in safe and "Domain" not in safe


async def test_a_program_that_began_may_have_the_page_opened_elsewhere(
    client: httpx.AsyncClient, publisher: FakePublisher
) -> None:
    for accept in ("application/json", "text/html"):
        answer = await client.get("/accounts/tube/connect", headers={"Accept": accept})
        assert "set-cookie" not in answer.headers
    assert [asked.browser for asked in publisher.asked] == [None, None]
    assert (await client.get("/accounts/tube/callback", params={"state": STATE})).status_code == 200


async def test_what_a_platform_asks_for_is_posted(client: httpx.AsyncClient, publisher: FakePublisher) -> None:
    done = await client.post("/accounts/tube", json={"handle": "alice", "password": "p"})
    assert (done.status_code, done.json()["state"]) == (200, "done")
    missing = problem(await client.post("/accounts/tube", json={"handle": "alice"}), 422)
    assert missing["field"] == "password"
    wrong = problem(await client.post("/accounts/tube", json={"handle": 7}), 422)
    assert wrong["field"] == "handle"


async def test_a_callback_needs_no_token_and_says_what_happened(
    client: httpx.AsyncClient, publisher: FakePublisher
) -> None:
    del client.headers["Authorization"]
    page = await client.get("/accounts/tube/callback", params={"state": STATE, "code": "c", "scope": "a b", "x": "y"})
    assert page.status_code == 200
    assert "Connected" in page.text and "Alice &lt;b&gt; (tube:alice)" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert publisher.brought == [{"state": STATE, "code": "c", "scope": "a b", "x": "y"}]
    refused = await client.get("/accounts/tube/callback", params={"state": STATE, "error": "access_denied"})
    assert refused.status_code == 400
    assert "Tube said &lt;no&gt;" in refused.text


async def test_a_callback_with_another_state_is_refused(client: httpx.AsyncClient, publisher: FakePublisher) -> None:
    del client.headers["Authorization"]
    for state in ("", "short", "t" * 43):
        page = await client.get("/accounts/tube/callback", params={"state": state, "code": "c"})
        assert page.status_code == 400
        assert "Not connected" in page.text
    assert len(publisher.brought) == 1, "what cannot be a state is not passed on"


async def test_nothing_else_of_accounts_is_open_without_the_token(
    client: httpx.AsyncClient, publisher: FakePublisher
) -> None:
    del client.headers["Authorization"]
    for path in ("/accounts", "/platforms", "/accounts/tube/connect", "/accounts/tube/callback/x"):
        problem(await client.get(path, params={"state": STATE}), 401)
    problem(await client.post("/accounts/tube/callback"), 401)
    problem(await client.delete("/accounts/tube:alice"), 401)
    problem(await client.get("/accounts/tube/callback", headers={"Host": "evil.example"}), 421)


async def test_an_account_is_removed(client: httpx.AsyncClient, publisher: FakePublisher) -> None:
    assert (await client.delete("/accounts/tube:alice")).json()["revoked"]
    problem(await client.delete("/accounts/tube:bob"), 404)
    problem(await client.delete("/accounts/nothing"), 422)


async def test_an_unknown_platform_is_not_found(client: httpx.AsyncClient, publisher: FakePublisher) -> None:
    assert problem(await client.get("/accounts/vine/connect"), 404)["advice"] == "There is: tube"
    problem(await client.get("/accounts/Vine!/connect"), 422)


async def test_without_a_publisher_it_is_said_how_to_start_one(client: httpx.AsyncClient) -> None:
    said = problem(await client.get("/accounts"), 503)
    assert "no publisher runs" in said["detail"]
    page = await client.get("/accounts/tube/callback", params={"state": STATE})
    assert page.status_code == 503


async def test_what_the_publisher_cannot_do_now_is_tried_again_later(client: httpx.AsyncClient, bus: Bus) -> None:
    async def away(_: asks.Nothing) -> asks.Accounts:
        raise Unavailable("the database of accounts does not answer", after=7.0, advice="Look at PostgreSQL")

    async with bus.answering({asks.ACCOUNTS: away}):
        answer = await client.get("/accounts")
    assert problem(answer, 503)["advice"] == "Look at PostgreSQL"
    assert answer.headers["retry-after"] == "7"


def test_people_are_sent_back_to_the_address_that_they_know() -> None:
    settings = GatewaySettings(http_public_url="https://Clips.Example.org/base/")
    assert "clips.example.org" in settings.hosts
    assert TOKEN not in str(settings)
