"""Prompts by their names: `prompts/<name>.<version>.md`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template

__all__ = ["Prompt", "prompt"]

_FOLDER = Path(__file__).resolve().parents[2] / "prompts"


@dataclass(frozen=True)
class Prompt:
    """A prompt. `name` is what events call it, for example `questions/1`."""

    name: str
    text: str

    def filled(self, **values: str) -> str:
        """The text with its `$names` in place."""
        return Template(self.text).substitute(values)


@lru_cache
def prompt(name: str) -> Prompt:
    """The newest version of a prompt."""
    found = {int(path.name.split(".")[1]): path for path in _FOLDER.glob(f"{name}.*.md")}
    version = max(found)
    return Prompt(f"{name}/{version}", found[version].read_text(encoding="utf-8"))
