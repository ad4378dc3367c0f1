"""The SQL of the users. Their schema is no read model: what is in it stands nowhere else."""

from __future__ import annotations

from pathlib import Path

from runtime.database import Sql

__all__ = ["SQL", "statement"]

SQL = Sql(Path(__file__).parent / "sql")
statement = SQL.statement
