"""A server program as a child process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from runtime.child import die_with_parent
from runtime.environment import without_secrets
from runtime.errors import Unavailable
from runtime.files import write_atomically

__all__ = ["Server", "free_port"]


def free_port() -> int:
    """A TCP port of 127.0.0.1 that the system says is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
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
                env=without_secrets(os.environ),
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
