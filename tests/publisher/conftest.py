"""A bench for what needs no real bus and no database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.publisher.support import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
