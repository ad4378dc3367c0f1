"""What the tests of one platform use: its server and a kit on it, by the `CASE` that their module names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.publisher.platforms.kit import Case, Kit
from tests.publisher.platforms.server import PlatformServer


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    """The platform as the module has it; `OTHER` with `@pytest.mark.parametrize("case", [OTHER])`."""
    named: Case = request.module.CASE
    return named


@pytest.fixture
def server(case: Case) -> PlatformServer:
    return case.server()


@pytest.fixture
async def kit(case: Case, server: PlatformServer, tmp_path: Path) -> AsyncIterator[Kit]:
    with server.running():
        async with Kit(case, server, tmp_path) as kit:
            yield kit
