"""Every command answers what it was asked, or fails with one line and an exit code."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.events import CandidateRejected
from contracts.subjects import CANDIDATE_REJECTED, SUBJECTS
from runtime.bus import Bus, new_command
from runtime.topology import EVENTS, Consumer
from tests.cli.conftest import ROOT, Cli
from tests.support.films import film_bytes


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("make", "nope.mp4"), 2, "there is no video at nope.mp4"),
        (("make", "."), 2, "is no file"),
        (("make",), 2, "Missing argument"),
        (("make", "x.mp4", "--clips", "0"), 2, "--clips"),
        (("make", "file:///nope.mp4"), 2, "there is no video at /nope.mp4"),
        (("demo", "--video", "nope.mp4"), 2, "there is no video at nope.mp4"),
        (("nonsense",), 2, "No such command 'nonsense'"),
        (("scan", "sea", "--since", "soon"), 2, "'soon' is no time span"),
        (("scan", "sea", "--since", ""), 2, "'' is no time span"),
        (("scan", "sea", "--since", "9999d"), 2, "--since: "),
        (("scan", " "), 2, "the niche: "),
        (("events", "tail"), 1, "no Clipwire runs in"),
        (("events", "tail", "candidate.lost"), 2, "there is no subject 'candidate.lost'"),
        (("events", "replay", "--to", "moon"), 2, "'moon' cannot be rebuilt"),
        (("provision", "--check"), 1, "no Clipwire runs in"),
        (("up", "nonsense"), 1, "there is no actor or door named nonsense"),
        (("export", "x"), 2, "'document': 'x' is not one of 'asyncapi'"),
        (("export", "x"), 2, ". See `clipwire export --help`"),
        (
            ("export", "openapi", "--out", "nowhere/x"),
            2,
            "--out: nowhere/x can't be written (No such file or directory)",
        ),
        (("export", "nats-permissions", "--out", "."), 2, "--out: . can't be written (Is a directory)"),
        (("export", "schemas", "--out", "/dev/null"), 2, "--out: /dev/null can't be written (File exists)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_failure_is_one_line_and_an_exit_code(cli: Cli, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = cli(*arguments)
    assert done.returncode == code
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert words in done.stderr


def test_a_wrong_setting_is_named_as_the_variable_that_it_is(cli: Cli) -> None:
    done = cli("doctor", CLIPWIRE_LOG_LEVEL="loud")
    assert done.returncode == 2
    assert done.stderr.startswith("clipwire: CLIPWIRE_LOG_LEVEL: ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_is_wrong_with_a_setting_is_said_in_its_own_words(cli: Cli, tmp_path: Path) -> None:
    words = "clipwire: CLIPWIRE_VLM_MODELS: 'nonsense' names no model; write `provider:model`"
    (tmp_path / "film.mp4").write_bytes(film_bytes())
    for command in (("doctor",), ("analyze", str(tmp_path / "film.mp4"))):
        assert cli(*command, CLIPWIRE_VLM_MODELS="nonsense").stderr.splitlines()[-1].startswith(words)


def test_all_wrong_settings_are_one_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CLIPWIRE_RANKER_SLOTS=many\n")
    done = cli("doctor", CLIPWIRE_HTTP_PORT="abc", CLIPWIRE_LOG_LEVEL="loud")
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    for variable in ("CLIPWIRE_HTTP_PORT", "CLIPWIRE_LOG_LEVEL", "CLIPWIRE_RANKER_SLOTS"):
        assert f"{variable}: " in line


def test_the_doctor_looks_at_the_port_that_is_set_in_the_file(cli: Cli, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (tmp_path / ".env").write_text(f"CLIPWIRE_HTTP_PORT={port}\n")
        done = cli("doctor", "--json")
    [finding] = [finding for finding in json.loads(done.stdout)["findings"] if finding["name"] == "port"]
    assert finding["state"] == "optional"
    assert finding["found"].startswith(f"127.0.0.1:{port}: ")


def test_the_doctor_says_that_the_core_works(cli: Cli) -> None:
    done = cli("doctor", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert answer["ready"]
    states = {finding["name"]: finding["state"] for finding in answer["findings"]}
    assert states["nats-server"] == states["postgres"] == states["python"] == "ready"
    assert states["CLIPWIRE_YOUTUBE_API_KEY"] == "optional"
    assert states["CLIPWIRE_REDDIT_API_KEY"] == "later"
    assert states["outbox"] == "ready"


def test_the_doctor_tells_what_is_missing_to_publish(cli: Cli) -> None:
    def found(**environment: str) -> dict[str, Any]:
        answer = json.loads(cli("doctor", "--json", **environment).stdout)
        return {each["name"]: (each["state"], each["found"]) for each in answer["findings"]}

    bare = found()
    assert bare["outbox"] == ("ready", "any name is an account")
    assert bare["tiktok"] == ("optional", "set CLIPWIRE_TIKTOK_CLIENT_ID and CLIPWIRE_TIKTOK_CLIENT_SECRET")
    set_up = found(CLIPWIRE_TIKTOK_CLIENT_ID="id", CLIPWIRE_TIKTOK_CLIENT_SECRET="very-secret")
    assert set_up["tiktok"] == ("ready", "set up; its accounts are known while Clipwire runs")


def test_the_doctor_names_the_models_that_are_set_up(cli: Cli, tmp_path: Path) -> None:
    def found(**environment: str) -> dict[str, Any]:
        answer = json.loads(cli("doctor", "--json", **environment).stdout)
        return {each["name"]: (each["state"], each["found"]) for each in answer["findings"]}

    (tmp_path / "whisper").mkdir()
    bare = found(CLIPWIRE_WHISPER_MODEL="base")
    assert bare["models"] == ("optional", "none is set up")
    assert bare["speech model"] == ("optional", "base is not on this machine")
    assert bare["CLIPWIRE_OLLAMA_BASE_URL"][0] == "optional"
    ready = found(CLIPWIRE_WHISPER_MODEL=str(tmp_path / "whisper"), CLIPWIRE_VLM_MODELS="ollama:qwen2.5vl:7b")
    assert ready["models"] == ("ready", "ollama:qwen2.5vl:7b")
    assert ready["speech model"] == ("ready", str(tmp_path / "whisper"))


def test_the_doctor_never_shows_a_key(cli: Cli) -> None:
    done = cli("doctor", CLIPWIRE_YOUTUBE_API_KEY="very-secret")
    assert done.returncode == 0
    assert "very-secret" not in done.stdout + done.stderr
    assert "set" in next(line for line in done.stdout.splitlines() if "CLIPWIRE_YOUTUBE_API_KEY" in line)


def test_the_doctor_fails_where_the_home_cannot_be_used(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = cli("doctor", "--json", CLIPWIRE_HOME=str(tmp_path / "file"))
    assert done.returncode == 1
    assert "home" in done.stderr


@pytest.mark.parametrize("document", ["asyncapi", "openapi", "schemas"])
def test_the_contracts_can_be_exported(cli: Cli, document: str) -> None:
    done = cli("export", document)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    exported = json.loads(done.stdout)
    if document == "asyncapi":
        assert set(exported["channels"]) > {subject.name for subject in SUBJECTS}
        assert exported["operations"]["ranker.receive.candidate.found"]["action"] == "receive"
        assert exported["operations"]["ranker.send.candidate.ranked"]["action"] == "send"
    elif document == "openapi":
        assert exported["openapi"].startswith("3.1")
        assert "/api/v1/events/{subject}" in exported["paths"]
    else:
        assert set(exported) == {subject.name for subject in SUBJECTS} | {"envelope", "progress", "timeline"}


def test_schemas_are_written_as_files(cli: Cli, tmp_path: Path) -> None:
    assert cli("export", "schemas", "--out", str(tmp_path / "out")).returncode == 0
    assert {path.stem for path in (tmp_path / "out").iterdir()} > {subject.name for subject in SUBJECTS}


async def test_the_past_of_the_stream_can_be_read_as_json_lines(cli: Cli, bus: Bus, nats_url: str) -> None:
    rejected = CandidateRejected(candidate_id="youtube:dQw4w9WgXcQ", reason="not ours")
    await bus.publish(new_command(CANDIDATE_REJECTED, rejected, source="test"))
    await bus.js.publish("candidate.rejected", b"{}")
    arguments = ("events", "tail", "--after", "0", "--no-follow", "--json")
    done = await asyncio.to_thread(cli, *arguments, CLIPWIRE_NATS_URL=nats_url)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["sequence"] == 1
    assert first["event"]["data"]["reason"] == "not ours"
    assert "candidate_id" in second["malformed"]
    others = await asyncio.to_thread(cli, *arguments[:2], "clip.>", *arguments[2:], CLIPWIRE_NATS_URL=nats_url)
    assert others.stdout == ""


async def test_drift_is_shown_and_mended(cli: Cli, bus: Bus, nats_url: str) -> None:
    assert (await asyncio.to_thread(cli, "provision", CLIPWIRE_NATS_URL=nats_url)).returncode == 0
    names = {state.name for state in await bus.consumers()}
    assert {"ranker--candidate_found", "producer--clip_analyzed", "publisher--publish_requested"} <= names
    await bus.provision([Consumer("ranker", "candidate.found", 5.0)])
    await bus.js.delete_stream("TIMERS")
    await bus.js.delete_consumer(EVENTS, "vlm--clip_transcribed")
    check = await asyncio.to_thread(cli, "provision", "--check", "--json", CLIPWIRE_NATS_URL=nats_url)
    assert check.returncode == 1
    assert json.loads(check.stdout) == {
        "drift": [
            "stream TIMERS: missing",
            "consumer ranker--candidate_found: ack_wait is 5.0, should be 30.0",
            "consumer vlm--clip_transcribed: missing",
        ]
    }
    assert (await asyncio.to_thread(cli, "provision", CLIPWIRE_NATS_URL=nats_url)).returncode == 0
    again = await asyncio.to_thread(cli, "provision", "--check", CLIPWIRE_NATS_URL=nats_url)
    assert again.returncode == 0, again.stderr


def test_a_command_imports_only_what_it_needs() -> None:
    asked = "import sys; from cli.commands import app_for; app_for(['provision', '--check']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "cli.provision" in done.stdout.split()
    assert not {"cli.make", "actors.publisher", "actors.vlm.actor", "gateway"} & set(done.stdout.split())
