"""The search for secrets: whatever happens to accounts, no token, code, verifier, password or key gets out.

Everything is real, in processes of its own: the publisher, the HTTP door, the command line, NATS and PostgreSQL. Then
all that any of them has written anywhere is searched.
"""

from __future__ import annotations

from pathlib import Path

from runtime.bus import Bus
from runtime.embed import PostgresServer
from runtime.media import FileMediaStore
from tests.publisher.house import KEY, House, everything, house, not_found, ready
from tests.publisher.oauth_server import CLIENT_SECRET, PASSWORD, OAuthServer
from tests.publisher.tube import URL
from tests.support.running import stored, until

WRONG = "a-wrong-password-that-is-refused"
PUBLISHER = "tests.publisher.account_publisher"


async def test_no_secret_is_found_anywhere(
    bus: Bus, nats_url: str, database_url: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    server = OAuthServer()
    with server.running() as url:
        async with house(bus, nats_url, database_url, tmp_path / "home", publisher=PUBLISHER, **{URL: url}) as here:
            await until(lambda: ready(here), within=60)
            await _live(here, server)
            found = await everything(here, database_url, tmp_path, postgres.folder)
    secrets = [*server.given, *_verifiers(server), CLIENT_SECRET, PASSWORD, WRONG, KEY]
    assert len(secrets) > 12
    not_found(secrets, found)
    known = [place for place, content in found.items() if b"tube:alice" in content]
    for kind in (
        "said",
        "passed",
        "stream EVENTS",
        "stream KV_claims",
        "table gateway",
        str(here.home),
        str(tmp_path / "nats"),
    ):
        assert any(place.startswith(kind) for place in known), f"{kind} was not searched"
    log = (here.home / f"{PUBLISHER}.log").read_text()
    assert "account.needs_a_person" in log and "message.set_aside" in log


async def _live(here: House, server: OAuthServer) -> None:
    """Accounts are connected, renewed, published on, refused, lost and removed; keys change."""
    store = FileMediaStore(here.home / "media")
    assert await here.clipwire("account", "connect", "garden", "--name", "handle=alice", typed=f"{PASSWORD}\n") == 0
    assert await here.clipwire("account", "connect", "garden", "--name", "handle=alice", typed=f"{WRONG}\n") == 1
    wrong = await here.door.post("/accounts/garden", json={"handle": "alice", "password": WRONG})
    here.said.append(wrong.text)
    assert wrong.status_code == 422
    assert (await here.connect("tube", server.agree)).status_code == 200
    forged = await here.get("/accounts/tube/callback", params={"state": "x" * 43, "code": server.given[0]})
    assert forged.status_code == 400

    assert (await here.publish(store, "tube:alice", 1.0)).type == "publish.done"
    server.access = "nobody knows this one"  # the platform takes the access token no more: it is renewed and sent again
    server.given.append(server.access)
    assert (await here.publish(store, "tube:alice", 30.0)).type == "publish.done"
    assert len(server.posted) == 2
    assert await here.clipwire("account", "rotate-key", "--json") == 0

    server.revoked = True
    failed = await here.publish(store, "tube:alice", 60.0)
    assert failed.type == "work.failed" and "connected again" in failed.data.failure.what
    await until(lambda: _said_about(here, "tube:alice"), within=30)
    assert await here.clipwire("account", "list") == 0
    await _told_elsewhere(here)
    assert (await here.connect("tube", server.agree)).status_code == 200
    assert await here.clipwire("account", "remove", "tube:alice") == 0
    await _connect_and_forget(here, server)


async def _told_elsewhere(here: House) -> None:
    """What is shown of all that to whoever looks: on the command line, in lists, as failures, for programs."""
    await here.clipwire("doctor", "--json")  # of this machine, on which not all may be well
    for arguments in (("account", "list", "--json"), ("publish", "--planned")):
        assert await here.clipwire(*arguments) == 0, here.said[-1]
    for path in ("/accounts", "/platforms", "/publications", "/jobs", "/failures", "/users/me/export"):
        await here.get(path)


async def _connect_and_forget(here: House, server: OAuthServer) -> None:
    """A login that nobody finishes, and one that the platform does not finish: they stay in the database."""
    await here.door.get("/accounts/tube/connect")
    server.channels = []
    page = await here.connect("tube", server.agree)
    assert page.status_code == 400 and "there is no channel behind" in page.text


async def _said_about(here: House, account_id: str) -> bool:
    return any(message.event().data.failure.entity == account_id for message in await stored(here.bus, "work.failed"))


def _verifiers(server: OAuthServer) -> list[str]:
    forms = [request.form() for request in server.asked("POST /token")]
    return [form["code_verifier"] for form in forms if "code_verifier" in form]
