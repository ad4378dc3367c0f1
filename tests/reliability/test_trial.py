"""A small trial with every run of the tests; `make reliability` runs a thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.trial import trial


@pytest.mark.timeout(240)
async def test_nothing_is_lost_doubled_or_damaged_by_faults_and_kills(tmp_path: Path) -> None:
    result = await trial(tmp_path, publications=16, seed=5)
    assert result.wrong == []
    assert result.done + result.unconfirmed == 16
    assert result.worker_kills > 0
