"""Runs processes and starts those that end again, with a growing pause."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from runtime.child import die_with_parent
from runtime.embed import NatsServer, PostgresServer
from runtime.errors import Unavailable
from runtime.refusal import REFUSED, TOLD
from runtime.tasks import end

__all__ = ["Child", "Pace", "Supervisor"]

log = structlog.get_logger(__name__)

_WATCH_S = 0.2
_STEADY_S = 30.0


class Pace:
    """How long to wait before what has ended is started again. `longest`: at most so many seconds."""

    def __init__(self, longest: float = 15.0) -> None:
        self.longest = longest
        self.failures = 0

    def ended(self, *, killed: bool) -> float:
        """It has ended: seconds to wait, growing from one failure to the next.

        One that was killed did nothing wrong: it starts again at once, unless that keeps happening.
        """
        self.failures += 1
        return 0.0 if killed and self.failures <= 3 else min(self.longest, 0.5 * 2 ** min(self.failures, 30))

    def ran(self, seconds: float) -> bool:
        """It has run for so long; true: its failures are forgotten now."""
        steady = bool(self.failures) and seconds > _STEADY_S
        if steady:
            self.failures = 0
        return steady


class Child:
    """One module as a process. `log_file`: where its output goes; none: to ours."""

    def __init__(
        self,
        module: str,
        environment: Mapping[str, str],
        log_file: Path | None = None,
        *,
        arguments: Sequence[str] = (),
    ) -> None:
        self.module = module
        self.arguments = arguments
        self.environment = environment
        self.log_file = log_file
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.pace = Pace()
        self.due = 0.0
        self.code: int | None = None
        self.last_words = ""
        self._told: int | None = None

    @property
    def name(self) -> str:
        """Last part of the module: `actors.ranker` is `ranker`."""
        return self.module.rpartition(".")[2]

    @property
    def failures(self) -> int:
        """How often it has ended since it last ran steadily."""
        return self.pace.failures

    @property
    def pid(self) -> int | None:
        """Process id, while it is alive."""
        return self.process.pid if self.process is not None and self.process.poll() is None else None

    def start(self) -> None:
        """Start the process; it ends with this one."""
        self.close()
        output = self.log_file.open("ab") if self.log_file else None
        self._told, telling = os.pipe()
        os.set_blocking(self._told, False)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, *self.arguments],
                env={**self.environment, TOLD: str(telling)},
                pass_fds=(telling,),
                stdin=subprocess.DEVNULL,
                stdout=output or sys.stderr,
                stderr=output or sys.stderr,
                start_new_session=True,  # Ctrl-C goes to the supervisor, which stops its children in order
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509  # two system calls, no lock
            )
        finally:
            os.close(telling)
            if output:
                output.close()
        self.started = time.monotonic()

    @property
    def refused(self) -> bool:
        """Whether it ended last because a setting is wrong."""
        return self.code == REFUSED

    def reap(self) -> int | None:
        """Take note of its end: exit code and what it said, if it knew why."""
        if self.process is not None:
            self.code, self.process = self.process.returncode, None
            self.last_words = self._hear()
            if self.last_words and self.log_file:
                with self.log_file.open("a", encoding="utf-8") as log_file:
                    log_file.write(f"clipwire: {self.last_words}\n")
        return self.code

    def _hear(self) -> str:
        """What it said on its pipe, which holds more than it ever says."""
        try:
            return os.read(self._told, 4096).decode("utf-8", "replace") if self._told is not None else ""
        except BlockingIOError:  # nothing, and a process that it left behind holds the other end
            return ""

    def close(self) -> None:
        """Listen no more to what it may say at its end."""
        if self._told is not None:
            os.close(self._told)
            self._told = None


class Supervisor:
    """Keeps children and embedded servers alive until it is stopped. `longest_pause`: at most so many seconds."""

    def __init__(
        self,
        children: Sequence[Child],
        servers: Sequence[NatsServer | PostgresServer] = (),
        *,
        longest_pause: float = 15.0,
    ) -> None:
        self.children = children
        self.longest_pause = longest_pause
        self.servers = servers
        self._watches: list[asyncio.Task[None]] = []
        for child in children:
            child.pace.longest = longest_pause

    def start(self) -> None:
        """Start every child, and watch."""
        for child in self.children:
            child.start()
        self._watches = [asyncio.create_task(self._keep_children())]
        self._watches += [asyncio.create_task(self._keep_server(server)) for server in self.servers]

    def check(self) -> None:
        """Raise what ended the watching, if something did."""
        for watch in self._watches:
            if watch.done():
                watch.result()

    async def stop(self, drain: float) -> None:
        """SIGTERM to every child; SIGKILL to those that are still there `drain` seconds later."""
        await end(*self._watches)
        alive = [child.process for child in self.children if child.process is not None]
        for process in alive:
            if process.poll() is None:
                process.terminate()
        await asyncio.gather(*(asyncio.to_thread(_end, process, drain) for process in alive))
        for child in self.children:
            child.close()

    async def _keep_children(self) -> None:
        while True:
            for child in self.children:
                self._tend(child)
            await asyncio.sleep(_WATCH_S)

    async def _keep_server(self, server: NatsServer | PostgresServer) -> None:
        """Start it again whenever it ends. Only a setting that can't work ends that: everything else may pass.

        One that was started and does not answer yet may be reading a long log, so it is left alone while it runs.
        """
        pace, started = Pace(self.longest_pause), time.monotonic()
        while True:
            if server.running:
                pace.ran(time.monotonic() - started)
                await asyncio.sleep(_WATCH_S)
                continue
            code = server.process.returncode if server.process is not None else None
            pause = pace.ended(killed=code is not None and code < 0)
            log.warning("server.ended", server=server.name, code=code, again_in_s=pause)
            await asyncio.sleep(pause)
            started = time.monotonic()
            try:
                await server.start()
            except (Unavailable, OSError) as error:
                log.warning("server.not_there_yet", server=server.name, why=str(error))
            else:
                log.info("server.started_again", server=server.name)

    def _tend(self, child: Child) -> None:
        now = time.monotonic()
        if child.pid is not None:
            if child.pace.ran(now - child.started):
                child.code = None
            return
        if child.process is not None:
            code = child.reap()
            pause = child.pace.ended(killed=code is not None and code < 0)
            child.due = now + pause
            log.warning("process.ended", process=child.name, code=code, why=child.last_words or None, again_in_s=pause)
        if now >= child.due:
            child.start()


def _end(process: subprocess.Popen[bytes], drain: float) -> None:
    try:
        process.wait(drain)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
