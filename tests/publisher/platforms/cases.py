"""The platforms that have a server here: one line each."""

from __future__ import annotations

from tests.publisher.platforms.kit import Case

__all__ = ["CASES"]

CASES: dict[str, Case] = {}
