"""What several tests of the transcriber need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.transcriber.services import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    """A transcription service that hears what is true until a test says otherwise."""
    with serving() as running:
        yield running
