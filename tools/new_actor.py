"""A new actor's folder of the common shape, with tests: `python -m tools.new_actor NAME`. Changes nothing else."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

__all__ = ["create"]

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = Path(__file__).with_name("actor_template")


def create(name: str, root: Path = ROOT) -> list[Path]:
    """Write the files; their paths. Raises `ValueError` for a name that cannot be one, or that is taken."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,30}", name) or keyword.iskeyword(name) or name.endswith("_"):
        raise ValueError(f"{name!r} cannot be an actor's name: two to 31 of a-z, 0-9 and _, a letter first")
    homes = {"actor": root / "actors" / name, "tests": root / "tests" / name}
    for home in homes.values():
        if home.exists():
            raise ValueError(f"{home.relative_to(root)} is there already")
    written = []
    for template in sorted(TEMPLATES.rglob("*.txt")):
        kind, _, rest = template.relative_to(TEMPLATES).as_posix().partition("/")
        target = homes[kind] / rest.removesuffix(".txt").replace("NAME", name)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = template.read_text(encoding="utf-8")
        title = "".join(part.capitalize() for part in name.split("_"))
        target.write_text(
            text.replace("{{name}}", name).replace("{{Name}}", title).replace("{{NAME}}", name.upper()),
            encoding="utf-8",
        )
        written.append(target)
    return written


def main() -> None:
    """See the module's docstring."""
    try:
        written = create(sys.argv[1] if len(sys.argv) > 1 else "")
    except ValueError as error:
        print(f"new-actor: {error}. Usage: make new-actor NAME=subtitler", file=sys.stderr)
        raise SystemExit(2) from None
    for path in written:
        print(path.relative_to(ROOT))
    print("Next: say in actor.py what it listens to and emits; then make references")


if __name__ == "__main__":
    main()
