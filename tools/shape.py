"""The shape of an actor's folder: `python -m tools.shape` names what is missing, surplus, or does not belong."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from runtime.flow import read_flow_in
from tools.flow import actor_folders, contradictions

__all__ = ["faults"]

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = ("README.md", "__init__.py", "__main__.py", "settings.py", "actor.py")
PACKABLE = ("core", "ports")
"""What the actor decides and what it needs of the outside: each one module or, where that would be long, a package of
modules. Both forms of a core are held to the same rules."""
OPTIONAL = ("adapters", "store.py", "sql", "prompts", "__pycache__")
CARD = {
    "listens": "listens",
    "emits": "emits",
    "idempotency key": "idempotency",
    "retries": "retries|tries again|tried again",
    "needs": "needs",
    "how it fails": "fails|refuses",
}
# Modules that reach outside of the process, or wait. The core decides from what it is given.
OUTSIDE = frozenset(
    {"asyncio", "socket", "subprocess", "threading", "multiprocessing", "pathlib", "os", "io", "shutil", "tempfile"}
    | {"time", "urllib.request", "http", "requests", "httpx", "nats", "faststream", "asyncpg", "av", "cv2", "yt_dlp"}
    | {"faster_whisper", "runtime", "gateway", "cli"}
)


def faults(root: Path = ROOT) -> list[str]:
    """One line per fault, naming the file."""
    lines = []
    for folder in actor_folders(root):
        lines += [*_files(folder), *_packages(folder), *_core(folder), *_handlers(folder), *_card(folder)]
    stray = [path.name for path in (root / "actors").iterdir() if path.is_file() and path.name != "__init__.py"]
    return lines + [f"actors/{name}: surplus" for name in stray] + contradictions(root)


def _files(folder: Path) -> list[str]:
    there = {path.name for path in folder.iterdir()}
    missing = [f"actors/{folder.name}/{name}: missing" for name in REQUIRED if name not in there]
    if not there & {"core.py", "core"}:
        missing.append(f"actors/{folder.name}/core.py: missing")
    known = {*REQUIRED, *OPTIONAL, *PACKABLE, *(f"{name}.py" for name in PACKABLE)}
    return missing + [f"actors/{folder.name}/{name}: surplus" for name in sorted(there - known)]


def _packages(folder: Path) -> list[str]:
    """What is wrong with the packages that stand for a module."""
    lines = []
    for name in PACKABLE:
        package = folder / name
        if not package.exists():
            continue
        if (folder / f"{name}.py").exists():
            lines.append(f"actors/{folder.name}/{name}.py: surplus beside the package {name}/")
        elif not (package / "__init__.py").is_file():
            lines.append(f"actors/{folder.name}/{name}/__init__.py: missing")
        lines += [
            f"actors/{folder.name}/{path.relative_to(folder).as_posix()}: surplus"
            for path in sorted(package.rglob("*"))
            if path.is_file() and path.suffix not in {".py", ".pyc"}
        ]
    return lines


def _core(folder: Path) -> list[str]:
    modules = [folder / "core.py", *sorted((folder / "core").rglob("*.py"))]
    return [line for path in modules if path.is_file() for line in _impure(folder, path)]


def _impure(folder: Path, path: Path) -> list[str]:
    """What a module of the core does that is no decision."""
    lines = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"actors/{folder.name}/{path.relative_to(folder).as_posix()}:{getattr(node, 'lineno', 1)}"
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        lines += [
            f"{where}: imports {name}; a core decides and does no I/O"
            for name in names
            if name in OUTSIDE or name.split(".")[0] in OUTSIDE - {"http"}
        ]
        if isinstance(node, ast.AsyncFunctionDef | ast.Await):
            lines.append(f"{where}: waits; a core is synchronous")
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"open", "print", "input"}
        ):
            lines.append(f"{where}: calls {node.func.id}")
    return lines


def _handlers(folder: Path) -> list[str]:
    if not (folder / "actor.py").exists():
        return []
    handlers = [(subject, name, f"on_{subject.replace('.', '_')}") for subject, name in read_flow_in(folder).handlers]
    return [
        f"actors/{folder.name}/actor.py: the handler of {subject} is named {name}, should be {right}"
        for subject, name, right in handlers
        if name != right
    ]


def _card(folder: Path) -> list[str]:
    path = folder / "README.md"
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8").lower()
    missing = [name for name, words in CARD.items() if not re.search(rf"\b({words})\b", text)]
    return [f"actors/{folder.name}/README.md: the card does not say: {name}" for name in missing]


def main() -> None:
    """See the module's docstring."""
    lines = faults()
    for line in lines:
        print(line)
    raise SystemExit(1 if lines else 0)


if __name__ == "__main__":
    main()
