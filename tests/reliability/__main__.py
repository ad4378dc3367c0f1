"""`make reliability`: runs the trial and writes docs/reliability.md; exits with 1 if a promise was broken."""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.reliability.trial import FAULTS, WORKERS, Result, trial
from tests.reliability.worker import HURRY, SLOWEST_S

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publications", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    parser.add_argument("--only", help="one platform alone")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clipwire-trial-") as folder:
        result = asyncio.run(trial(Path(folder), publications=asked.publications, seed=asked.seed, only=asked.only))
    page = _page(result, asked.seed)
    print(page)
    if asked.write:
        PAGE.write_text(page, encoding="utf-8")
    return 1 if result.wrong else 0


def _page(result: Result, seed: int) -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    rows = "\n".join(f"| {name} | {done} | {unsure} |" for name, (done, unsure) in sorted(result.platforms.items()))
    wrong = "\n".join(f"- {line}" for line in result.wrong) or "None."
    return f"""# Reliability of publishing

Written by `make reliability ARGS="--publications {result.publications} --seed {seed} --write"` at {commit or "?"}.

{result.publications} publications on {len(result.platforms)} platforms, each imitated by a local server that behaves
as the platform does. {WORKERS} publisher processes share the work; while it goes on they are killed (SIGKILL) at
random, and the NATS server with them, and {FAULTS:.0%} of all requests meet a fault: a connection that breaks before
the request, in the middle of it, or after it was carried out and before its answer; 429 and 503 with and without
`Retry-After`; 500, also after the work was done. Waiting is shortened: platforms are polled {1 / HURRY:.0f} times as
fast, and what does not answer is asked again after {SLOWEST_S:.0f} s at most, not after ten minutes.

| | |
| --- | --- |
| publications | {result.publications} |
| done, and there exactly once, byte for byte | {result.done} |
| unconfirmed: left to a person, and there once at most | {result.unconfirmed} |
| lost, doubled, damaged or failed | {len(result.wrong)} |
| kills of publisher processes | {result.worker_kills} |
| kills of the NATS server | {result.server_kills} |
| requests that reached the platforms | {result.requests} |
| seconds | {result.seconds:.0f} |

| platform | done | unconfirmed |
| --- | --- | --- |
{rows}

Broken promises:

{wrong}
"""


if __name__ == "__main__":
    sys.exit(main())
