"""The compose file without Docker: what each service is given, and the NATS server as it is configured there."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml
from dotenv import dotenv_values

from runtime.embed import free_port
from runtime.embed.nats import OPERATOR, nats_binary
from tools.compose_settings import SERVICES, nats_user

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "compose"
_VARIABLE = re.compile(r"\$\{(\w+)(:[?-])([^}]*)\}")


def services() -> dict[str, dict[str, Any]]:
    """The services, with anchors, merges and what they extend resolved."""
    found: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    for service in found.values():
        if extended := service.get("extends"):
            base = yaml.safe_load((FOLDER / extended["file"]).read_text())["services"][extended["service"]]
            service["environment"] = {**base["environment"], **service.get("environment", {})}
    return found


def made_env(folder: Path) -> dict[str, str]:
    """What `env.sh` makes of `.env.example`, in a copy of the compose file's folder."""
    if not folder.exists():
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns(".env"))
    subprocess.run(["sh", str(folder / "env.sh")], check=True, capture_output=True, timeout=60)
    return {name: value or "" for name, value in dotenv_values(folder / ".env").items()}


def environments(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The environment that the compose file itself gives each service, when `values` are those of `.env`."""
    return {name: _environment(service["environment"], values) for name, service in services().items()}


def _environment(said: Mapping[str, str | None], values: Mapping[str, str]) -> dict[str, str]:
    def value(match: re.Match[str]) -> str:
        return values[match[1]] if match[2] == ":?" else values.get(match[1]) or match[3]

    set_there = {name: values.get(name) if text is None else _VARIABLE.sub(value, text) for name, text in said.items()}
    return {name: text for name, text in set_there.items() if text is not None}


class ComposeNats:
    """The service `nats` on this machine: its files, its command, its environment; ports and disk are ours."""

    def __init__(self, folder: Path) -> None:
        values = made_env(folder) | {"NATS_RANKER_PASSWORD": "0123456789"}  # no number for the server, either
        self.folder = folder
        self.environments = environments(values)
        self.port, self.monitor = free_port(), free_port()

    @property
    def url(self) -> str:
        """The operator's address."""
        return self.url_of(OPERATOR)

    def url_of(self, user: str) -> str:
        """The address that the service of this user has in its environment, on this machine."""
        [service] = {service for service in (*SERVICES, OPERATOR) if nats_user(service) == user}
        address = self.environments[service]["CLIPWIRE_NATS_URL"]
        assert address.endswith("@nats:4222")
        return address.replace("@nats:4222", f"@127.0.0.1:{self.port}")

    async def start(self) -> None:
        """Start the server, and wait until it is well. Raises `TimeoutError`."""
        config = self.folder / "nats.conf"
        config.write_text(config.read_text().replace(" /data", f' "{self.folder}/data"'))
        ours = ["-a", "127.0.0.1", "-p", str(self.port), "-m", str(self.monitor)]
        with (self.folder / "log").open("wb") as log:
            command = [str(nats_binary()), "-c", str(config), *ours]
            self._process = subprocess.Popen(command, env=self.environments["nats"], stdout=log, stderr=log)
        async with asyncio.timeout(20), httpx.AsyncClient() as http:
            while not await self._well(http):
                await asyncio.sleep(0.05)

    async def _well(self, http: httpx.AsyncClient) -> bool:
        assert self._process.poll() is None, (self.folder / "log").read_text()
        try:
            return (await http.get(f"http://127.0.0.1:{self.monitor}/healthz")).is_success
        except httpx.TransportError:
            return False

    async def stop(self) -> None:
        """End the server at once."""
        self._process.kill()
        await asyncio.to_thread(self._process.wait, 20)
