"""Settings of the ranker."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from runtime.settings import Settings


class RankerSettings(Settings):
    """How many candidates are ranked at a time."""

    ranker_slots: Annotated[
        int, Field(ge=1, le=64, description="candidates that one ranker process ranks at a time")
    ] = 4
