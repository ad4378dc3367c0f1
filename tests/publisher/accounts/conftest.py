"""A publisher's accounts on a real database, and the platform that they are on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.publisher.account_bench import AccountBench, account_bench
from tests.publisher.oauth_server import OAuthServer


@pytest.fixture
async def bench(database_url: str, tmp_path: Path) -> AsyncIterator[AccountBench]:
    server = OAuthServer()
    with server.running():
        async with account_bench(database_url, tmp_path / "home", server) as opened:
            yield opened
