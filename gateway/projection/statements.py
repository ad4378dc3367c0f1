"""The SQL of the read models."""

from __future__ import annotations

from pathlib import Path

from runtime.database import Sql

__all__ = ["SQL", "statement"]

SQL = Sql(Path(__file__).parent / "sql")
statement = SQL.statement
