"""Reads from an actor's code what it listens to and what it emits, without importing it."""

from __future__ import annotations

import ast
import importlib.util
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts import subjects as known
from contracts.subjects import Subject
from runtime.errors import ConfigurationError
from runtime.topology import Consumer

__all__ = [
    "Flow",
    "Needs",
    "actor_folder",
    "actor_names",
    "consumers_of",
    "read_docstring_flow",
    "read_flow",
    "read_flow_in",
    "read_needs",
    "read_own_commands",
]


_CLAIMS = ("claims (?=[a-z-]+$)", "seen claims (?=[a-z-]+$)")


@dataclass(frozen=True)
class Flow:
    """Subjects by name, in the order of the code. `handlers`: function name per subject that is listened to."""

    listens: tuple[str, ...]
    emits: tuple[str, ...]
    handlers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Needs:
    """What an actor uses besides events. `claims`: the families that it takes; `seen`: those that it reads."""

    claims: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    channels: bool = False
    timers: bool = False


def actor_names() -> list[str]:
    """Every actor that is installed, by name."""
    return sorted(module.name for module in pkgutil.iter_modules([str(_actors())]) if module.ispkg)


def actor_folder(name: str) -> Path:
    """The folder of an actor."""
    return _actors() / name


def _actors() -> Path:
    spec = importlib.util.find_spec("actors")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError("the package `actors` is missing", advice="Install Clipwire whole")
    return Path(next(iter(spec.submodule_search_locations)))


def read_flow(name: str) -> Flow:
    """The flow of an installed actor. Raises `ValueError` for a subject that the contracts do not know."""
    return read_flow_in(actor_folder(name))


def read_flow_in(folder: Path) -> Flow:
    """The flow of the actor in `folder`.

    `@actor.listen(SUBJECT)` and `work.emit(SUBJECT, …)` name their subject; an emit of a computed one
    (`command.subject`) stands for every `Command(SUBJECT, …)` of its core.
    """
    handlers: list[tuple[str, str]] = []
    emits: list[str] = []
    for node in _nodes(folder, "listen", "emit"):
        if isinstance(node, ast.AsyncFunctionDef):
            handlers += [(subject, node.name) for subject in _listened(node)]
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "emit"
            and node.args
        ):
            subject_name = _subject(node.args[0])
            emits += [subject_name] if subject_name else _commands(folder)
    handlers.sort()
    return Flow(
        tuple(dict.fromkeys(subject for subject, _ in handlers)), tuple(sorted(dict.fromkeys(emits))), tuple(handlers)
    )


def read_own_commands(folder: Path) -> tuple[str, ...]:
    """The commands that the actor in `folder` sends by itself, caused by no event: `new_command(SUBJECT, …)`."""
    commands, found = {subject.name for subject in known.COMMANDS}, list[str]()
    for node in _nodes(folder, "new_command"):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "new_command":
            subject = _subject(node.args[0]) if node.args else None
            found += [subject] if subject in commands else []
    return tuple(sorted(dict.fromkeys(found)))


def _nodes(folder: Path, *names: str) -> Iterator[ast.AST]:
    """Everything in those of its modules where one of these names stands at all: few, and to parse takes its time."""
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if any(name in text for name in names):
            yield from ast.walk(ast.parse(text))


def read_docstring_flow(folder: Path) -> Flow:
    """What the docstring of `__init__.py` says: `a.b, c.d -> e.f`, in any number of lines. Raises `ValueError`."""
    match = re.fullmatch(r"([a-z., ]+?) -> ([a-z., ]+)", _paragraph(folder, 0))
    if match is None:
        raise ValueError(f"{folder.name}/__init__.py: the docstring is not like `candidate.found -> candidate.ranked`")
    left, right = ([word.strip() for word in side.split(",")] for side in match.groups())
    return Flow(tuple(sorted(left)), tuple(sorted(right)))


def read_needs(folder: Path) -> Needs:
    """The second paragraph of that docstring: `Needs: claims publish, seen claims rejected, channels, timers`.

    Raises `ValueError` for anything else.
    """
    text = _paragraph(folder, 1)
    words = [word.strip() for word in text.removeprefix("Needs:").split(",")] if text else []
    taken, seen = (tuple(re.sub(kind, "", word) for word in words if re.match(kind, word)) for kind in _CLAIMS)
    needs = Needs(taken, seen, "channels" in words, "timers" in words)
    known = len(taken) + len(seen) + needs.channels + needs.timers
    if text and (known != len(words) or not text.startswith("Needs:")):
        raise ValueError(
            f"{folder.name}/__init__.py: what it needs is not like `Needs: claims publish, channels, timers`"
        )
    return needs


def _paragraph(folder: Path, number: int) -> str:
    """A paragraph of the package's docstring, in one line; empty where there is none."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    return " ".join("".join(text.split("\n\n")[number : number + 1]).split())


def consumers_of(names: Iterable[str], ack_wait: float) -> list[Consumer]:
    """The consumers of these actors, as their packages say. Raises `ValueError` where one does not say."""
    return [
        Consumer(name, subject, ack_wait)
        for name in names
        for subject in read_docstring_flow(actor_folder(name)).listens
    ]


def _listened(function: ast.AsyncFunctionDef) -> list[str]:
    calls = [
        call
        for call in function.decorator_list
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "listen"
    ]
    return [subject for call in calls if (subject := _subject(call.args[0]))]


def _subject(node: ast.expr) -> str | None:
    if not isinstance(node, ast.Name):
        return None
    value = getattr(known, node.id, None)
    if isinstance(value, Subject):
        return value.name
    raise ValueError(f"{node.id} is no subject of contracts.subjects")


def _commands(folder: Path) -> list[str]:
    """Subjects of the commands in its core, a module or a package."""
    modules = sorted((folder / "core").glob("**/*.py")) or [folder / "core.py"]
    trees = (ast.parse(module.read_text(encoding="utf-8")) for module in modules)
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Command" and call.args)
    return [subject for call in named if isinstance(call.args[0], ast.Name) and (subject := _subject(call.args[0]))]
