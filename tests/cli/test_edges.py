"""What a person may give wrongly is one line before any work, and every failure is told once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from cli.sources import slug
from cli.steps import MAKING
from contracts.subjects import BY_NAME
from runtime.actor import Actor, Work
from runtime.bus import Bus
from runtime.errors import Reject
from runtime.home import Addresses, HomeLock
from tests.cli.conftest import ROOT, Cli
from tests.cli.test_follow import _alive, _running
from tests.support.running import stored

Refused = Callable[..., str]


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Runs `clipwire` here, without a process of its own, which must refuse its arguments; returns what it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLIPWIRE_HOME", str(tmp_path / "home"))

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 2
        assert not (tmp_path / "home").exists(), "something was started"
        return capsys.readouterr().err

    return run


@pytest.mark.parametrize("command", [("make", "talk.mp4"), ("demo", "--video", "talk.mp4")], ids=["make", "demo"])
@pytest.mark.parametrize("out", ["/proc/x", "talk.mp4", "talk.mp4/below", "n" * 300])
def test_a_folder_that_cannot_be_written_is_named_before_any_work(
    refused: Refused, tmp_path: Path, command: tuple[str, ...], out: str
) -> None:
    (tmp_path / "talk.mp4").write_text("never looked at")
    told = refused(*command, "--out", out)
    assert len(told.strip().splitlines()) == 1, told
    assert told.startswith("clipwire: --out: ")


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
def test_a_source_that_is_none_is_one_printable_line(refused: Refused, source: str, words: str) -> None:
    told = refused("make", source)
    assert words in told
    [line] = told.rstrip("\n").split("\n")
    assert line.isprintable()
    assert len(line) < 400


def test_captions_that_are_none_are_named(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_text("")
    assert (
        refused("make", "talk.mp4", "--captions", "") == "clipwire: no caption file given. Name a file or its address\n"
    )


def test_a_wrong_recipe_name_is_named_as_the_option_that_it_is(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_text("")
    told = refused("make", "talk.mp4", "--recipe", "No Such\x1b[31m")
    assert told.startswith("clipwire: --recipe: ")
    assert "CLIPWIRE_" not in told
    assert len(told.strip().splitlines()) == 1


def _everybody(*, refused: bool = False) -> list[Actor]:
    """Everybody whom an order needs; they listen, and none of them ends, or the first refuses."""
    actors = {stage.actor: Actor(stage.actor, slots=1) for stage in MAKING.values()}
    for subject, stage in MAKING.items():

        @actors[stage.actor].listen(BY_NAME[subject])
        async def handle(_: Any, work: Work) -> None:
            if refused:
                raise Reject("notes.mp4 is not a readable video", advice="Try another")
            await asyncio.Event().wait()

    return list(actors.values())


@asynccontextmanager
async def _making(
    bus: Bus, nats_url: str, tmp_path: Path, *arguments: str, refused: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`clipwire make` with these arguments, where a Clipwire of these actors runs."""
    home = tmp_path / "home"
    home.mkdir()
    addresses = Addresses(nats_url, None, (tmp_path / "media").as_uri(), None, os.getpid())
    (home / "run.json").write_text(json.dumps(asdict(addresses)))
    (tmp_path / "talk.mp4").write_text("never looked at")
    with HomeLock(home):
        async with _running(nats_url, home, *_everybody(refused=refused)):
            await _alive(bus, *{stage.actor for stage in MAKING.values()})
            yield await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cli", "make", "talk.mp4", *arguments),
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT), "CLIPWIRE_HOME": str(home)},
                stderr=asyncio.subprocess.PIPE,
            )


async def _told(child: asyncio.subprocess.Process) -> list[str]:
    _, told = await asyncio.wait_for(child.communicate(), 30)
    assert b"Traceback" not in told
    return told.decode().strip().splitlines()


async def test_a_reason_is_told_once_in_the_last_line(bus: Bus, nats_url: str, tmp_path: Path) -> None:
    async with _making(bus, nats_url, tmp_path, refused=True) as child:
        lines = await _told(child)
    assert child.returncode == 1
    assert lines[-1] == "clipwire: 0 of 4 shorts: notes.mp4 is not a readable video. Try another"
    assert "\n".join(lines).count("not a readable video") == 1, lines


async def test_a_recipe_that_the_channel_does_not_have_is_said_before_any_work(
    bus: Bus, nats_url: str, tmp_path: Path
) -> None:
    async with _making(bus, nats_url, tmp_path, "--recipe", "nosuch") as child:
        lines = await _told(child)
    assert child.returncode == 2
    assert lines[-1].startswith("clipwire: --recipe: the channel 'default' has no recipe 'nosuch'. It has: ")
    assert await stored(bus) == [], "nothing was asked of anybody"


async def test_interrupted_it_says_what_a_running_clipwire_goes_on_with(
    bus: Bus, nats_url: str, tmp_path: Path
) -> None:
    async with _making(bus, nats_url, tmp_path) as child:
        ordered = await asyncio.wait_for(anext(bus.read(subjects=["candidate.approved"])), 20)
        child.send_signal(signal.SIGINT)
        lines = await _told(child)
    assert child.returncode == 130, lines
    assert lines[-1] == "clipwire: interrupted"
    assert lines[-2].startswith(f"the running Clipwire goes on with it: job {ordered[0].event().subject}. ")


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
    *rows, folder = done.stdout.splitlines()[1:]
    assert folder == "folder: /o"
    assert "".join(row.split("  ")[0] for row in rows).replace(" ", "") == "01-why-does-a-short-video.mp4"
    assert rows[0].split(" ")[0] == "01-why-does-a-short-video.mp4" or width < 80


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Have you ever jumped because an advert was louder?", "have-you-ever-jumped"),
        ("Why do most clips look at us?", "why-do-most-clips-look"),
        ("Exactly twenty-four of it, and no more", "exactly-twenty-four-of"),
        ("Donaudampfschifffahrtsgesellschaft", "donaudampfschifffahrtsge"),
        ("?!", "short"),
    ],
)
def test_a_files_name_ends_with_a_whole_word(title: str, name: str) -> None:
    assert slug(title, 24) == name
