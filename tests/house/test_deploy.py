"""The compose file runs what there is, on a NATS server that is set as ours is."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from runtime.bus import open_bus
from runtime.embed import free_port
from runtime.provision import drift
from runtime.settings import RuntimeSettings
from runtime.units import settings_of
from tools.compose_settings import SERVICES

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
SECRETS = {"NATS_PASSWORD": "secret", "POSTGRES_PASSWORD": "secret", "CLIPWIRE_ACCESS_TOKEN": "0123456789abcdef"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """The services, with anchors, merges and what they extend resolved."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    for service in found.values():
        if extended := service.get("extends"):
            base = yaml.safe_load((COMPOSE.parent / extended["file"]).read_text())["services"][extended["service"]]
            service["environment"] = {**base["environment"], **service["environment"]}
    return found


def test_there_is_exactly_one_service_per_actor_and_door(services: dict[str, dict[str, Any]]) -> None:
    assert sorted(services) == sorted([*SERVICES, "nats", "postgres"])
    for name, unit in SERVICES.items():
        assert services[name]["command"] == ["python", "-m", unit]
        assert services[name]["extends"] == {"file": "settings.yaml", "service": name}


def test_all_of_ours_are_one_image_that_shares_its_media(services: dict[str, dict[str, Any]]) -> None:
    ours = [services[name] for name in SERVICES]
    assert {service["image"] for service in ours} == {"clipwire"}
    assert all("data:/var/lib/clipwire" in service["volumes"] for service in ours)
    assert all(service["healthcheck"]["test"][0] == "CMD" for service in services.values())


def test_each_service_is_given_the_settings_that_it_reads_and_no_others_secrets(
    services: dict[str, dict[str, Any]],
) -> None:
    runtime = {f"CLIPWIRE_{field}".upper() for field in RuntimeSettings.model_fields}
    for name, unit in SERVICES.items():
        read = {f"CLIPWIRE_{field}".upper() for _, model in settings_of(unit) for field in model.model_fields}
        given = {variable for variable in services[name]["environment"] if variable.startswith("CLIPWIRE_")}
        assert given <= read | runtime, name
        assert read <= given, name
        assert "env_file" not in services[name], name
        known = "CLIPWIRE_DATABASE_URL" in given
        assert known == (name in {"gateway", "publisher", "telegram"}), name


def test_what_one_keeps_secret_lies_in_no_other_container(services: dict[str, dict[str, Any]]) -> None:
    for volume, owner in (("vault", "publisher"), ("gateway", "gateway"), ("bot", "telegram")):
        holders = [
            name for name, service in services.items() if f"{volume}:/var/lib/clipwire-own" in service["volumes"]
        ]
        assert holders == [owner]
        assert services[owner]["environment"]["CLIPWIRE_HOME"] == "/var/lib/clipwire-own"
    homes = {name: services[name]["environment"]["CLIPWIRE_HOME"] for name in SERVICES}
    assert [name for name, home in homes.items() if home != "/var/lib/clipwire"] == ["publisher", "gateway", "telegram"]
    writers = {
        name for name, service in services.items() if "uploads:/var/lib/clipwire-own/uploads" in service["volumes"]
    }
    assert writers == {"gateway", "telegram"}
    assert "uploads:/var/lib/clipwire-own/uploads:ro" in services["downloader"]["volumes"]


def test_no_container_can_change_its_programs_or_gain_rights(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name
        assert name == "postgres" or "cap_add" not in service, name


def test_what_asks_nothing_in_the_internet_cannot_reach_it(services: dict[str, dict[str, Any]]) -> None:
    assert yaml.safe_load(COMPOSE.read_text())["networks"] == {"inside": {"internal": True}, "outside": None}
    kept = {name for name, service in services.items() if service["networks"] == ["inside"]}
    assert kept == {"archiver", "nats", "postgres", "producer", "ranker", "renderer"}


def test_only_the_gateway_is_reached_and_only_from_this_machine(services: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert list(published) == ["gateway"]
    assert all(port.startswith("127.0.0.1:") for port in published["gateway"])


def test_every_secret_has_to_be_set() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text()))
    offered = {line.partition("=")[0] for line in (COMPOSE.parent / ".env.example").read_text().splitlines()}
    assert asked == set(SECRETS)
    assert asked <= offered


def test_the_image_is_made_of_the_lock_and_every_package_for_a_plain_user() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "--require-hashes" in text
    assert re.search(r"^USER clipwire$", text, re.MULTILINE)
    for package in packages["packages"]:
        assert f"COPY {package} /src/{package}\n" in text
        assert f"!{package}\n" in (DEPLOY / "Dockerfile.dockerignore").read_text()


async def test_the_server_it_configures_takes_our_streams_and_syncs_every_write(tmp_path: Path) -> None:
    program = Path(sysconfig.get_path("scripts")) / "nats-server"
    port, monitor = free_port(), free_port()
    config = tmp_path / "nats.conf"
    config.write_text((COMPOSE.parent / "nats.conf").read_text().replace("/data", str(tmp_path / "data")))
    with (tmp_path / "log").open("wb") as log:
        command = [str(program), "-c", str(config), "-a", "127.0.0.1", "-p", str(port), "-m", str(monitor)]
        server = subprocess.Popen(command, env={"NATS_PASSWORD": "secret"}, stdout=log, stderr=log)
    try:
        async with (
            open_bus(f"nats://clipwire:secret@127.0.0.1:{port}", name="test", within=20) as bus,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{monitor}") as http,
        ):
            assert await drift(bus.client) == []
            assert (await http.get("/healthz")).json() == {"status": "ok"}
            assert (await http.get("/jsz")).json()["config"]["sync_always"] is True
    finally:
        server.terminate()
        await asyncio.to_thread(server.wait, 20)


def test_docker_compose_understands_it(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("there is no docker compose here to ask")
    folder = tmp_path / "deploy" / "compose"
    shutil.copytree(COMPOSE.parent, folder)
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    command = [docker, "compose", "-f", str(folder / "compose.yaml"), "config", "-q"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
