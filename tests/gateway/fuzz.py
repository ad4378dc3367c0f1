"""Schemathesis over the OpenAPI document against the real door, NATS and PostgreSQL: `python -m tests.gateway.fuzz`.

No answer may be a 5xx but a documented 503, have a status or content that is not documented, or not be what its schema
says. `GET /api/v1/events` has no end and is left to tests of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support.hermetic import forget_this_machine

__all__ = ["Result", "fuzz"]

TOKEN = "a-token-for-the-fuzzing-of-the-door"
_CHECKS = "status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"
_COUNT = re.compile(r"(\d[\d,]*) generated")


@dataclass(frozen=True)
class Result:
    """What schemathesis said, and how many requests it made."""

    code: int
    cases: int
    said: str


async def fuzz(url: str, *, examples: int, phases: str, only: str = ".*", seed: int = 1) -> Result:
    """`examples`: at most so many of each operation and phase; `only`: of paths that this expression finds."""
    program = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json",
        "--header", f"Authorization: Bearer {TOKEN}", "--exclude-path", "/api/v1/events", "--include-path-regex", only,
        "--checks", _CHECKS, "--phases", phases, "--max-examples", str(examples), "--seed", str(seed),
        "--generation-database", "none", "--request-timeout", "20", "--continue-on-failure", "--no-color",
        "--suppress-health-check", "all",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said = (await process.communicate())[0].decode()
    found = _COUNT.search(said)
    return Result(process.returncode or 0, int(found[1].replace(",", "")) if found else 0, said)


async def _main(examples: int, phases: str, only: str, seed: int) -> int:
    forget_this_machine()  # some settings are read when their class is made
    from gateway.http.server import serving
    from gateway.http.settings import GatewaySettings
    from runtime.embed import NatsServer, PostgresServer
    from runtime.settings import RuntimeSettings

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        nats, postgres = NatsServer(folder / "nats", sync="2m"), PostgresServer(folder / "pg")
        await nats.start()
        await postgres.start()
        try:
            runtime = RuntimeSettings(home=folder / "home", nats_url=nats.url, database_url=postgres.url, drain_s=1)
            async with serving(runtime, GatewaySettings(http_port=0), TOKEN) as url:
                result = await fuzz(url, examples=examples, phases=phases, only=only, seed=seed)
        finally:
            await nats.stop()
            await postgres.stop()
    print(result.said)
    print(f"{result.cases} cases, exit code {result.code}")
    return result.code


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=150, help="of each operation at most")
    parser.add_argument("--phases", default="examples,coverage,fuzzing")
    parser.add_argument("--only", default=".*", help="expression that the paths fit")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    raise SystemExit(asyncio.run(_main(given.examples, given.phases, given.only, given.seed)))
