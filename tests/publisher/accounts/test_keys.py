"""Tokens are encrypted at rest, each account's for itself, with keys that can be changed."""

from __future__ import annotations

import asyncio
import stat

import pytest
import structlog
from pydantic import ValidationError

from actors.publisher.adapters.accounts.answers import AccountAnswers
from actors.publisher.adapters.accounts.kept import Accounts
from actors.publisher.ports import Tokens
from contracts import asks
from runtime.errors import Unavailable
from tests.publisher.account_bench import ALICE, AccountBench
from tests.publisher.tube import platforms

OLD, NEW = "an-old-key-of-thirty-two-letters-", "a-new-key-of-thirty-two-letters--"


async def test_the_key_file_is_made_at_first_need_for_its_owner_alone(bench: AccountBench) -> None:
    path = bench.home / "secret_key"
    await bench.answers.platforms(asks.Nothing())
    assert not path.exists()
    await bench.connected()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text().strip()) >= 32


async def test_a_key_file_that_others_can_read_is_told_once_in_the_log(bench: AccountBench) -> None:
    path = bench.home / "keys"
    path.write_text(f"{NEW}\n")
    for mode, times in ((0o640, 1), (0o600, 0)):
        path.chmod(mode)
        keys = bench.with_keys(secret_key_file=path).keys
        with structlog.testing.capture_logs() as logged:
            keys.open("x", keys.seal("x", {}))
        told = [line for line in logged if line["event"] == "secret_key.open_to_others"]
        assert len(told) == times
        assert NEW not in str(told)


async def test_several_processes_make_one_key(bare_database_url: str, bench: AccountBench) -> None:
    others = [bench.with_keys() for _ in range(4)]
    benches = [AccountAnswers(platforms(bench.server.url), accounts, bench.client) for accounts in others]
    ask = asks.Connect(platform="tube", redirect_uri="http://127.0.0.1/callback")
    begun = await asyncio.gather(*(each.connect(ask) for each in benches))
    for connection in begun:
        done = await bench.back(bench.server.agree(connection.url or ""))
        assert done.state == "done"


async def test_tokens_put_in_the_place_of_anothers_do_not_open(bench: AccountBench) -> None:
    bench.server.channels = ["alice", "bob"]
    await bench.connected()
    await bench.sql(
        "UPDATE publisher.accounts SET tokens = (SELECT tokens FROM publisher.accounts WHERE account_id = 'tube:bob')"
        " WHERE account_id = 'tube:alice'"
    )
    with pytest.raises(Unavailable, match="in the place of tube:alice the database holds what belongs to tube:bob"):
        await bench.vault.tokens(ALICE)


async def test_a_wrong_key_is_named_and_nothing_is_lost(bench: AccountBench) -> None:
    await bench.connected()
    wrong = bench.with_keys(secret_key=NEW)
    with pytest.raises(Unavailable, match="another key than CLIPWIRE_SECRET_KEY") as told:
        await wrong.opened(ALICE)
    assert "CLIPWIRE_SECRET_KEYS_PREVIOUS" in told.value.advice
    with pytest.raises(Unavailable, match="another key"):
        async with wrong.writing():
            pass
    assert (await bench.vault.tokens(ALICE)).access == bench.server.access


async def test_a_missing_key_file_is_named_and_no_other_is_made_in_its_place(bench: AccountBench) -> None:
    await bench.connected()
    kept = (bench.home / "secret_key").rename(bench.home / "elsewhere")
    with pytest.raises(Unavailable, match=f"the key file {bench.home}/secret_key: No such file"):
        await bench.vault.tokens(ALICE)
    with pytest.raises(Unavailable, match="No such file"):
        await bench.consent()
    assert not (bench.home / "secret_key").exists()
    kept.rename(bench.home / "secret_key")
    assert (await bench.vault.tokens(ALICE)).access == bench.server.access


