"""Runs every benchmark, or those that are named: `python -m bench pipeline footprint`."""

from __future__ import annotations

import os
import platform
import sys

import uvloop

from bench import analysis, door, footprint, pipeline, render, replay, schedule, upload

ALL = {
    "pipeline": pipeline,
    "footprint": footprint,
    "replay": replay,
    "render": render,
    "analysis": analysis,
    "schedule": schedule,
    "upload": upload,
    "door": door,
}


def main() -> None:
    """Print the machine, then each benchmark with its figures."""
    names = sys.argv[1:] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        raise SystemExit(f"bench: no benchmark is called {', '.join(unknown)}; there are {', '.join(ALL)}")
    machine = f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}")
    for name in names:
        print(f"\n{name}: {ALL[name].__doc__}")
        uvloop.run(ALL[name].main())  # as the actors do


if __name__ == "__main__":
    main()
