"""A whole Clipwire as it is started: what each process knows of the settings, and which addresses it listens on."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import cast

import psutil
import pytest

from cli.settings_index import Setting, all_settings
from runtime.embed import free_port
from runtime.flow import actor_names
from runtime.home import running_clipwire
from runtime.settings import Settings
from runtime.stack import DOORS
from runtime.units import environment_of, settings_of, values_set

ROOT = Path(__file__).resolve().parents[2]
SHAPED = {"CLIPWIRE_TELEGRAM_API_KEY": "1234567:of-the-bot-{}"}
"""Secrets that have to look like something."""
FOREIGN = {"GITHUB_TOKEN": "foreign-1", "AWS_SECRET_ACCESS_KEY": "foreign-2", "GROQ_API_KEY": "foreign-3"}


def secret_of(setting: Setting) -> str:
    """A value that is nobody else's."""
    return SHAPED.get(setting.variable, "the-secret-of-{}-0123456789abcdef").format(setting.variable.lower())


SECRETS = {setting.variable: secret_of(setting) for setting in all_settings() if setting.secret}


@dataclass(frozen=True)
class Running:
    """The processes of a Clipwire that runs."""

    home: Path
    http_port: int
    supervisor: psutil.Process

    def processes(self) -> list[tuple[str, psutil.Process]]:
        """All that it started, with the module or program that each is."""
        found = []
        for process in self.supervisor.children(recursive=True):
            command = process.cmdline()
            found.append((command[command.index("-m") + 1] if "-m" in command else process.name(), process))
        return found


@pytest.fixture(scope="module")
def clipwire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`clipwire up` with every secret set, half of them in a file `.env`."""
    work = tmp_path_factory.mktemp("up")
    port = free_port()
    names = sorted(SECRETS)
    (work / ".env").write_text("".join(f"{name.lower()}={SECRETS[name]}\n" for name in names[::2]))
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CLIPWIRE_")}
    given = {name: SECRETS[name] for name in names[1::2]} | FOREIGN
    given |= {"PYTHONPATH": str(ROOT), "CLIPWIRE_HOME": str(work / "home"), "CLIPWIRE_HTTP_PORT": str(port)}
    with (work / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up"], cwd=work, env={**plain, **given}, stdout=log, stderr=log
        )
    with process:
        try:
            _wait(process, work)
            yield Running(work / "home", port, psutil.Process(process.pid))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait(process: subprocess.Popen[bytes], work: Path) -> None:
    until = time.monotonic() + 120
    while running_clipwire(work / "home") is None:
        assert process.poll() is None and time.monotonic() < until, (work / "log").read_text()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.2)


def test_no_process_knows_the_secrets_of_another(clipwire: Running) -> None:
    processes = clipwire.processes()
    units = {*(f"actors.{name}" for name in actor_names()), *DOORS.values()}
    assert {module for module, _ in processes} >= {*units, "nats-server", "postgres"}
    for module, process in processes:
        known = "\n".join(process.environ().values())
        mine = _secrets_of(module) if module in units else set()
        assert {name for name, value in SECRETS.items() if value in known} == mine, module
        assert "foreign-" not in known, module


def _secrets_of(unit: str) -> set[str]:
    fields = {f"CLIPWIRE_{field}".upper() for _, model in settings_of(unit) for field in model.model_fields}
    return fields & SECRETS.keys()


def test_an_actor_without_secrets_knows_none(clipwire: Running) -> None:
    for module, process in clipwire.processes():
        if module in {"actors.renderer", "actors.ranker", "actors.producer", "actors.archiver"}:
            names = process.environ().keys()
            assert not [name for name in names if "SECRET" in name or "KEY" in name or "TOKEN" in name]


def test_only_who_encrypts_with_it_knows_the_key(clipwire: Running) -> None:
    """The publisher its accounts, the bot the tokens of people's own bots."""
    know = {module for module, process in clipwire.processes() if "CLIPWIRE_SECRET_KEY" in process.environ()}
    assert know <= {"actors.publisher", "gateway.telegram"}


def test_nothing_listens_but_on_this_machine(clipwire: Running) -> None:
    everybody = [clipwire.supervisor, *(process for _, process in clipwire.processes())]
    sockets = [(process, socket) for process in everybody for socket in process.net_connections("inet")]
    listening = [(process, socket) for process, socket in sockets if not socket.raddr]
    assert len(listening) >= 3, "NATS, PostgreSQL and the HTTP door"
    for process, socket in listening:
        assert ip_address(socket.laddr.ip).is_loopback, (process.cmdline(), socket)
    assert clipwire.http_port in {socket.laddr.port for _, socket in listening}


def test_what_passwords_are_in_is_for_its_owner_alone(clipwire: Running) -> None:
    for name in ("run.json", "gateway.json", "nats/nats-server.conf"):
        assert (clipwire.home / name).stat().st_mode & 0o077 == 0, name


@pytest.mark.parametrize("unit", [*(f"actors.{name}" for name in actor_names()), *DOORS.values()])
def test_a_process_is_given_all_settings_that_its_modules_read(unit: str) -> None:
    """What is imported and not named by the unit's settings would have its defaults for ever."""
    waiting, seen = [f"{unit}.__main__"], set[str]()
    while waiting:
        module = waiting.pop()
        path = ROOT / module.replace(".", "/")
        file = path / "__init__.py" if path.is_dir() else path.with_name(f"{path.name}.py")
        if module in seen or not file.is_file():
            continue
        seen.add(module)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("actors.", "gateway.")):
                waiting += [str(node.module), *(f"{node.module}.{name.name}" for name in node.names)]
    given = {name for name, _ in settings_of(unit)}
    assert {module for module in seen if module.endswith(".settings")} <= given


def test_a_setting_in_the_environment_counts_more_than_in_the_file_unless_it_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "clipwire_ranker_slots=7\nCLIPWIRE_LOG_LEVEL=debug\nCLIPWIRE_LOG_FORMAT=json\nHTTPS_PROXY=http://a\n"
    )
    monkeypatch.setitem(
        cast(dict[str, object], Settings.model_config), "env_file", str(file)
    )  # as CLIPWIRE_ENV_FILE does
    monkeypatch.setenv("CLIPWIRE_LOG_LEVEL", "")
    monkeypatch.setenv("CLIPWIRE_LOG_FORMAT", "console")
    known = environment_of("actors.ranker", values_set())
    ours = {name: value for name, value in known.items() if name.startswith("CLIPWIRE_")}
    assert ours == {
        "CLIPWIRE_RANKER_SLOTS": "7",
        "CLIPWIRE_LOG_LEVEL": "debug",
        "CLIPWIRE_LOG_FORMAT": "console",
        "CLIPWIRE_ENV_FILE": os.devnull,
    }
    assert known.get("HTTPS_PROXY") != "http://a"
