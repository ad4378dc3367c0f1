"""All processes of one machine: what comes back after a kill, and what is said when the home is no good."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import httpx
import pytest

from runtime.errors import ConfigurationError
from runtime.settings import RuntimeSettings
from runtime.stack import start_stack
from tests.support.running import until


async def test_a_door_that_is_killed_opens_again_at_the_same_address(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIPWIRE_HTTP_PORT", "0")
    home = open_folder / "home"
    async with start_stack(RuntimeSettings(home=home), ["http"], log_folder=home / "logs") as stack:
        assert stack.supervisor is not None
        (door,) = stack.supervisor.children
        url, old = json.loads((home / "run.json").read_text())["http_url"], door.pid
        assert old is not None
        os.kill(old, signal.SIGKILL)

        async def answers() -> bool:
            if door.pid in {None, old}:
                return False
            try:
                async with httpx.AsyncClient() as client:
                    return (await client.get(f"{url}/api/v1/health/live")).status_code == 401
            except httpx.TransportError:
                return False

        await until(answers, within=30)


async def test_a_home_that_cannot_be_made_is_said_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="CLIPWIRE_HOME"):
        async with start_stack(RuntimeSettings(home=tmp_path / "file" / "home"), ["ranker"]):
            pass


def test_a_relative_home_is_taken_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert RuntimeSettings(home=Path("a/b")).home == tmp_path / "a" / "b"


async def test_only_one_clipwire_runs_in_a_home(open_folder: Path) -> None:
    async with start_stack(RuntimeSettings(home=open_folder), ["ranker"], log_folder=open_folder / "logs"):
        with pytest.raises(ConfigurationError, match="another Clipwire"):
            async with start_stack(RuntimeSettings(home=open_folder), ["ranker"]):
                pass
    assert not (open_folder / "run.json").exists()


async def test_an_unknown_actor_is_answered_with_the_known_ones(open_folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="rankr") as caught:
        async with start_stack(RuntimeSettings(home=open_folder), ["rankr"]):
            pass
    assert "ranker" in caught.value.advice
