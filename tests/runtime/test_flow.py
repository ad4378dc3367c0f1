"""The picture of the flow is made of what the code does."""

from __future__ import annotations

from pathlib import Path

from runtime.flow import Flow, read_docstring_flow, read_own_commands
from tests.cli.conftest import ROOT
from tools.flow import actor_folders, with_picture


def test_what_an_actor_sends_by_itself_is_in_the_picture() -> None:
    own = {folder.name: read_own_commands(folder) for folder in actor_folders(ROOT)}
    assert {name: commands for name, commands in own.items() if commands} == {"discovery": ("discovery.requested",)}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "  discovery -- discovery.requested --> discovery\n" in readme
    assert with_picture(readme, ROOT) == readme


def test_the_picture_names_only_doors_that_there_are() -> None:
    [door] = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if "  door([" in line]
    assert door == '  door(["person, bot, HTTP, NATS client"])'


def test_a_long_docstring_may_be_wrapped(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text('"""a.b,\nc.d ->\n  e.f, g.h"""\n')
    assert read_docstring_flow(tmp_path) == Flow(("a.b", "c.d"), ("e.f", "g.h"))
