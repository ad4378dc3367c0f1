"""The picture of the flow in README.md, made from the actors' code."""

from __future__ import annotations

from pathlib import Path

from contracts.subjects import COMMANDS
from runtime.flow import Flow, read_docstring_flow, read_flow_in, read_own_commands

__all__ = ["actor_folders", "contradictions", "mermaid", "with_picture"]

BEGIN, END = "<!-- flow: begin (generated: make references) -->", "<!-- flow: end -->"


def actor_folders(root: Path) -> list[Path]:
    """The folders of all actors below `root`."""
    return sorted(path.parent for path in (root / "actors").glob("*/__init__.py"))


def contradictions(root: Path) -> list[str]:
    """Actors whose docstring says something else than their code, one line each."""
    lines = []
    for folder in actor_folders(root):
        try:
            code, said = read_flow_in(folder), read_docstring_flow(folder)
        except ValueError as error:
            lines.append(str(error))
            continue
        for what, real, told in (("listens to", code.listens, said.listens), ("emits", code.emits, said.emits)):
            if set(real) != set(told):
                does = ", ".join(real) or "nothing"
                lines.append(f"{folder.name}/__init__.py says that it {what} {', '.join(told)}; the code: {does}")
    return lines


def mermaid(flows: dict[str, Flow], own: dict[str, tuple[str, ...]]) -> str:
    """A Mermaid flow chart: one edge per subject from an actor to another, and the doors' commands into it.

    `own`: commands that an actor sends by itself, like those of discovery for the folder that it watches.
    """
    lines = ["```mermaid", "flowchart LR", '  door(["person, bot, HTTP, NATS client"])']
    lines += [f"  {name}[{name}]" for name in flows]
    emitted = {subject for flow in flows.values() for subject in flow.emits}
    for name, flow in flows.items():
        for subject in flow.listens:
            sources = [other for other, its in flows.items() if subject in (*its.emits, *own.get(other, ()))]
            lines += [f"  {source} -- {subject} --> {name}" for source in sources]
            if subject in {command.name for command in COMMANDS}:
                lines.append(f"  door -- {subject} --> {name}")
    heard = {subject for flow in flows.values() for subject in flow.listens}
    ends = sorted(emitted - heard)
    lines += [
        f"  {name} -. {subject} .-> feed" for subject in ends for name, flow in flows.items() if subject in flow.emits
    ]
    lines += ['  feed(["event feed, read models"])', "```"]
    return "\n".join(lines)


def with_picture(readme: str, root: Path) -> str:
    """The text of README.md with the picture as the code is now. Raises `ValueError` without its two markers."""
    before, found_begin, rest = readme.partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found_begin or not found_end:
        raise ValueError(f"README.md lacks the markers {BEGIN} and {END}")
    flows = {folder.name: read_flow_in(folder) for folder in actor_folders(root)}
    own = {folder.name: read_own_commands(folder) for folder in actor_folders(root)}
    return f"{before}{BEGIN}\n\n{mermaid(flows, own)}\n\n{END}{after}"
