"""The compose file runs what there is, on a NATS server that is set as ours is."""

from __future__ import annotations

import asyncio
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from runtime.bus import open_bus
from runtime.provision import drift
from runtime.settings import RuntimeSettings
from runtime.units import settings_of
from tests.support.compose import ComposeNats, services
from tools.compose_settings import SERVICES

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"


@pytest.fixture(scope="module", name="services")
def given_services() -> dict[str, dict[str, Any]]:
    """The services, with anchors, merges and what they extend resolved."""
    return services()


def test_there_is_exactly_one_service_per_actor_and_door(services: dict[str, dict[str, Any]]) -> None:
    assert sorted(services) == sorted([*SERVICES, "nats", "operator", "postgres"])
    for name, unit in SERVICES.items():
        assert services[name]["command"] == ["python", "-m", unit]
        assert services[name]["extends"] == {"file": "settings.yaml", "service": name}


def test_all_of_ours_are_one_image_that_shares_its_media(services: dict[str, dict[str, Any]]) -> None:
    ours = [services[name] for name in SERVICES]
    assert {service["image"] for service in (*ours, services["operator"])} == {"clipwire"}
    assert all("data:/var/lib/clipwire" in service["volumes"] for service in ours)
    lasting = [service for name, service in services.items() if name != "operator"]
    assert all(service["healthcheck"]["test"][0] == "CMD" for service in lasting)


def test_what_the_others_need_on_the_bus_is_made_before_they_start(services: dict[str, dict[str, Any]]) -> None:
    """By the operator, who alone may, and with the settings of all of them; it ends."""
    operator = services["operator"]
    assert (operator["command"], operator["restart"]) == (["clipwire", "provision"], "no")
    assert operator["depends_on"] == {"nats": {"condition": "service_healthy"}}
    assert "CLIPWIRE_ACK_WAIT_S" in operator["environment"]
    for name in SERVICES:
        assert services[name]["depends_on"]["operator"] == {"condition": "service_completed_successfully"}, name


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
            name
            for name, service in services.items()
            if f"{volume}:/var/lib/clipwire-own" in service.get("volumes", [])
        ]
        assert holders == [owner]
        assert services[owner]["environment"]["CLIPWIRE_HOME"] == "/var/lib/clipwire-own"
    homes = {name: services[name]["environment"]["CLIPWIRE_HOME"] for name in SERVICES}
    assert [name for name, home in homes.items() if home != "/var/lib/clipwire"] == ["publisher", "gateway", "telegram"]
    writers = {
        name
        for name, service in services.items()
        if "uploads:/var/lib/clipwire-own/uploads" in service.get("volumes", [])
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
    assert kept == {"archiver", "nats", "operator", "postgres", "producer", "ranker", "renderer"}


def test_only_the_gateway_is_reached_and_only_from_this_machine(services: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert list(published) == ["gateway"]
    assert all(port.startswith("127.0.0.1:") for port in published["gateway"])


def test_the_image_takes_no_program_and_no_settings_from_a_folder_that_others_write_to() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.findall(r"^WORKDIR (.*)$", text, re.MULTILINE) == ["/"]
    assert "PYTHONSAFEPATH=1" in text


def test_the_image_is_made_of_the_lock_and_every_package_for_a_plain_user() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "--require-hashes" in text
    assert re.search(r"^USER clipwire$", text, re.MULTILINE)
    for package in packages["packages"]:
        assert f"COPY {package} /src/{package}\n" in text
        assert f"!{package}\n" in (DEPLOY / "Dockerfile.dockerignore").read_text()


async def test_the_server_it_configures_takes_our_streams_and_syncs_every_write(tmp_path: Path) -> None:
    server = ComposeNats(tmp_path / "compose")
    await server.start()
    try:
        async with (
            open_bus(server.url, name="test", within=20) as bus,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.monitor}") as http,
        ):
            assert await drift(bus.client) == []
            assert (await http.get("/healthz")).json() == {"status": "ok"}
            assert (await http.get("/jsz")).json()["config"]["sync_always"] is True
            assert (await http.get("/varz")).json()["max_payload"] == 1 << 20
    finally:
        await server.stop()


async def test_nobody_comes_in_with_the_password_of_another_or_with_none(tmp_path: Path) -> None:
    server = ComposeNats(tmp_path / "compose")
    await server.start()
    try:
        own, others = (urlsplit(server.url_of(user)).password for user in ("ranker", "vlm"))
        assert await greeted(server.port, {"user": "ranker", "pass": own}) == "PONG"
        for said in ({"user": "ranker", "pass": others}, {"user": "ranker"}, {"user": "clipwire", "pass": own}, {}):
            assert await greeted(server.port, said) == "-ERR 'Authorization Violation'"
    finally:
        await server.stop()


async def greeted(port: int, said: Mapping[str, str | None]) -> str:
    """What the server answers to who connects like this, by the client protocol of NATS."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"CONNECT {json.dumps({'verbose': False, **said})}\r\nPING\r\n".encode())
    await reader.readline()  # INFO
    answer = (await reader.readline()).decode().strip()
    writer.close()
    await writer.wait_closed()
    return answer
