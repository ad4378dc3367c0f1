"""What `docker compose` makes of the compose file: nobody knows others' secrets, nothing is missing in silence."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.export import password_variable
from cli.settings_index import all_settings
from runtime.embed.nats import OPERATOR
from runtime.rights import permissions
from runtime.settings import RuntimeSettings
from runtime.units import settings_of
from tests.support.compose import FOLDER, environments, made_env
from tools.compose_settings import SERVICES, nats_user

Config = Callable[..., subprocess.CompletedProcess[str]]
PASSWORDS = {user: password_variable(user) for user in (OPERATOR, *permissions())}
REQUIRED = {*PASSWORDS.values(), "POSTGRES_PASSWORD", "CLIPWIRE_ACCESS_TOKEN"}
OF_THE_FILE = {"CLIPWIRE_HOME", "CLIPWIRE_MEDIA_URL", "CLIPWIRE_METRICS_PORT", "CLIPWIRE_NATS_URL"}
OF_THE_FILE |= {"CLIPWIRE_DATABASE_URL", "CLIPWIRE_OUTBOX_DIR"}
OF_THE_FILE |= {"CLIPWIRE_HTTP_HOST", "CLIPWIRE_HTTP_PORT", "CLIPWIRE_HTTP_EXPOSE"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the folder, below a checkout of that shape, with the `.env` that the script makes."""
    made_env(tmp_path / "deploy" / "compose")
    return tmp_path / "deploy" / "compose"


