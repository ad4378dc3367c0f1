"""Every gate, one after the other; all are run, so that one call shows everything: `python -m tools.check`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

__all__ = ["GATES"]

ROOT = Path(__file__).resolve().parents[1]
GATES: dict[str, list[str]] = {
    "format": ["-m", "ruff", "format", "--check", "."],
    "lint": ["-m", "ruff", "check", "."],
    "types": ["-m", "mypy"],
    "imports": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    "references": ["-m", "tools.references", "--check"],
    "shape": ["-m", "tools.shape"],
}


def main() -> None:
    """Run the gates that are named, all if none is; exit code 1 if one is red."""
    red = []
    for name in sys.argv[1:] or GATES:
        begun = time.monotonic()
        done = subprocess.run([sys.executable, *GATES[name]], cwd=ROOT, capture_output=True, text=True, check=False)
        good = done.returncode == 0
        print(f"{name:<11} {'ok' if good else 'RED'}  {time.monotonic() - begun:.1f} s", flush=True)
        if not good:
            red.append(name)
            print((done.stdout + done.stderr).rstrip(), flush=True)
    raise SystemExit(f"red: {', '.join(red)}" if red else 0)


if __name__ == "__main__":
    main()
