"""SQL lives in named files: `-- name: x` begins a statement, the comment below it says what it is for."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["migrations", "statement"]

_FOLDER = Path(__file__).parent / "sql"
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def _statements(file: str) -> dict[str, str]:
    _, *parts = _NAME.split((_FOLDER / file).read_text(encoding="utf-8"))
    return dict(zip(parts[::2], parts[1::2], strict=True))


def statement(file: str, name: str) -> str:
    """The statement `name` of `sql/<file>`. Raises `KeyError` for a name that is not there."""
    return _statements(file)[name].strip()


def migrations() -> list[tuple[str, str]]:
    """Name and text of every migration, in their order."""
    files = sorted((_FOLDER / "migrations").glob("*.sql"))
    return [(file.stem, file.read_text(encoding="utf-8")) for file in files]
