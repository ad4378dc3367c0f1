"""Settings of the archiver."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from runtime.settings import Settings


class ArchiverSettings(Settings):
    """How many manifests are written at a time."""

    archiver_slots: Annotated[
        int,
        Field(
            ge=1, le=64, description="manifests that one archiver process writes at a time, reading every file again"
        ),
    ] = 2
