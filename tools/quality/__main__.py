"""Makes the talks, analyses them and prints the figures: `python -m tools.quality [--write] [--jobs N] [TALK…]`.

A talk is a seed (`7`), a range (`0-19`), or a kind (`duo`, which is in both halves); without one, all are measured.
Exit code 1 if an aim is missed. What failed is told for seeds 0 to 19 only: the other half is for counting.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tools.quality.counts import Measured
from tools.quality.making.kinds import KINDS
from tools.quality.making.script import HALF
from tools.quality.making.talk import Talk, made, shelf
from tools.quality.measures import measured
from tools.quality.report import lines, missed, page
from tools.quality.running import outcome

PAGE = Path(__file__).resolve().parents[2] / "docs/quality.md"


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(prog="make quality", description="measures the analysis on the labelled set")
    parser.add_argument("talks", nargs="*", metavar="TALK", help="a seed, a range of seeds, or a kind of talk")
    parser.add_argument("--write", action="store_true", help="write docs/quality.md; takes all talks")
    parser.add_argument("--jobs", type=int, default=2, help="talks that are made at a time")
    asked = parser.parse_args()
    if asked.write and asked.talks:
        parser.error("--write takes no talks: the page tells of all of them")
    talks = _made(_seeds(asked.talks, parser), asked.jobs)
    results = _measured(talks)
    print("\n".join(lines(results)))
    if asked.write:
        PAGE.write_text(page(results, _commit()), encoding="utf-8")
        print(f"\nwritten: {PAGE}")
    not_reached = missed(results)
    print("\n" + ("\n".join(["not reached:", *not_reached]) if not_reached else "all aims are reached"))
    raise SystemExit(1 if not_reached else 0)


def _seeds(names: Sequence[str], parser: argparse.ArgumentParser) -> list[int]:
    kinds = [kind.name for kind in KINDS]
    seeds: list[int] = []
    for name in names:
        first, _, last = name.partition("-")
        if name in kinds:
            seeds += [kinds.index(name), kinds.index(name) + HALF]
        elif first.isdecimal() and (last or first).isdecimal():
            seeds += range(int(first), int(last or first) + 1)
        else:
            parser.error(f"no talk is called {name}; kinds are {', '.join(kinds)}")
    return seeds or list(range(2 * HALF))


def _made(seeds: Sequence[int], jobs: int) -> list[Talk]:
    home, begun = shelf(), time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        talks = []
        for talk in pool.map(partial(made, home=home), seeds):
            talks.append(talk)
            _tell(f"{len(talks)} of {len(seeds)} talks are made")
    _tell(f"{len(talks)} talks are in {home}, made in {time.monotonic() - begun:.0f} s\n")
    return talks


def _measured(talks: Sequence[Talk]) -> list[Measured]:
    results = []
    for talk in talks:
        results.append(measured(talk.truth, outcome(talk)))
        _tell(f"{len(results)} of {len(talks)} talks are measured")
    _tell("\n")
    return results


def _commit() -> str:
    """The short name of what is checked out, marked if there is more than that."""
    git = ("git", "-C", str(PAGE.parent), "describe", "--always", "--dirty")
    return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()


def _tell(text: str) -> None:
    sys.stderr.write(f"\r{text}")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
