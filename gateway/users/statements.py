"""The SQL of the users."""

from __future__ import annotations

from pathlib import Path

from runtime.database import Sql

__all__ = ["migrations", "statement"]

_SQL = Sql(Path(__file__).parent / "sql")
statement = _SQL.statement
migrations = _SQL.migrations