@pytest.fixture
def config(folder: Path) -> Config:
    """Asks the client of Docker, which needs no engine for this, from the folder above."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("there is no docker compose here to ask")

    def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [docker, "compose", "-f", "compose/compose.yaml", "--profile", "telegram", "config", *arguments],
            cwd=folder.parent,
            env={name: value for name in ("PATH", "HOME", "DOCKER_CONFIG") if (value := os.environ.get(name))},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return ask


def test_every_secret_has_to_be_set() -> None:
    text = (FOLDER / "compose.yaml").read_text() + (FOLDER / "settings.yaml").read_text()
    offered = re.findall(r"^(\w+)=$", (FOLDER / ".env.example").read_text(), re.MULTILINE)
    assert set(re.findall(r"\$\{(\w+):\?", text)) == REQUIRED
    assert sorted(offered) == sorted(REQUIRED)


def test_every_setting_that_the_example_offers_is_one_that_a_service_is_given() -> None:
    offered = re.findall(r"^#(CLIPWIRE_\w+)=", (FOLDER / ".env.example").read_text(), re.MULTILINE)
    assert "CLIPWIRE_HTTP_TRUSTED_PROXIES" in offered
    assert set(offered) <= set(environments(dict.fromkeys([*REQUIRED, *offered], "x"))["gateway"])


def test_the_script_makes_passwords_of_their_own_for_all_and_for_nobody_else_to_read(folder: Path) -> None:
    values = made_env(folder)
    assert set(values) == REQUIRED
    assert all(re.fullmatch(r"[0-9a-f]{48}", value) for value in values.values())
    assert len(set(values.values())) == len(values)
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    assert made_env(folder) == values
    assert not (folder / ".env.new").exists()


def test_the_script_keeps_what_is_set_and_adds_what_is_new(folder: Path) -> None:
    (folder / ".env").write_text(
        "# mine\nPOSTGRES_PASSWORD=old\nNATS_VLM_PASSWORD=\nCLIPWIRE_RANKER_SLOTS=2\nINBOX=./in"
    )
    values = made_env(folder)
    assert set(values) == {*REQUIRED, "CLIPWIRE_RANKER_SLOTS", "INBOX"}
    assert (values["POSTGRES_PASSWORD"], values["INBOX"], values["CLIPWIRE_RANKER_SLOTS"]) == ("old", "./in", "2")
    lines = (folder / ".env").read_text().splitlines()
    assert lines[0] == "# mine"
    assert len([line for line in lines if line.startswith("NATS_VLM_PASSWORD=")]) == 1


NO_VALUE = ["=", '=""', "=''", "=   ", "=\r", '=""\r', '=" "', "=  # mine"]
A_VALUE = ["=mine", '="mine"', "='mine'", " =  mine", "=mine\r", "=mine # not yours"]


@pytest.mark.parametrize("line", ["export NATS_VLM_PASSWORD=", *(f"NATS_VLM_PASSWORD{end}" for end in NO_VALUE)])
def test_what_docker_compose_takes_for_missing_is_made(line: str, config: Config, folder: Path) -> None:
    """Also behind a line that has a value: the last one counts."""
    with (folder / ".env").open("a", newline="") as env:
        env.write(f"{line}\nINBOX=./in\n")
    made = made_env(folder)
    assert re.fullmatch(r"[0-9a-f]{48}", made["NATS_VLM_PASSWORD"])
    assert made["INBOX"] == "./in"
    assert config("-q").returncode == 0
    assert made_env(folder) == made


@pytest.mark.parametrize("line", ["NATS_VLM_PASSWORD=mine", *(f"  export  NATS_VLM_PASSWORD{end}" for end in A_VALUE)])
def test_what_docker_compose_takes_for_set_stays(line: str, config: Config, folder: Path) -> None:
    env = folder / ".env"
    others = re.sub(rb"(?m)^NATS_VLM_PASSWORD=.*$", b"", env.read_bytes())
    env.write_bytes(there := others + f"{line}\n".encode())
    assert made_env(folder)["NATS_VLM_PASSWORD"] == "mine"
    assert env.read_bytes() == there
    told = json.loads(config("--format", "json").stdout)["services"]["vlm"]["environment"]
    assert told["CLIPWIRE_NATS_URL"] == "nats://vlm:mine@nats:4222"


def test_git_keeps_no_file_with_secrets() -> None:
    names = [".env", ".env.new", ".env.local", "deploy/compose/.env", "deploy/compose/.env.new"]
    kept = [".env.example", "deploy/compose/.env.example"]
    asked = ["git", "check-ignore", "--no-index", *names, *kept]
    done = subprocess.run(asked, cwd=FOLDER.parents[1], capture_output=True, text=True, check=False)
    assert done.stdout.split() == names


def test_each_service_is_given_its_own_password_and_the_server_all(folder: Path) -> None:
    values = made_env(folder)
    given = environments(values)
    assert given["nats"] == {variable: f'"{values[variable]}"' for variable in PASSWORDS.values()}
    for service in (*SERVICES, OPERATOR):
        user = nats_user(service)
        assert given[service]["CLIPWIRE_NATS_URL"] == f"nats://{user}:{values[PASSWORDS[user]]}@nats:4222"
        told = json.dumps(given[service])
        assert [other for other in PASSWORDS.values() if values[other] in told] == [PASSWORDS[user]], service


def test_docker_compose_gives_each_what_the_files_say(config: Config, folder: Path) -> None:
    """With every setting there is in `.env`: nobody is given what somebody else reads."""
    with (folder / ".env").open("a") as file:
        for setting in all_settings():
            if setting.variable not in OF_THE_FILE | REQUIRED:
                file.write(f"{setting.variable}=value-of-{setting.variable.lower()}\n")
    values = made_env(folder)
    done = config("--format", "json")
    assert done.returncode == 0, done.stderr
    made: dict[str, dict[str, Any]] = json.loads(done.stdout)["services"]
    assert {name: service.get("environment", {}) for name, service in made.items()} == environments(values)
    runtime = {f"CLIPWIRE_{field}".upper() for field in RuntimeSettings.model_fields}
    for name, unit in SERVICES.items():
        read = {f"CLIPWIRE_{field}".upper() for _, model in settings_of(unit) for field in model.model_fields}
        given = {variable for variable in made[name]["environment"] if variable.startswith("CLIPWIRE_")}
        assert read <= given <= read | runtime, name


def test_docker_compose_opens_one_port_on_this_machine_alone_and_mounts_only_what_it_says(config: Config) -> None:
    done = config("--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    whole = json.loads(done.stdout)
    ports = {name: service["ports"] for name, service in whole["services"].items() if service.get("ports")}
    assert [(port["host_ip"], port["published"], port["target"]) for port in ports.pop("gateway")] == [
        ("127.0.0.1", "8000", 8000)
    ]
    assert ports == {}
    assert {name: bool(network.get("internal")) for name, network in whole["networks"].items()} == {
        "inside": True,
        "outside": False,
    }
    mounts = [mount for service in whole["services"].values() for mount in service.get("volumes", [])]
    bound = {Path(mount["source"]).name: mount.get("read_only") for mount in mounts if mount["type"] == "bind"}
    assert bound == {"nats.conf": True, "users.conf": True}


@pytest.mark.parametrize("variable", sorted(REQUIRED))
def test_docker_compose_says_which_secret_is_missing_and_what_makes_it(
    variable: str, config: Config, folder: Path
) -> None:
    env = folder / ".env"
    env.write_text(re.sub(rf"^{variable}=.*$", f"{variable}=", env.read_text(), flags=re.MULTILINE))
    done = config("-q")
    assert done.returncode != 0
    assert f"required variable {variable} is missing a value: env.sh beside compose.yaml makes .env" in done.stderr
