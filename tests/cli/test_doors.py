"""Who needs the port of the HTTP door, and what is said when it is taken."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Cli


@pytest.fixture
def home(open_folder: Path) -> Path:
    """A home that the unprivileged PostgreSQL may enter."""
    return open_folder / "home"


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield str(other.getsockname()[1])


def test_a_taken_port_is_named_with_its_setting_at_once(cli: Cli, taken: str) -> None:
    begun = time.monotonic()
    done = cli("up", "http", CLIPWIRE_HTTP_PORT=taken)
    assert done.returncode == 1
    assert time.monotonic() - begun < 40, "it waited for what can't come"
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("clipwire: http does not start: the HTTP door can't listen on")
    assert f"127.0.0.1:{taken}" in last
    assert "CLIPWIRE_HTTP_PORT" in last
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_wrong_setting_of_one_actor_is_named(cli: Cli) -> None:
    done = cli("up", "ranker", CLIPWIRE_RANKER_SLOTS="many")
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("clipwire: ranker does not start: CLIPWIRE_RANKER_SLOTS: ")
    assert "Traceback" not in done.stderr
