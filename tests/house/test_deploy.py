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
import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own; what it gives is checked here

from cli.settings_index import all_settings
from runtime.bus import open_bus
from runtime.embed import free_port
from runtime.flow import actor_names
from runtime.provision import drift

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
SECRETS = {"NATS_PASSWORD": "secret", "POSTGRES_PASSWORD": "secret", "CLIPWIRE_ACCESS_TOKEN": "0123456789abcdef"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """The services, with anchors and merges resolved."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_there_is_exactly_one_service_per_actor(services: dict[str, dict[str, Any]]) -> None:
    assert sorted(services) == sorted([*actor_names(), "gateway", "nats", "postgres"])
    for name in actor_names():
        assert services[name]["command"] == ["python", "-m", f"actors.{name}"]


def test_all_of_ours_are_one_image_that_shares_its_files(services: dict[str, dict[str, Any]]) -> None:
    ours = [services[name] for name in (*actor_names(), "gateway")]
    assert {service["image"] for service in ours} == {"clipwire"}
    assert all(service["volumes"] == ours[0]["volumes"] for service in ours)
    assert all(service["healthcheck"]["test"][0] == "CMD" for service in services.values())


def test_only_the_gateway_is_reached_and_only_from_this_machine(services: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert list(published) == ["gateway"]
    assert all(port.startswith("127.0.0.1:") for port in published["gateway"])


def test_every_setting_in_it_is_one(services: dict[str, dict[str, Any]]) -> None:
    known = {setting.variable for setting in all_settings()}
    for name in (*actor_names(), "gateway"):
        assert set(services[name]["environment"]) <= known


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
