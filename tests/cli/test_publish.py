"""`clipwire publish`: what a person found goes with the command, and what waits is listed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts import asks
from contracts.publishing import Account
from contracts.work import Channel
from runtime.bus import Bus
from runtime.kv import NatsChannels
from tests.cli.conftest import run_cli
from tests.gateway.answers import stored

RENDER = "r_" + "0" * 20
AT = datetime(2026, 12, 24, 17, tzinfo=UTC)


class Clipwire:
    """`clipwire publish …` as a program."""

    def __init__(self, nats_url: str, folder: Path) -> None:
        self._folder = folder
        self._env = {"CLIPWIRE_NATS_URL": nats_url, "CLIPWIRE_HOME": str(folder / "home")}

    async def __call__(self, *arguments: str) -> tuple[int, str, str]:
        done = await asyncio.to_thread(run_cli, self._folder, "publish", *arguments, **self._env)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
async def clipwire(bus: Bus, nats_url: str, tmp_path: Path) -> AsyncIterator[Clipwire]:
    """With a channel, one connected account, and a publisher that knows what waits on each."""
    await NatsChannels(bus.js).put(Channel(targets=("outbox:default", "tube:alice")))

    async def accounts(_: asks.Nothing) -> asks.Accounts:
        names = ("tube:alice", "tube:bob")
        return asks.Accounts(
            accounts=tuple(Account(account_id=n, platform="tube", title=n, connected_at=AT) for n in names)
        )

    async def planned(asked: asks.WhichPlanned) -> asks.Planned:
        return asks.Planned(
            waiting=tuple(
                asks.Waiting(publication_id=f"p_{n:020x}", account_id=name, at=AT)
                for n, name in enumerate(asked.account_ids)
            )
        )

    async with bus.answering({asks.ACCOUNTS: accounts, asks.PLANNED: planned}):
        yield Clipwire(nats_url, tmp_path)


async def test_what_a_person_found_goes_with_the_command(clipwire: Clipwire, bus: Bus) -> None:
    url = "https://example.org/v/1"
    code, _, said = await clipwire(RENDER, "--account", "tube:alice", "--there", url)
    assert code == 0, said
    code, _, said = await clipwire(RENDER, "--account", "tube:alice", "--not-there")
    assert code == 0, said
    there, not_there = [event.data for event in await stored(bus)]
    assert (there.account_id, there.outcome, there.url) == ("tube:alice", "there", url)
    assert (not_there.account_id, not_there.outcome, not_there.url) == ("tube:alice", "not_there", None)


async def test_what_does_not_go_together_is_said_in_one_line(clipwire: Clipwire, bus: Bus) -> None:
    alice, bob = ("--account", "tube:alice"), ("--account", "tube:bob")
    for arguments, words in (
        ((RENDER, *alice, "--there", "https://a.b/c", "--not-there"), "it is one or the other"),
        ((RENDER, "--not-there"), "say what you found on one account"),
        ((RENDER, *alice, *bob, "--not-there"), "say what you found on one account"),
        ((RENDER, *alice, "--not-there", "--dry-run"), "say what you found on one account"),
        ((RENDER, *alice, "--there", ""), "--there: what is `there` has an address"),
        ((), "Missing argument 'ID'"),
        ((RENDER, "--planned"), "--planned lists what waits"),
        (("--planned", "--account", "nobody"), "--account: String should match"),
        (
            (RENDER, "--at", "2026-12-24"),
            "--at: '2026-12-24' is a day without a time. Write day and time as 2026-12-24T18:00",
        ),
        ((RENDER, "--at", "20261224"), "'20261224' is a day without a time"),
        ((RENDER, "--at", "2026-W52"), "'2026-W52' is a day without a time"),
        ((RENDER, "--at", "soon"), "--at: 'soon' is no time. Write day and time as"),
    ):
        code, _, said = await clipwire(*arguments)
        assert code == 2 and words in said, said
        assert len(said.strip().splitlines()) == 1
    assert await stored(bus) == []


@pytest.mark.parametrize("at", ["2026-12-24T18:00+01:00", "2026-12-24 18:00+0100", "20261224T18+01", "2026-12-24T17Z"])
async def test_a_day_and_a_time_are_taken_however_iso_8601_writes_them(clipwire: Clipwire, bus: Bus, at: str) -> None:
    code, _, said = await clipwire(RENDER, "--account", "tube:alice", "--at", at)
    assert code == 0, said
    assert [event.data.publish_at for event in await stored(bus)] == [AT]


async def test_what_waits_is_listed_for_the_accounts_named_else_for_all(clipwire: Clipwire) -> None:
    code, out, said = await clipwire("--planned", "--json")
    assert code == 0, said
    assert [each["account_id"] for each in json.loads(out)["waiting"]] == ["outbox:default", "tube:alice", "tube:bob"]
    code, out, said = await clipwire("--planned", "--account", "tube:bob")
    assert code == 0 and "tube:bob" in out and "2026-12-24" in out and "1 wait" in said
    assert "tube:alice" not in out