async def test_an_account_whose_key_is_gone_can_be_removed_and_connected_anew(bench: AccountBench) -> None:
    await bench.connected()
    (bench.home / "secret_key").unlink()
    removed = await bench.answers.remove(asks.Remove(account_id=ALICE))
    assert not removed.revoked
    assert (await bench.connected()).state == "ready"


async def test_a_short_key_is_refused(bench: AccountBench) -> None:
    (bench.home / "keys").write_text("password1\n")
    with pytest.raises(Unavailable, match="fewer than 32 characters") as told:
        bench.with_keys(secret_key_file=bench.home / "keys").keys.seal("x", {})
    assert "password1" not in str(told.value)


async def test_keys_of_ones_own_are_changed_by_settings_and_one_command(bench: AccountBench) -> None:
    old = bench.with_keys(secret_key=OLD)
    await _through(bench, old).connect(
        asks.Connect.model_validate(
            {
                "platform": "garden",
                "given": {"handle": "a", "password": "app-password-77aa-bb"},
                "redirect_uri": "http://x/",
            }
        )
    )
    both = bench.with_keys(secret_key=NEW, secret_keys_previous=f"{OLD}, ")
    assert await both.opened("garden:alice") == await old.opened("garden:alice")
    rotated = await _through(bench, both).rotate_key(asks.Nothing())
    assert rotated.accounts == 1
    assert "CLIPWIRE_SECRET_KEYS_PREVIOUS can be emptied" in rotated.note
    assert await bench.with_keys(secret_key=NEW).opened("garden:alice") is not None
    with pytest.raises(Unavailable):
        await old.opened("garden:alice")


async def test_our_own_key_is_changed_by_one_command_also_for_processes_that_run_and_logins_under_way(
    bench: AccountBench,
) -> None:
    await bench.connected()
    other, begun = bench.with_keys(), await bench.consent()
    before = (bench.home / "secret_key").read_text()
    assert (await bench.answers.rotate_key(asks.Nothing())).accounts == 1
    after = (bench.home / "secret_key").read_text()
    assert before != after
    assert len(after.splitlines()) == 1
    assert await other.opened(ALICE) is not None
    assert (await bench.back(bench.server.agree(begun.url or ""))).state == "done"
    (bench.home / "secret_key").write_text(before)
    with pytest.raises(Unavailable):
        await bench.accounts.opened(ALICE)


async def test_keys_that_are_changed_by_several_at_once_lose_nothing(bench: AccountBench) -> None:
    await bench.connected()
    others = [_through(bench, bench.with_keys()) for _ in range(4)]
    await asyncio.gather(*(other.rotate_key(asks.Nothing()) for other in others), bench.planted(), bench.consent())
    assert len((bench.home / "secret_key").read_text().splitlines()) == 1
    for account_id in (ALICE, "garden:alice"):
        assert await bench.accounts.opened(account_id) is not None


async def test_a_key_that_is_missing_is_not_replaced_by_changing_it(bench: AccountBench) -> None:
    await bench.connected()
    (bench.home / "secret_key").unlink()
    with pytest.raises(Unavailable, match="No such file"):
        await bench.answers.rotate_key(asks.Nothing())
    assert not (bench.home / "secret_key").exists()


def _through(bench: AccountBench, accounts: Accounts) -> AccountAnswers:
    return AccountAnswers(platforms(bench.server.url), accounts, bench.client)


def test_tokens_that_are_none_are_told_without_them() -> None:
    """A platform that answers with other types, or a row that an older version wrote."""
    wrong: list[dict[str, object]] = [
        {"access": ["at-secret"]},
        {"access": "at-secret", "refresh": 918273},
        {"refresh": "at-secret"},
    ]
    for each in wrong:
        with pytest.raises(ValidationError) as told:
            Tokens.model_validate(each)
        assert "at-secret" not in str(told.value) and "918273" not in str(told.value)
    assert "at-secret" not in repr(Tokens(access="at-secret", refresh="at-secret", more={"password": "at-secret"}))
