"""`clipwire account`, against a publisher that answers on the bus."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from runtime.bus import Bus
from tests.cli.conftest import ROOT
from tests.publisher.account_bench import AccountBench, account_bench
from tests.publisher.oauth_server import PASSWORD, OAuthServer
from tests.support.forked import run_forked


@pytest.fixture
async def bench(bus: Bus, database_url: str, tmp_path: Path) -> AsyncIterator[AccountBench]:
    server = OAuthServer()
    with server.running():
        async with (
            account_bench(database_url, tmp_path / "home", server) as opened,
            bus.answering(opened.answers.answers),
        ):
            yield opened


class Clipwire:
    """`clipwire account …` as a program."""

    def __init__(self, nats_url: str, home: Path) -> None:
        self._env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CLIPWIRE_NATS_URL": nats_url,
            "CLIPWIRE_HOME": str(home / "of-the-cli"),
        }
        self._folder = home

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        pipe = subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cli", "account", *arguments,
            stdin=pipe, stdout=pipe, stderr=pipe, env=self._env, cwd=self._folder,
        )  # fmt: skip

    async def __call__(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        given = "account", *arguments
        done = await asyncio.to_thread(run_forked, given, self._folder, self._env, timeout_s=60, typed=typed)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def clipwire(bench: AccountBench, nats_url: str) -> Clipwire:
    return Clipwire(nats_url, bench.home)


async def test_an_account_is_connected_by_way_of_a_browser_listed_and_removed(
    bench: AccountBench, clipwire: Clipwire
) -> None:
    child = await clipwire.start("connect", "tube", "--port", "0", "--json")
    assert child.stdout is not None
    begun = json.loads(await asyncio.wait_for(child.stdout.readline(), 60))
    back = dict(parse_qsl(urlsplit(begun["url"]).query))["redirect_uri"]
    assert back.startswith("http://127.0.0.1:")
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(back.replace("/callback", "/favicon.ico"))).status_code == 404
        page = await browser.get(back, params=bench.server.agree(begun["url"]))
    assert "Connected" in page.text
    out, _ = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == 0
    assert [account["account_id"] for account in json.loads(out)["accounts"]] == ["tube:alice"]

    code, told, _ = await clipwire("list", "--json")
    assert (code, [each["title"] for each in json.loads(told)["accounts"]]) == (0, ["Alice"])
    assert "tube:alice" in (await clipwire("list"))[1]
    code, _, said = await clipwire("remove", "tube:alice")
    assert code == 0 and "worthless" in said
    code, _, said = await clipwire("remove", "tube:alice")
    assert code == 1 and "is not connected" in said


async def test_secrets_are_read_from_standard_input_and_not_from_the_command_line(
    bench: AccountBench, clipwire: Clipwire
) -> None:
    code, out, said = await clipwire("connect", "garden", "--name", "handle=alice", typed=f"{PASSWORD}\n")
    assert code == 0, said
    assert "connected: Alice as garden:alice" in said
    assert PASSWORD not in out + said
    code, _, said = await clipwire("connect", "garden", "--name", "handle=a", "--name", f"password={PASSWORD}")
    assert code == 2 and "password is a secret" in said and PASSWORD not in said
    code, _, said = await clipwire("connect", "garden", "--name", "handle=a", typed="not-the-password\n")
    assert code == 1 and "Garden did not let you in" in said and "not-the-password" not in said


async def test_the_key_is_changed(bench: AccountBench, clipwire: Clipwire) -> None:
    await bench.connected()
    code, out, said = await clipwire("rotate-key", "--json")
    assert code == 0, said
    assert json.loads(out)["accounts"] == 1


async def test_what_cannot_be_is_one_line(bench: AccountBench, clipwire: Clipwire) -> None:
    for arguments, words in (
        (("connect", "vine"), "there is no platform 'vine'"),
        (("connect", "tube", "--name", "handle"), "there is no `=` in it"),
        (("remove", "nothing"), "'nothing' is no account"),
    ):
        code, _, said = await clipwire(*arguments)
        assert code in {1, 2} and words in said
        assert len(said.strip().splitlines()) == 1


async def test_without_a_publisher_it_is_said_how_to_start_one(nats_url: str, bus: Bus, tmp_path: Path) -> None:
    code, _, said = await Clipwire(nats_url, tmp_path)("list")
    assert code == 1
    assert said.startswith("clipwire: no publisher runs")
