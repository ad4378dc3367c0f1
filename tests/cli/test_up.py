"""A Clipwire that runs: what it tells, to whom, and what is left when it is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from runtime.home import running_clipwire
from runtime.settings import RuntimeSettings
from runtime.stack import start_stack
from tests.cli.conftest import ROOT, Cli

Started = tuple["subprocess.Popen[str]", str]


@pytest.fixture
def up(home: Path) -> Iterator[Started]:
    """`clipwire up ranker`, ready, and what it printed."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("CLIPWIRE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "up", "ranker"],
        env={**plain, "PYTHONPATH": str(ROOT), "CLIPWIRE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "written to" in line:
                break
        yield process, "".join(lines)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)


def test_no_password_is_printed(up: Started, home: Path) -> None:
    said = json.loads((home / "run.json").read_text())
    password = urlsplit(said["nats_url"]).password
    assert password
    assert password not in up[1]
    assert f"127.0.0.1:{urlsplit(said['nats_url']).port}" in up[1]
    assert "run.json" in up[1]
    assert (home / "run.json").stat().st_mode & 0o777 == 0o600


def test_what_needs_actors_that_do_not_run_is_refused_at_once(up: Started, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_text("never looked at")
    for arguments in (("make", "talk.mp4"), ("scan", "sea")):
        done = cli(*arguments, "--json")
        assert done.returncode == 1, done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert "nobody does the work of: " in done.stderr
    assert "ranker" not in done.stderr
    assert up[0].poll() is None


def test_after_a_kill_nobody_is_joined(up: Started, cli: Cli, home: Path) -> None:
    process, _ = up
    assert running_clipwire(home) is not None
    process.kill()
    process.wait()
    said = json.loads((home / "run.json").read_text())
    # In a container the first process is always alive, and always has the same id.
    (home / "run.json").write_text(json.dumps({**said, "pid": os.getpid()}))
    assert running_clipwire(home) is None
    done = cli("events", "tail", "--no-follow")
    assert done.returncode == 1
    assert "no Clipwire runs in" in done.stderr


async def test_only_who_works_with_the_database_knows_it(open_folder: Path) -> None:
    settings = RuntimeSettings(home=open_folder, database_url="postgresql://clipwire:secret@127.0.0.1:9/x")
    async with start_stack(settings, ["ranker"], log_folder=open_folder / "logs") as stack:
        assert stack.supervisor is not None
        (ranker,) = stack.supervisor.children
        environment = Path(f"/proc/{ranker.pid}/environ").read_bytes()
    assert b"CLIPWIRE_NATS_URL=" in environment
    assert b"DATABASE" not in environment
