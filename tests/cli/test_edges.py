"""What a person may give wrongly is one line before any work, and every failure is told once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from cli.steps import MAKING
from contracts.subjects import BY_NAME
from runtime.actor import Actor, Work
from runtime.bus import Bus
from runtime.home import Addresses, HomeLock
from tests.cli.conftest import ROOT, Cli
from tests.cli.test_follow import _alive, _running
from tests.cli.test_make import _film


@pytest.fixture
def home(open_folder: Path) -> Path:
    """A home that the unprivileged PostgreSQL may enter."""
    return open_folder / "home"


@pytest.mark.parametrize("command", [("make", "talk.mp4"), ("demo", "--video", "talk.mp4")], ids=["make", "demo"])
@pytest.mark.parametrize("out", ["/proc/x", "talk.mp4", "talk.mp4/below", "n" * 300])
def test_a_folder_that_cannot_be_written_is_named_before_any_work(
    cli: Cli, tmp_path: Path, home: Path, command: tuple[str, ...], out: str
) -> None:
    (tmp_path / "talk.mp4").write_text("never looked at")
    done = cli(*command, "--out", out)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("clipwire: --out: ")
    assert not (home / "nats").exists(), "nothing was started"


def test_a_failed_order_leaves_no_folder(cli: Cli, tmp_path: Path) -> None:
    done = cli("make", "nope.mp4", "--out", "a/b/c")
    assert done.returncode == 2
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("/tmp/" + "n" * 300 + ".mp4", "File name too long"),
        ("", "no source given"),
        ("  ", "no source given"),
        ("a\x1b[31m\nb.mp4", r"'a\x1b[31m\nb.mp4'"),
        ("file:///tmp/a%00b.mp4", r"'/tmp/a\x00b.mp4'"),
        ("file:///tmp/a%0Ab.mp4", r"'/tmp/a\nb.mp4'"),
        ("https://example.org/\x1b]0;x\x07", r"'https://example.org/\x1b]0;x\x07' is no address"),
        ("https://example.org/" + "n" * 5000, "the source: "),
    ],
    ids=["long", "empty", "blank", "controls", "nul", "newline", "address", "long address"],
)
def test_a_source_that_is_none_is_one_printable_line(cli: Cli, source: str, words: str) -> None:
    done = cli("make", source)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    [line] = done.stderr.rstrip("\n").split("\n")
    assert line.isprintable()
    assert len(line) < 400


def test_captions_that_are_none_are_named(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_text("")
    done = cli("make", "talk.mp4", "--captions", "")
    assert done.returncode == 2
    assert done.stderr == "clipwire: no caption file given. Name a file or its address\n"


def test_a_wrong_recipe_name_is_named_as_the_option_that_it_is(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_text("")
    done = cli("make", "talk.mp4", "--recipe", "No Such\x1b[31m")
    assert done.returncode == 2
    assert done.stderr.startswith("clipwire: --recipe: ")
    assert "CLIPWIRE_" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_reason_is_told_once_in_the_last_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("this is no video")
    done = cli("make", "notes.mp4")
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert lines[-1].startswith("clipwire: 0 of 4 shorts: ")
    reason = lines[-1].removeprefix("clipwire: 0 of 4 shorts: ").partition(". ")[0]
    assert reason
    assert done.stderr.count(reason) == 1, done.stderr


def test_a_recipe_that_the_channel_does_not_have_is_said_before_any_work(cli: Cli, tmp_path: Path) -> None:
    _film(tmp_path / "talk.mp4", 2)
    done = cli("make", "talk.mp4", "--recipe", "nosuch")
    assert done.returncode == 2
    assert "downloaded" not in done.stderr
    assert "nothing in it can become a short" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("clipwire: --recipe: the channel 'default' has no recipe 'nosuch'. It has: ")


def _busy() -> list[Actor]:
    """Everybody whom an order needs; they listen, and none of them ends."""
    actors = {stage.actor: Actor(stage.actor, slots=1) for stage in MAKING.values()}
    for subject, stage in MAKING.items():

        @actors[stage.actor].listen(BY_NAME[subject])
        async def handle(_: Any, work: Work) -> None:
            await asyncio.Event().wait()

    return list(actors.values())


async def test_interrupted_it_says_what_a_running_clipwire_goes_on_with(
    bus: Bus, nats_url: str, home: Path, tmp_path: Path
) -> None:
    home.mkdir()
    addresses = Addresses(nats_url, None, (tmp_path / "media").as_uri(), None, os.getpid())
    (home / "run.json").write_text(json.dumps(asdict(addresses)))
    (tmp_path / "talk.mp4").write_text("never looked at")
    with HomeLock(home):
        async with _running(nats_url, home, *_busy()):
            await _alive(bus, *{stage.actor for stage in MAKING.values()})
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cli", "make", "talk.mp4"),
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT), "CLIPWIRE_HOME": str(home)},
                stderr=asyncio.subprocess.PIPE,
            )
            ordered = await asyncio.wait_for(anext(bus.read(subjects=["candidate.approved"])), 20)
            child.send_signal(signal.SIGINT)
            _, told = await asyncio.wait_for(child.communicate(), 30)
    lines = told.decode().strip().splitlines()
    assert child.returncode == 130, lines
    assert lines[-1] == "clipwire: interrupted"
    assert lines[-2].startswith(f"the running Clipwire goes on with it: job {ordered[0].event().subject}. ")
    assert "Traceback" not in told.decode()


@pytest.mark.parametrize("width", [60, 80, 110])
def test_the_table_shows_every_title_and_every_file_whole(width: int) -> None:
    """On 60 columns a long name is folded, and still there; a title of a stranger is neither markup nor a command."""
    program = (
        "from cli import results\n"
        f"results.console.width = {width}\n"
        "file = '/o/01-why-does-a-short-video.mp4'\n"
        "title = 'Why [/x] does a \x1b[31mshort video begin so very late?'\n"
        "results.print_table([results.Result(file, 21.4, 1080, 1920, True, -13.8, title, 'r', None, 't')])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "\x1b" not in done.stdout
    assert "[/x]" in done.stdout
    first = [line.split("  ")[0] for line in done.stdout.splitlines()[1:]]
    assert "".join(first).replace(" ", "") == "/o/01-why-does-a-short-video.mp4"
    assert len(done.stdout.splitlines()[1].split(" ")[0]) == 32 or width < 80
